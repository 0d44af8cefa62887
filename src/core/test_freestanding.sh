#!/bin/sh
# test_freestanding.sh [FOLDER]: the C files of core need nothing of a C library.
#
# Compiles every source and every header of the folder (that of this script) for processors without
# an operating system, with the compiler's own headers only and warnings as errors. The objects of
# one target together may need no symbol but those listed in allowed(), and hold no variable that
# can be written. Before that it proves on small sources that it would see a violation.
#
# $CLANG and $NM name other programs than clang-19 and llvm-nm-19.
set -eu
export LC_ALL=C

folder=$(cd -- "${1:-$(dirname -- "$0")}" && pwd)
clang=${CLANG:-clang-19}
targets='aarch64-none-elf thumbv7m-none-eabi thumbv6m-none-eabi'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

die() {
	echo "test_freestanding: $*" >&2
	exit 1
}

# A symbol table reads the same in every release; the compiler's own may not be installed.
find_nm() {
	for nm in ${NM:-llvm-nm-19 llvm-nm}; do
		! command -v "$nm" || return 0
	done
	die "there is no ${NM:-llvm-nm-19}"
}

# What the platform or the compiler's run-time library supplies on $1.
allowed() {
	printf '%s\n' memcpy memset memmove memcmp
	case $1 in
	# Copies under the names of the Arm run-time ABI, and division (M3 has none of 64 bits).
	thumbv*)
		printf '%s\n' __aeabi_memcpy __aeabi_memcpy4 __aeabi_memcpy8 __aeabi_memmove \
			__aeabi_memmove4 __aeabi_memmove8 __aeabi_memset __aeabi_memset4 \
			__aeabi_memset8 __aeabi_memclr __aeabi_memclr4 __aeabi_memclr8 \
			__aeabi_uldivmod
		;;
	esac
	case $1 in
	# Armv6-M divides nothing, and multiplies 32 bits to 32.
	thumbv6m*) printf '%s\n' __aeabi_uidiv __aeabi_uidivmod __aeabi_lmul ;;
	esac
}

# compile TARGET SOURCE OBJECT
compile() {
	"$clang" --target="$1" -std=gnu17 -O2 -Wall -Wextra -Werror -ffreestanding -nostdinc \
		-isystem "$headers" -I "${folder%/*}" -c "$2" -o "$3"
}

# judge TARGET OBJECT...: prints what is wrong with objects that are to work together.
judge() {
	target=$1
	shift
	"$nm" -P "$@" >"$work/symbols" || die "$nm cannot read the objects for $target"
	allowed "$target" >"$work/allowed"
	awk -v target="$target" '
	FILENAME ~ /allowed$/ { known[$1] = 1; next }
	NF < 2 { next }
	$2 ~ /^[Uwv]$/ { used[$1] = 1; next }
	$2 ~ /^[BbCcDdSsGg]$/ && $1 !~ /^\$/ { print target ": " $1 " can be written" }
	$2 ~ /^[A-Z]$/ { known[$1] = 1 }
	END {
		for (name in used)
			if (!(name in known))
				print target ": " name " is not there"
	}' "$work/allowed" "$work/symbols"
}

# check TARGET SOURCE...: compiles the sources and judges the objects; prints the problems.
check() {
	check_target=$1
	shift
	rm -rf "$work/objects"
	mkdir "$work/objects"
	for source in "$@"; do
		compile "$check_target" "$source" "$work/objects/${source##*/}.o" 2>&1 ||
			echo "$check_target: $source does not compile"
	done
	set -- "$work/objects/"*.o
	[ ! -e "$1" ] || judge "$check_target" "$@"
}

# refuses TEXT LINE...: a source of these lines must be refused for Armv6-M, in words with TEXT.
refuses() {
	text=$1
	shift
	printf '%s\n' "$@" >"$work/wrong.c"
	case $(check thumbv6m-none-eabi "$work/wrong.c") in
	*"$text"*) return ;;
	esac
	echo "this would not be seen: $*"
	failed=1
}

nm=$(find_nm)
headers=$("$clang" -print-resource-dir)/include
[ -e "$headers/stdint.h" ] || die "$clang has no headers of its own"

refuses "'stdio.h' file not found" '#include <stdio.h>'
refuses 'malloc is not there' 'void *malloc(unsigned);' 'void *f(void) { return malloc(1); }'
refuses 'counter can be written' 'int counter;'
refuses '__atomic_load is not there' 'long long f(_Atomic long long *p) { return *p; }'
refuses '__aeabi_dmul is not there' 'double f(double x) { return x * x; }'
refuses 'no list_link' '#include "core/list.h"' 'struct x { struct list link; };' \
	'struct x *f(struct list_link *l) { return list_item(l, struct x, link); }'
refuses 'incompatible pointer' '#include "core/list.h"' \
	'void f(struct list *l, struct list *m) { list_add_last(l, m); }'

# A header is compiled as the whole of a source.
for header in "$folder"/*.h; do
	case ${header##*/} in test_*) continue ;; esac
	printf '#include "%s/%s"\n' "${folder##*/}" "${header##*/}" >"$work/${header##*/}.c"
done
set -- "$work"/*.h.c
for source in "$folder"/*.c; do
	case ${source##*/} in test_* | fuzz_*) ;; *) set -- "$@" "$source" ;; esac
done
for target in $targets; do
	check "$target" "$@" >"$work/problems"
	[ ! -s "$work/problems" ] || failed=1
	cat "$work/problems"
done
exit $failed
