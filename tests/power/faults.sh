# faults.sh: a processor and a meter that go while a client holds them, a full disk under the
# journal, a crowd of connections, and who else would ask the half that writes. Sourced by in-guest.
# shellcheck shell=sh disable=SC2154

cpu1=/sys/devices/system/cpu/cpu1/online
journal=/var/lib/leonhard/pwrapis-writer
units="leonhard-pwrapis.socket leonhard-pwrapis.service leonhard-pwrapis-writer.socket \
	leonhard-pwrapis-writer.service"

governor0() {
	cat "$policies/policy0/scaling_governor"
}
# soon WHAT VALUE: within a minute, in which what could not be put back is tried again
soon() {
	for _ in 1 2 3 4 5 6; do
		is "$@" >/dev/null && return
	done
	is "$@"
}

# A processor goes while its frequency is held.
begin carl ./ask events control governor=userspace frequency=1:1800 stay frequency=1:2400
check "a frequency is held" holds held '^frequency=1:1800 0$'
check "which the kernel has" exits 0 '^1800000$' \
	cat "$policies/policy1/scaling_setspeed"
echo 0 >$cpu1
check "its processor goes off line" exits 0 '^0$' cat $cpu1
check "others are served" exits 0 '^governor 0 userspace$' as ada ./ask governor
check "and told of those that there are" exits 0 '^frequency 0 0:[0-9]+$' as ada ./ask frequency
stop
check "the client is told that it is off line" exits 0 '^frequency=1:2400 19$' cat held
check "what is there is put back" is governor0 "${before% *}"
echo 1 >$cpu1
check "and the rest when it is there again" soon governors "$before"
check "with the range" is ranges "$before_range"
check "nothing is set any more" exits 0 'set +nothing' as ada leo power

# The meter goes, and comes back.
meter_name=$(basename "$(realpath "$meter")")
driver=$(realpath "$meter/driver")
begin carl ./ask control cap=62 stay
check "a cap is held" is watts 62
echo "$meter_name" >"$driver/unbind"
check "without the meter there are no watts" exits 1 '^power [1-9]' as ada sh -c '
	sleep 2.5; ./ask power'
check "and no cap" exits 1 '^cap [1-9]' as ada sh -c 'sleep 5; ./ask cap'
check "all else goes on" exits 0 '^governor 0' as ada ./ask governor
stop
echo "$meter_name" >"$driver/bind"
meter=$(echo /sys/class/hwmon/hwmon*/device/power1_cap)
meter=${meter%/power1_cap}
check "what was held is put back when it is there again" soon watts "$before_cap"
check "and it is told" exits 0 '^power 0 [0-9]+ ' as ada sh -c '
	sleep 6; ./ask cap >/dev/null; sleep 2.5; ./ask power'

# The disk under the journal is full: first before anything is set, then while something is.
# shellcheck disable=SC2086
systemctl stop $units
mount -t tmpfs -o size=64k,mode=0700 tmpfs $journal
systemctl start leonhard-pwrapis-writer.socket leonhard-pwrapis.socket leonhard-pwrapis.service
check "on a disk of 64 KiB it works" exits 0 '^governor=powersave 0' \
	as carl ./ask control governor=powersave
check "and is put back" is governors "$before"
cat /dev/zero >$journal/filler 2>/dev/null
# What fits the page that the journal has already is noted there: one of these does not.
check "on a full one what cannot be noted is not set" \
	exits 1 '^(governor=powersave|range=1800-2400|cap=60) 3$' \
	as carl ./ask control governor=powersave range=1800-2400 cap=60
check "and the rest is put back" is governors "$before"
check "with the range" is ranges "$before_range"
check "and the cap" is watts "$before_cap"
check "and reading goes on" exits 0 '^governor 0' as ada ./ask governor
rm $journal/filler
begin carl ./ask control governor=powersave stay
check "with room it is set again" is governors "powersave powersave"
cat /dev/zero >$journal/filler 2>/dev/null
stop
check "and put back although the disk is full" is governors "$before"
rm $journal/filler
begin carl ./ask control governor=powersave stay
check "once more" is governors "powersave powersave"
cat /dev/zero >$journal/filler 2>/dev/null
kill -9 "$(pid_of leonhard-pwrapis-writer.service)"
check "also by a half that was killed with a full disk" is governors "$before"
stop
# shellcheck disable=SC2086
systemctl stop $units
umount $journal

# The half that writes answers one user alone.
systemctl start leonhard-pwrapis-writer.socket
check "a user cannot ask the half that writes" exits 1 'Permission denied' \
	as ada ./crowd -s /run/leonhard/pwrapis-writer
check "nor can root" exits 0 '^closed$' ./crowd -s /run/leonhard/pwrapis-writer
check "but the daemon" exits 0 '^stays$' as leonhard-pwrapis ./crowd -s /run/leonhard/pwrapis-writer
systemctl start leonhard-pwrapis.socket leonhard-pwrapis.service

# A crowd of connections, on both sockets, by who is nobody and by who may look.
crowd() {
	rm -f crowd.life crowd.out
	mkfifo crowd.life
	as "$1" ./crowd "$2" 1000 <crowd.life >crowd.out 2>&1 &
	crowd=$!
	exec 8>crowd.life
}
# Not "user": that is as's own.
for whoever in eve ada; do
	for socket in /etc/sysconfig/pwrapis/pwrserver.sock /run/leonhard/io.leonhard.Power; do
		crowd "$whoever" "$socket"
		check "$whoever connects a thousand times to ${socket##*/}" \
			holds crowd.out '^connected 1000$'
		check "carl sets all the same" exits 0 '^governor=powersave 0' \
			as carl ./ask control governor=powersave release
		check "and by way of leo" exits 0 . \
			as carl leo power set cpufreq.max policy0 2.4GHz --keep
		as carl leo power release >/dev/null
		exec 8>&-
		wait "$crowd"
	done
done
check "after all of it everything is as it was" is governors "$before"
check "ranges" is ranges "$before_range"
check "and the cap" is watts "$before_cap"
