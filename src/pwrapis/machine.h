/*
 * What this machine can tell about power, and what can be set: one table, in SI units.
 *
 * An item is a signal (it can be read), a control (it can be set, and read back), or both. Items
 * have a domain: how many of it there are is the machine's business, and each is known by its index
 * and by a name ("policy0", "package-0", "cpu3"). What a machine lacks has no instance, and what it
 * cannot tell is -EOPNOTSUPP: never 0, never NaN.
 *
 * The machine is a tree of files below a root (base/fs.h). No path comes from anywhere but the
 * table and the directories of that tree; no name from a file becomes a path before it is checked.
 * Reading blocks for no longer than the kernel takes for a file of /proc or /sys. Files may vanish,
 * refuse or lie at any time: that is an error of one reading. One thread.
 */
#ifndef PWRAPIS_MACHINE_H
#define PWRAPIS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POWER_TEXT_BYTES = 256, POWER_NAME_BYTES = 128 };

enum power_domain {
	POWER_BOARD, /* the machine: one */
	POWER_CPU, /* a processor of the kernel's, by its number; also one that is offline */
	POWER_POLICY, /* of cpufreq: processors that share a frequency */
	POWER_IDLE, /* idle states of the first processor that has them */
	POWER_ZONE, /* of powercap: "package-0", "core", "dram" */
	POWER_METER, /* a power sensor of hwmon, the ACPI power meter among them */
	POWER_THERMAL, /* a thermal zone */
	POWER_FAN, /* a fan of hwmon */
	POWER_DISK,
	POWER_NET, /* an interface with a device behind it */
	POWER_USB,
	POWER_CACHE, /* of the third level, as resctrl has them */
	POWER_CGROUP, /* a group of processes that processors can be given to: machine/cgroup.h */
	POWER_HBM, /* a part of high-bandwidth memory */
	POWER_DOMAINS,
};

enum power_unit {
	POWER_NONE,
	POWER_HERTZ,
	POWER_WATTS,
	POWER_JOULES,
	POWER_KELVIN,
	POWER_SECONDS,
	POWER_FRACTION, /* 0 to 1 */
	POWER_RATIO, /* of a number to another one */
	POWER_PER_SECOND, /* revolutions, bytes: the item says of what */
	POWER_BITS_PER_SECOND,
	POWER_BOOLEAN,
	POWER_TEXT, /* value.text */
	POWER_LIST, /* value.text: words with spaces between; for what is longer, machine_words() */
};

struct power_value {
	double number;
	/* Of POWER_TEXT; else "", or a mark of machine_state(). */
	char text[POWER_TEXT_BYTES];
};

enum {
	POWER_SIGNAL = 1,
	POWER_CONTROL = 2,
	POWER_PRIVATE = 4, /* tells much about what others compute: plain observers get it coarse */
	/* A request of each client, of which the kernel takes the strictest (PM QoS): it is held
	 * by a descriptor, machine_hold(), and there is nothing to write or to put back. */
	POWER_PER_CLIENT = 8,
	POWER_GUARDED = 16, /* usual kernels let only root read it: the privileged half is asked */
	POWER_ACT = 32, /* a control that does not stay as it is set: nothing is put back */
};

struct machine;

struct power_item {
	const char *name; /* "cpufreq.governor"; its part before the dot is the backend */
	const char *help; /* a sentence */
	enum power_domain domain;
	enum power_unit unit;
	unsigned flags;
	/* -EOPNOTSUPP: this one does not have it. */
	int (*read)(struct machine *m, const struct power_item *item, unsigned index,
		    struct power_value *ret_value);
	/* Of a control that is more than what is read: see machine_state(). */
	int (*state)(struct machine *m, const struct power_item *item, unsigned index,
		     struct power_value *ret_value);
	/* Of a control: whether @value is one that this one takes now. -ERANGE, -EINVAL,
	 * -EOPNOTSUPP. Reads the machine, and changes nothing. */
	int (*check)(struct machine *m, const struct power_item *item, unsigned index,
		     const struct power_value *value);
	/* Of a control: sets it, without any check. Only the privileged half calls this. */
	int (*write)(struct machine *m, const struct power_item *item, unsigned index,
		     const struct power_value *value);
	/* Of a control per client, in place of write: the value holds until @ret_fd is closed. */
	int (*hold)(struct machine *m, const struct power_item *item, unsigned index,
		    const struct power_value *value, int *ret_fd);
	const void *more; /* which file and scale (machine/source.h), or NULL */
};

