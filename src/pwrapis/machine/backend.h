/*
 * What backends are made of: each is one file with rows of the table and a look at the machine.
 *
 * A backend looks the machine over and adds instances to its domains. An instance is a name, the
 * folder where its files are, and up to four small numbers, which stand in names of files: of a
 * sensor, of a trip point. Both come from names of directories that were checked to be plain.
 */
#ifndef PWRAPIS_MACHINE_BACKEND_H
#define PWRAPIS_MACHINE_BACKEND_H

#include "pwrapis/machine.h"

#define MACHINE_CPU_DIR "/sys/devices/system/cpu"
#define MACHINE_CPUFREQ_DIR MACHINE_CPU_DIR "/cpufreq"

enum {
	INSTANCE_PATH_BYTES = 192,
	INSTANCE_NUMBERS = 4,
	/* Bounds of one domain. Linux is built for up to 8,192 processors. */
	MACHINE_CPUS_MAX = 8192,
	MACHINE_INSTANCES_MAX = 1024,
};

struct instance {
	char name[POWER_NAME_BYTES];
	char path[INSTANCE_PATH_BYTES];
	int number[INSTANCE_NUMBERS]; /* -1: has none */
};

struct instances {
	struct instance *list;
	unsigned count, room;
};

struct ipmi;
struct cgroup_units;
struct rate;

struct machine {
	int root_fd; /* borrowed */
	struct instances domain[POWER_DOMAINS];
	struct ipmi *ipmi; /* NULL until it is asked */
	bool patient; /* the caller can wait for it */
	struct rate *rates; /* of caches; NULL until one is asked for */
	int ethtool_fd; /* -1 until an interface's driver is asked */
	int (*ethtool_fake)(const char *name,
			    void *command); /* in place of the kernel, for tests */
	const struct cgroup_units *units; /* borrowed; NULL: units cannot be set from here */
};

struct backend {
	const struct power_item *items;
	size_t count;
	int (*look)(struct machine *m); /* NULL: has no instances of its own */
};

extern const struct backend backend_cpufreq, backend_governor, backend_cpu, backend_idle,
	backend_powercap, backend_hwmon, backend_thermal, backend_disk, backend_net, backend_usb,
	backend_platform, backend_sleep, backend_ipmi, backend_level, backend_resctrl,
	backend_cgroup, backend_hbm;

/*
 * Adds one. Where its name is taken, the last part of @path is added to it; what is over the bound,
 * or has no name of its own even so, is left out: *@ret_instance is NULL then. The instance stays
 * where it is until the next one is added. -ENOMEM.
 */
int machine_add(struct machine *m, enum power_domain domain, const char *name, const char *path,
		struct instance **ret_instance);

/* NULL: there is none. */
const struct instance *machine_instance(const struct machine *m, enum power_domain domain,
					unsigned index);

/*
 * Names in a folder, numbers in them by value; without those that are not of printable ASCII. None
 * when there is no such folder. -ENOMEM.
 */
int machine_list(const struct machine *m, const char *path, char ***ret_names);

/* The number behind @prefix, where there is nothing else in @name and it is below @limit; or -1. */
int machine_numbered(const char *name, const char *prefix, unsigned limit);

/*
 * A name for an instance from what a driver calls it: letters, digits and _ . : + - stay as they
 * are, everything else becomes _.
 */
void machine_plain_name(const char *text, char name[POWER_NAME_BYTES]);

#endif
