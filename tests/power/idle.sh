# idle.sh: what the three programs take while nobody asks, with history, and with attribution still
# going on. Sourced by in-guest.
# shellcheck shell=sh disable=SC2154

idle_s=20
# Of all threads: how often they went to sleep by themselves.
sleeps() {
	cat "/proc/$1/task/"*/status | awk '/^voluntary_ctxt/ { sum += $2 } END { print sum }'
}
as ada leo power top --once >/dev/null
leo power get cpu.ipc >/dev/null 2>&1
sleep 3
rm -f counted
for unit in pwrapis pwrapis-writer pwrapis-probe; do
	pid=$(pid_of leonhard-$unit.service)
	echo "$unit $pid $(sleeps "$pid")" >>counted
done
sleep $idle_s
while read -r unit pid before_sleeps; do
	slept=$(($(sleeps "$pid") - before_sleeps))
	rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
	own=$(awk '/^RssAnon/ { print $2 }' "/proc/$pid/status")
	charged=$(systemctl show -p MemoryCurrent --value "leonhard-$unit.service")
	echo "   $unit: $slept wake-ups in $idle_s s, $rss KiB ($own of its own), group $charged B"
	check "$unit wakes up less than twice a second" at_most $((2 * idle_s)) "$slept"
	check "$unit is in less than 8 MiB" at_most 8192 "$rss"
done <counted
