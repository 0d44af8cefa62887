# make [TARGET]: what can be made. ./run and ./test do the set-up first, then call this.
#
# Every step finds out by itself whether its result is in the cache already, so there are no
# file rules here. As root, all of it is handed to the unprivileged build user.
.PHONY: help image deb kernel lab run test bench fuzz format screenshots refresh clean setup-check

PROFILE ?= server
ARGS ?=

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

ifeq ($(shell id -u),0)

image deb kernel lab run test bench fuzz refresh clean:
	@tools/as-builder make --no-print-directory $@ PROFILE='$(PROFILE)' ARGS='$(ARGS)'

else

kernel: setup-check ## build the kernel
	@kernel/build

deb: kernel ## build the Debian packages of all components
	@packaging/build

image: deb ## build the disk image
	@image/build $(PROFILE)

lab: image ## prepare the lab: an image that has finished its first boot
	@lab/prepare $(PROFILE)

run: image ## boot the image and log in on this terminal
	@tools/boot $(PROFILE) $(ARGS)

test: ## run all tests
	@tests/run $(ARGS)

bench: lab ## measure against plain Debian and D-Bus (ARGS=ROUNDS)
	@tests/bench/run $(ARGS)
	@tests/bench/rpc $(ARGS)
	@tests/bench/node
	@tests/bench/power $(ARGS)
	@tests/bench/trace $(ARGS)

fuzz: setup-check ## fuzz every parser, a minute each (ARGS=SECONDS)
	@tests/fuzz $(ARGS)

refresh: ## ask the mirror for newer packages at the next build
	@tools/refresh

clean: ## drop what is built and cached; the disk of 'make run' stays
	@tools/clean

setup-check:
	@tools/setup --check

endif

screenshots: ## make the README's pictures of the console anew
	@tests/console/screenshots docs/images

format: ## format the C sources
	@find src lab tests -name '*.[ch]' -exec clang-format-19 -i {} +
