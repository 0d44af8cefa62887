#!/bin/sh
# test_completion.sh LEO FOLDER: bash completion, as bash would call it, with leo as it is.
leo=$1 folder=$2
failed=0
PATH=$(cd "$(dirname "$leo")" && pwd):$PATH
export PATH

# expect WORDS LINE...: completes a line whose last word is where the cursor is.
expect() {
	wanted=$1
	shift
	got=$(bash -c 'source "$0/leo.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _leo leo
		echo "${COMPREPLY[@]}"' "$folder" "$@")
	[ "$got" = "$wanted" ] && return
	echo "$*: expected $wanted, got $got"
	failed=1
}

expect 'describe doctor' leo d
expect 'describe health powers probe watch' leo node ''
expect '--more' leo call --mo
cd / || exit
expect 'usr' leo status --root us
expect '' leo frob ''
bash -c 'complete -p leo' >/dev/null 2>&1 && failed=1
bash -c 'source "$0/leo.bash" && complete -p leo' "$folder" >/dev/null || failed=1
exit $failed
