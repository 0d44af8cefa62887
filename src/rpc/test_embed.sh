#!/bin/sh
# test_embed.sh RPC-EMBED GOLDEN API: what the build takes for an interface: every file in API.
# Each folder in GOLDEN holds input.varlink, and either output, the C file to be made of it, or
# error, all that is said.
embed=$(realpath "$1") golden=$(realpath "$2") api=$(realpath "$3")
failed=0
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
file=io.leonhard.Test.varlink

fail() {
	echo "not ok - $1"
	failed=1
}

# run ARGUMENT...: runs rpc-embed in an empty folder but for the file; sets $status.
run() {
	status=0
	(cd "$top" && rm -f out.c && "$embed" "$@" >out 2>err) || status=$?
}

refuses() {
	[ "$status" = 1 ] || fail "$1: exit status $status"
	[ ! -e "$top/out.c" ] || fail "$1: something was written"
	diff -u "$2" "$top/err" || fail "$1: another message"
}

takes() {
	[ "$status" = 0 ] || fail "$1: exit status $status"
	[ ! -s "$top/err" ] || fail "$1: $(cat "$top/err")"
	diff -u "$2" "$top/out.c" || fail "$1: another output"
}

# usage TEXT ARGUMENT...: wrong usage is told from a refusal.
usage() {
	text=$1
	shift
	run "$@"
	[ "$status" = 2 ] || fail "$text: exit status $status"
	grep -q '^Usage: rpc-embed FILE.varlink SYMBOL OUT.c$' "$top/err" || fail "$text: no usage"
}

count=0
for case in "$golden"/*/; do
	name=$(basename "$case")
	cp "$case/input.varlink" "$top/$file"
	run "$file" api_test out.c
	if [ -e "$case/error" ]; then
		refuses "$name" "$case/error"
	else
		takes "$name" "$case/output"
	fi
	count=$((count + 1))
done
[ "$count" -gt 25 ] || fail "there are $count cases"

for interface in "$api"/*.varlink; do
	run "$interface" api_test out.c
	[ "$status$(cat "$top/err")" = 0 ] || fail "$interface: $(cat "$top/err")"
done

usage 'no argument'
usage 'no output' "$file" api_test
usage 'too many' "$file" api_test out.c more
usage 'no symbol' "$file" '' out.c
usage 'a digit first' "$file" 1api out.c
usage 'a blank in the symbol' "$file" 'a b' out.c

cp "$golden/good-units/input.varlink" "$top/$file"
echo "nowhere.varlink: No such file or directory" >"$top/expected"
run nowhere.varlink api_test out.c
refuses 'no file' "$top/expected"
echo "no/out.c: No such file or directory" >"$top/expected"
run "$file" api_test no/out.c
refuses 'no folder' "$top/expected"
mv "$top/$file" "$top/X$file"
echo "X$file:1:1: the file of io.leonhard.Test is not named $file" >"$top/expected"
run "X$file" api_test out.c
refuses 'more before the name' "$top/expected"
exit $failed
