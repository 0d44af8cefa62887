# guest.sh: what the tests of power in guests share. Sourced behind lib.sh.

# is COMMAND VALUE: it says so, within ten seconds
is() {
	for _ in $(seq 100); do
		[ "$("$1")" != "$2" ] || return 0
		sleep 0.1
	done
	echo "$1: '$("$1")', not '$2'"
	false
}
# holds FILE PATTERN: a line of it, within ten seconds
holds() {
	for _ in $(seq 100); do
		! grep -qE -e "$2" "$1" || return 0
		sleep 0.1
	done
	cat "$1"
	false
}
# begin USER WORD...: in the background until stop; what it prints is in "held"
begin() {
	rm -f life held
	mkfifo life
	as "$@" <life >held 2>&1 &
	asker=$!
	exec 9>life
}
stop() {
	exec 9>&-
	wait "$asker"
}
pid_of() {
	systemctl show -p MainPID --value "$1"
}
governors() {
	cat /sys/devices/system/cpu/cpufreq/policy*/scaling_governor | xargs
}
