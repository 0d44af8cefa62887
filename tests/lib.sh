# Shared by the tests: each check prints one line, 'ok - TEXT' or 'not ok - TEXT', which
# tests/run counts. Sourced after tools/lib.sh.
# shellcheck shell=sh

# check TEXT COMMAND...: passes when the command succeeds; its output is shown when it does not
check() {
	text=$1
	shift
	if output=$("$@" 2>&1); then
		echo "ok - $text"
	else
		echo "not ok - $text"
		printf '%s\n' "$output" | tail -n 30 | sed 's/^/    /'
	fi
}

# refuses TEXT PATTERN COMMAND...: passes when the command fails and says PATTERN
refuses() {
	text=$1 pattern=$2
	shift 2
	if output=$("$@" 2>&1); then
		echo "not ok - $text: it did not fail"
	elif printf '%s\n' "$output" | grep -qE -e "$pattern"; then
		echo "ok - $text"
	else
		echo "not ok - $text: it did not say '$pattern'"
		printf '%s\n' "$output" | tail -n 30 | sed 's/^/    /'
	fi
}

# skip TEXT REASON
skip() {
	echo "skip - $1: $2"
}

# as USER COMMAND...: as that user, with their groups; for root
as() {
	user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --init-groups --inh-caps=-all "$@"
}

# exits STATUS PATTERN COMMAND...: this status, and output that matches; leaves a file "out"
exits() {
	want=$1 pattern=$2
	shift 2
	"$@" >out 2>&1 && got=0 || got=$?
	if [ "$got" -eq "$want" ] && grep -qE -e "$pattern" out; then return; fi
	echo "status $got, not $want, or no '$pattern' in:"
	cat out
	false
}

# at_most MOST VALUE: numbers
at_most() {
	awk -v value="$2" -v most="$1" 'BEGIN { exit !(value <= most) }' || {
		echo "$2, more than $1"
		false
	}
}

# scratch: a folder in $SCRATCH that goes away with the test
scratch() {
	SCRATCH=$(mktemp -d)
	trap 'rm -rf "$SCRATCH"' EXIT
	trap 'exit 1' INT TERM HUP
}

# guest_programs: builds the programs that run in guests, into $GUEST; here, not in a guest
# shellcheck disable=SC2034 # for who sources this
GUEST=${CACHE-}/unit/guest
guest_programs() {
	mkdir -p "$CACHE/unit"
	"$TOP/tools/root" run --bind-ro "$TOP:/src" --bind "$CACHE/unit:/build" \
		--bind-ro "$BUILD/kernel/:/mnt" -- /src/tests/unit-in-root guest
}

# copy_tree FOLDER: copies into it what the system is built from, and nothing that was built
copy_tree() {
	mkdir -p "$1"
	cp -R api image kernel lab packaging src tests tools web meson* run test "$1/"
}
