# Shared by the build scripts: messages, places, keys, locks. Sourced, never run.
#
# A cached artefact is a folder $CACHE/KIND/KEY whose KEY is the hash of everything it is made
# from. It is made in $CACHE/KIND/KEY.work and renamed when it is whole: a folder without .work
# is finished, whatever happened to its maker.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the sourcing scripts use what is set here

set -eu
umask 022
export LC_ALL=C

TOP=$(CDPATH='' cd -- "$(dirname -- "$0")" && while [ ! -e meson_options.txt ]; do
	[ "$PWD" != / ] || exit 1
	cd ..
done && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/leonhard
BUILD=$TOP/build
SUITE=bookworm
BUILDER=leonhard-build
VERSION=$(cat "$TOP/packaging/version")
SOURCE_DATE_EPOCH=$(cat "$TOP/packaging/epoch")
export SOURCE_DATE_EPOCH

say() {
	printf '%s\n' "==> $*" >&2
}

die() {
	printf '%s\n' "leonhard: $*" >&2
	exit 1
}

# words FILE: its lines without comments
words() {
	sed 's/#.*//; /^[[:space:]]*$/d' "$1"
}

# key: the name of what is made from standard input
key() {
	sha256sum | cut -c1-20
}

# hash_files PATH...: one line per file under the paths, with its content's hash and x bit
hash_files() {
	find "$@" -type f ! -name '*.swp' -printf '%m %p\n' | sort -k 2 |
		while read -r mode file; do
			printf '%s %s %s\n' "$file" "$mode" "$(sha256sum <"$file")"
		done
}

# need_space GIB WHAT: enough room below the cache, or one line that says what to do
need_space() {
	free=$(df -Pk "$CACHE" | awk 'NR == 2 { print int($4 / 1048576) }')
	[ "$free" -ge "$1" ] || die "$2 needs $1 GiB in $CACHE, $free GiB are free: make room" \
		"('make clean' drops what is cached) or set XDG_CACHE_HOME to a larger disk"
}

# locked NAME COMMAND...: one at a time; a second caller waits and then finds the work done
locked() {
	lock=$CACHE/lock/$1
	shift
	mkdir -p "$CACHE/lock"
	if ! flock -n 9; then
		say "another build is at work on this; waiting for it"
		flock 9
	fi 9>"$lock"
	flock "$lock" "$@"
}

# prune KIND N: keeps the N artefacts used last, and nothing unfinished: whoever calls it has the
# lock of the kind and has just finished its own
prune() {
	find "$CACHE/$1" -mindepth 1 -maxdepth 1 -name '*.work' | while read -r old; do
		"$TOP/tools/root" remove "$old"
	done
	find "$CACHE/$1" -mindepth 1 -maxdepth 1 ! -name '*.work' -printf '%T@ %p\n' | sort -rn |
		tail -n "+$(($2 + 1))" | while read -r _ old; do
		# What somebody is working with right now stays until next time.
		flock -n "$old" "$TOP/tools/root" remove "$old" || true
	done
}

# download NAME PACKAGE[=VERSION]...: into this folder, by the package lists of 'tools/resolve NAME'
download() {
	state=$CACHE/apt/$1
	shift
	apt-get -q -o Dir::State="$state/state" -o Dir::State::status="$state/status" \
		-o Dir::Cache="$state/cache" -o Dir::Etc::sourcelist=/dev/null \
		-o Dir::Etc::sourceparts="$state/etc" -o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts="$state/etc/preferences.d" \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 download "$@"
}

# counted TOTAL WHAT: a counter of the lines on standard input, for long quiet work
counted() {
	total=$1
	what=$2
	if [ -t 2 ]; then step=20 end='\r'; else step=500 end='\n'; fi
	awk -v total="$total" -v what="$what" -v step="$step" -v end="$end" '
		BEGIN { srand(); start = srand() }
		NR % step == 0 {
			srand(); spent = srand() - start
			printf "    %s: %d of about %d, %d s" end, what, NR, total, spent
			fflush()
		}
		END { srand(); printf "    %s: %d, %d s%20s\n", what, NR, srand() - start, "" }' >&2
}
