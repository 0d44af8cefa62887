# grants.sh: dan, who was given the cap alone, by way of leo. Sourced by in-guest.
# shellcheck shell=sh disable=SC2154

rm -f /etc/leonhard/access.conf
printf '[observe]\ngroups = adm\n[control]\ngroups = leonhard-control\n' >/etc/leonhard/access.conf
sleep 3
place=$(as ada leo power get hwmon.cap --json | sed -n 's/.*"place":"\([^"]*\)".*/\1/p')
as dan env --default-signal=INT leo power set hwmon.cap "$place" 65W >held 2>&1 &
check "leo sets what a line grants" is watts 65
check "and shows it to dan" exits 0 "$place.*65" as dan leo power get hwmon.cap
check "and nothing else" exits 4 . as dan leo power get cpufreq.governor
check "nor does it set anything else" exits 1 'there is no item' \
	as dan leo power set cpufreq.governor powersave
other='{"item":"cpufreq.governor","place":"policy0","text":"powersave","keep":false}'
check "whatever asks for it" exits 4 'you may not call it' as dan leo call Power.Set "$other"
check "he finds one item" exits 0 '^hwmon.cap ' as dan leo power items
pkill -INT -x leo
wait $!
check "which Ctrl-C puts back" is watts "$before_cap"
check "leo keeps it for him" exits 0 . as dan leo power set hwmon.cap "$place" 66W --keep
check "as the meter tells" is watts 66
check "until he releases it" exits 0 '^1 put back' as dan leo power release
check "then it is back" is watts "$before_cap"
check "who was granted nothing gets nothing" exits 4 . as eve leo power get hwmon.cap
