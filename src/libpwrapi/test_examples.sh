#!/bin/sh
# test_examples.sh LIBRARY USAGE POWER_PY TESTDAEMON: the examples, with a daemon that tells them
# two policies, and with none.
set -eu
library=$1
usage=$2
power=$3
daemon=$4
scratch=$(mktemp -d)

fail() {
	echo "$1"
	cat "$scratch/out"
	exit 1
}

has() {
	grep -qE "$1" "$scratch/out" || fail "there is no line $1"
}

# The daemon lives as long as descriptor 9.
mkfifo "$scratch/life" "$scratch/path"
"$daemon" <"$scratch/life" >"$scratch/path" &
exec 9>"$scratch/life"
trap 'exec 9>&-; wait; rm -r "$scratch"' EXIT
read -r socket <"$scratch/path"

"$usage" "$socket" >"$scratch/out" 2>&1 || fail "usage fails"
has '^policy4 +3000 MHz$'
has '^cpu0 +0.0 %$'
! "$usage" /nonexistent/socket >"$scratch/out" 2>&1 || fail "usage succeeds without a daemon"
has 'does leonhard-pwrapis run'

python3 "$power" --library "$library" --socket "$socket" >"$scratch/out" 2>&1 ||
	fail "power.py fails"
has '^governor +ondemand$'
has '^range +not on this machine$'
has '^frequency +1200 MHz, 3000 MHz$'
has '^power +190 W$'
python3 "$power" --library "$library" --socket "$socket" governor powersave </dev/null \
	>"$scratch/out" 2>&1 || :
has 'set; Enter puts it back'
