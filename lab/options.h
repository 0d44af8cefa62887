/*
 * What lab-run is asked to do: its command line, parsed and checked.
 *
 * The strings are borrowed from the arguments, apart from those that had to be cut out of one.
 */
#ifndef LAB_OPTIONS_H
#define LAB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPTIONS_LIST_MAX = 16 };

enum accel { ACCEL_AUTO, ACCEL_TCG, ACCEL_KVM };

struct option_drive {
	char *file;
	const char *format; /* raw or qcow2 */
	bool readonly;
	bool write; /* what the guest writes stays in the file */
};

struct option_copy {
	char *source, *dest;
};

struct option_forward {
	unsigned host_port, guest_port;
};

struct options {
	const char *artifacts, *profile, *name, *append, *console, *output;
	const char *acpi[OPTIONS_LIST_MAX];
	struct option_drive drives[OPTIONS_LIST_MAX];
	struct option_copy in[OPTIONS_LIST_MAX], out[OPTIONS_LIST_MAX];
	struct option_forward forwards[OPTIONS_LIST_MAX];
	size_t acpi_count, drive_count, in_count, out_count, forward_count;
	uint64_t cpus, mem_bytes, numa_nodes, timeout_s, boot_timeout_s;
	enum accel accel;
	bool kernel_only, icount, first_boot, net, rig, bmc, prepare, probe_kvm, help;
	char **command; /* NULL-terminated; empty for the modes that run none */
};

/*
 * Parses the arguments of main(). On failure @ret_problem says in words what is wrong; it belongs
 * to the caller, as do the options, also after a failure: options_deinit().
 */
int options_parse(struct options *o, int argc, char **argv, char **ret_problem);
void options_deinit(struct options *o);

/* Prints the table of options, with an example or two. */
void options_usage(void);

/* Whether a file of the host, given as a drive, keeps what the guest writes. */
bool options_keep_writes(const struct options *o);

#endif
