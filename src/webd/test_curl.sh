#!/bin/sh
# test_curl.sh WEBD LOGIN SERVICE: the three programs of the console as they are, a service behind
# them, and curl before them. The bridge is beside LOGIN. Logs in as whoever runs this, by a service
# file of PAM that lets everybody in.
set -eu

root=$(mktemp -d)
pids=
clean() {
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$pids" ] || kill $pids 2>/dev/null || :
	wait
	rm -rf "$root"
}
trap clean EXIT

fail() {
	echo "not so: $1" >&2
	cat "$root"/*.log >&2 2>/dev/null || :
	exit 1
}

mkdir -p "$root/etc/pam.d" "$root/etc/leonhard" "$root/run/leonhard" \
	"$root/usr/share/leonhard/web" "$root/usr/share/leonhard/api" "$root/var/lib/leonhard/webd"
for kind in auth account session; do
	echo "$kind required pam_permit.so"
done >"$root/etc/pam.d/leonhard-webd"
printf '[control]\nusers = *\n' >"$root/etc/leonhard/access.conf"
printf '[login]\nallow_root = yes\n' >"$root/etc/leonhard/webd-login.conf"
echo '<!doctype html><title>console</title>' >"$root/usr/share/leonhard/web/index.html"

"$3" "$root" >"$root/service.log" 2>&1 &
pids="$pids $!"
"$2" --root="$root" >"$root/login.log" 2>&1 &
pids="$pids $!"

# A port that is free: the first of some that the server takes.
port=$((20000 + $$ % 20000))
for _ in 1 2 3 4 5; do
	printf '[http]\naddress = 127.0.0.1\nport = %s\n' "$port" >"$root/etc/leonhard/webd.conf"
	"$1" --root="$root" >"$root/webd.log" 2>&1 &
	webd=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		curl -sk -o "$root/page" --max-time 10 "https://127.0.0.1:$port/" && break 2
		kill -0 "$webd" 2>/dev/null || break
		sleep 0.3
	done
	port=$((port + 1))
done
pids="$pids $webd"
grep -q console "$root/page" || fail "the page is there"

# ask PATH [OPTION...]: the body; its status is in $root/status.
ask() {
	path=$1
	shift
	curl -sk --max-time 20 -b "$root/jar" -c "$root/jar" -w '%{stderr}%{http_code}' "$@" \
		"https://127.0.0.1:$port$path" 2>"$root/status"
}
json='Content-Type: application/json'

ask /api/session >"$root/out"
[ "$(cat "$root/status")" = 401 ] || fail "nobody is logged in"
ask /api/login -H "$json" -d "{\"user\": \"$(id -un)\", \"password\": \"any\"}" >"$root/out"
[ "$(cat "$root/status")" = 200 ] || fail "$(id -un) is let in"
csrf=$(sed 's/.*"csrf":"\([0-9a-f]*\)".*/\1/' "$root/out")
grep -q __Host-leonhard "$root/jar" || fail "there is a cookie"

ask /api/call -H "$json" -H "X-Leonhard-Csrf: $csrf" -d '{"method": "io.leonhard.Test.Who"}' \
	>"$root/out"
grep -q "\"uid\":$(id -u)," "$root/out" || fail "the service sees who has logged in"
ask '/api/stream' -G --data-urlencode 'method=io.leonhard.Test.Stream' \
	--data-urlencode 'parameters={"count": 3, "size": 2}' -H "X-Leonhard-Csrf: $csrf" \
	>"$root/out"
[ "$(grep -c '^event: reply' "$root/out")" = 3 ] || fail "a stream has its replies"
grep -q '^data: {"reason":"done"}' "$root/out" || fail "a stream ends"
ask /api/logout -H "$json" -H "X-Leonhard-Csrf: $csrf" -d '{}' >"$root/out"
ask /api/session >"$root/out"
[ "$(cat "$root/status")" = 401 ] || fail "nobody is logged in any more"