/* Items by their number, which both halves share: < power_item_count(). */
size_t power_item_count(void);
const struct power_item *power_item(unsigned number);
/* -ENOENT */
int power_item_find(const char *name, unsigned *ret_number);
/* What a number of the kernel's file is multiplied by to be in the unit of the item: 1000 of kHz.
 */
double power_item_scale(unsigned number);

/* Looks the machine over. @root_fd is borrowed. */
int machine_new(int root_fd, struct machine **ret_machine);
void machine_free(struct machine *m);
void machine_free_p(struct machine **m);
int machine_root(const struct machine *m);
/* The caller can wait: a second of every two at most, for the board's controller alone. */
void machine_be_patient(struct machine *m);

/* Looks again, after processors or devices came or went: indexes may mean others then. */
int machine_refresh(struct machine *m);

/*
 * How many of @domain: what is over the bound of machine/backend.h is left out. And the name of
 * one: < count. No two of a domain have the same name. It lives until the next refresh.
 */
unsigned machine_count(const struct machine *m, enum power_domain domain);
const char *machine_name(const struct machine *m, enum power_domain domain, unsigned index);
/* -ENOENT */
int machine_index(const struct machine *m, enum power_domain domain, const char *name,
		  unsigned *ret_index);

/*
 * The same for one that may be gone, where what was set outlives it: a unit that is stopped keeps
 * its processors, so that they have to be put back by its name. It has an index then.
 */
int machine_recall(struct machine *m, enum power_domain domain, const char *name,
		   unsigned *ret_index);

/*
 * -EINVAL for a number or index that there is not; -EOPNOTSUPP: this one does not have it; -ENODEV:
 * it is gone since the machine was looked over; -EBADMSG: what the kernel wrote is not what the
 * item is; -EAGAIN: not known yet, ask again (IPMI); or what the kernel says, -EACCES for one.
 *
 * A kernel may round what is written, and read back as another number.
 */
int machine_read(struct machine *m, unsigned item, unsigned index, struct power_value *ret_value);
/*
 * The same in two steps, of an item that is one number in one file: so that one process opens what
 * another one reads again and again. -EOPNOTSUPP for other items, and for what is no regular file,
 * so that no pipe is waited for. -ENODEV of what is open: the file is gone.
 */
int machine_open(struct machine *m, unsigned item, unsigned index, int *ret_fd);
int machine_read_open(unsigned item, int fd, struct power_value *ret_value);
/*
 * What a control has to be put back to. It is what is read of it; or more: of a number, a text
 * beside it then says what else there is, and the number is 0 where it has none that could be set.
 */
int machine_state(struct machine *m, unsigned item, unsigned index, struct power_value *ret_value);
int machine_check(struct machine *m, unsigned item, unsigned index,
		  const struct power_value *value);
int machine_write(struct machine *m, unsigned item, unsigned index,
		  const struct power_value *value);
int machine_hold(struct machine *m, unsigned item, unsigned index, const struct power_value *value,
		 int *ret_fd);

/*
 * Of a new range of frequencies for the policy @index, "cpufreq.min" and "cpufreq.max", whether its
 * upper end is set first. Set in this order both pass their check, and at no time the lower end is
 * above the upper one.
 */
int machine_range_order(struct machine *m, unsigned index, double max_hz, bool *ret_max_first);

/* The words of a POWER_LIST, whole: NULL-terminated, str_vector_free(). */
int machine_words(struct machine *m, unsigned item, unsigned index, char ***ret_words);

#endif
