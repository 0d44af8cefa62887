# containers.sh: clients in PID namespaces of their own. Sourced by in-guest.
# shellcheck shell=sh disable=SC2034,SC2154

# inside USER COMMAND...: as the first process of a PID namespace
inside() {
	user=$1
	shift
	unshare --pid --fork --mount-proc setpriv --reuid "$user" --regid "$user" --init-groups \
		--inh-caps=-all "$@"
}
check "a program in a PID namespace is served" exits 0 '^governor 0 schedutil$' \
	inside ada ./ask governor
check "with its own rights" exits 1 '^control 405$' inside ada ./ask control
check "and who is nobody stays nobody" exits 1 '^(register|governor) (101|300)$' \
	inside eve ./ask governor
rm -f life held
mkfifo life
inside carl ./ask events control governor=powersave stay <life >held 2>&1 &
asker=$!
exec 9>life
check "it sets, and holds" is governors "powersave powersave"
check "and is told of events" holds held '^event 1 powersave: policy0 policy1$'
check "others ask in vain" exits 1 '^control 403$' as carl ./ask control
check "which it is told" holds held '^event 2 control was asked for by user '
stop
check "its end puts everything back" is governors "$before"
