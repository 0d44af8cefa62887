/*
 * The argument vector of QEMU: what a guest of the lab is made of.
 */
#ifndef LAB_QEMU_H
#define LAB_QEMU_H

#include "lab/options.h"

struct qemu_setup {
	const struct options *options;
	const char *kernel;
	const char *initramfs; /* for a guest without an image */
	const char *rig; /* the ACPI table of the rig; NULL: no rig */
	struct option_drive image; /* no file: none */
	bool kvm;
	/* Connected sockets that QEMU inherits under these numbers. */
	int port_fd, console_fd;
	int bmc_fd; /* where --bmc is asked for */
};

/* The vector ends with NULL and belongs to the caller: qemu_arguments_free(). */
int qemu_arguments(const struct qemu_setup *setup, char ***ret_argv);
void qemu_arguments_free(char **argv);

#endif
