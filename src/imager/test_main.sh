#!/bin/sh
# test_main.sh IMAGER: the command line: what is wrong usage, what is an error, what is printed.
imager=$1
failed=0

# expect STATUS TEXT ARGUMENT...: runs imager; it must exit so and print TEXT somewhere
expect() {
	status=$1 text=$2
	shift 2
	output=$("$imager" "$@" 2>&1)
	got=$?
	case $output in
	*"$text"*) ;;
	*) got="$got without \"$text\"" ;;
	esac
	[ "$got" = "$status" ] && return
	echo "imager $*: expected $status and \"$text\", got $got: $output"
	failed=1
}

expect 0 'Usage: imager build' --help
expect 0 'imager 0' --version
expect 2 'no command'
expect 2 'unknown command: make' make
expect 2 'missing option: --tree' build
expect 2 'missing option: --output' build --tree - --profile p --epoch 1
expect 2 'unexpected argument: x' build --tree - --profile p --epoch 1 --output o x
expect 2 'seconds since 1970: -1' build --epoch -1
expect 2 'seconds since 1970: 1e3' build --epoch 1e3
expect 2 'unrecognized option' build --frob
expect 2 'requires an argument' build --rules
expect 1 'cannot open the profile /nowhere' \
	build --tree - --profile /nowhere --epoch 1 --output o
exit $failed
