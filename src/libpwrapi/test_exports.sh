#!/bin/sh
# test_exports.sh LIBRARY FOLDER: the library gives programs exactly the functions that FOLDER's
# powerapi.h declares, has the published name, needs nothing but libc, and its headers can be used
# by programs in C and C++.
set -eu
library=$1
folder=$2
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

fail() {
	echo "$1"
	exit 1
}

sed -n 's/^PWR_API int \(PWR_[A-Za-z_]*\)(.*/\1/p' "$folder/powerapi.h" | sort >"$scratch/declared"
nm -D --defined-only "$library" | awk '{ print $NF }' | sort >"$scratch/exported"
[ "$(wc -l <"$scratch/declared")" = 65 ] || fail "the header does not declare 65 functions"
diff "$scratch/declared" "$scratch/exported" || fail "the library exports something else"

readelf -d "$library" >"$scratch/dynamic"
grep -q 'SONAME.*\[libpwrapi.so\]' "$scratch/dynamic" || fail "the library has another name"
grep -q 'NODELETE' "$scratch/dynamic" || fail "the library can be unloaded"
# A sanitizer's own libraries are not ours.
if grep NEEDED "$scratch/dynamic" | grep -v -e 'libc\.so' -e 'lib[a-z]*san\.so' -e ld-linux; then
	fail "the library needs more than libc"
fi

cat >"$scratch/program.c" <<'C'
#include <powerapi.h>

int main(void)
{
	return PWR_SetServerInfo("/run/socket") + PWR_UnRegister();
}
C
cp "$scratch/program.c" "$scratch/program.cpp"
cc -std=c99 -Wall -Wextra -Werror -I"$folder" -c "$scratch/program.c" -o "$scratch/c.o" ||
	fail "a program in C cannot use the headers"
! command -v c++ >/dev/null ||
	c++ -Wall -Wextra -Werror -I"$folder" -c "$scratch/program.cpp" -o "$scratch/c++.o" ||
	fail "a program in C++ cannot use the headers"

printf '#include <powerring.h>\nint main(void)\n{\n\tstruct powerring ring;\n\n%s\n}\n' \
	'	return powerring_open("/run/socket", &ring);' >"$scratch/ring.c"
cp "$scratch/ring.c" "$scratch/ring.cpp"
cc -std=c11 -Wall -Wextra -Werror -Wpedantic -I"$folder" -c "$scratch/ring.c" -o "$scratch/c.o" ||
	fail "a program in C cannot use powerring.h"
! command -v c++ >/dev/null ||
	c++ -std=c++11 -Wall -Wextra -Werror -I"$folder" -c "$scratch/ring.cpp" \
		-o "$scratch/c++.o" ||
	fail "a program in C++ cannot use powerring.h"
