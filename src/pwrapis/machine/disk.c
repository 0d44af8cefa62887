/*
 * Disks: the power of their links, their runtime sleep, their scheduler, and what they move.
 *
 * Only devices, not what is made of others. The policy of a link is that of the SCSI host that the
 * disk is on: for SATA, of its port alone.
 *
 * A disk that is behind SCSI (SATA, too) stops its motor when the kernel puts it to sleep, if it is
 * told to: that is all of spinning down here. Timers and levels of power inside of a disk take
 * commands of ATA, which take CAP_SYS_RAWIO.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define BLOCK_DIR "/sys/block"
#define SCHEDULER "queue/scheduler"

enum { SECTOR_BYTES = 512, HOSTS_MAX = 65536 };

/* Columns of the file stat (Documentation/block/stat.rst). */
enum { STAT_READ_SECTORS = 2, STAT_WRITTEN_SECTORS = 6, STAT_BUSY_MS = 9 };

static int read_stat(struct machine *m, const struct power_item *item, unsigned index,
		     struct power_value *ret_value)
{
	const struct instance *disk = machine_instance(m, POWER_DISK, index);
	const struct source *s = item->more;
	char line[SOURCE_BYTES], *word, *rest = line;
	int64_t number;
	int r = source_line(m, disk, s->file, line);

	if (r < 0)
		return r;
	for (unsigned column = 0; (word = strsep(&rest, " "));) {
		if (!*word)
			continue;
		if (column++ < s->number)
			continue;
		r = source_parse_number(word, &number);
		if (r < 0 || number < 0)
			return r < 0 ? r : -EBADMSG;
		ret_value->number = number * s->times / s->per;
		return 0;
	}
	return -EBADMSG;
}

/* The one in brackets: "mq-deadline [none]". */
static int read_scheduler(struct machine *m, const struct power_item *item, unsigned index,
			  struct power_value *ret_value)
{
	const struct instance *disk = machine_instance(m, POWER_DISK, index);
	char line[SOURCE_BYTES];
	const char *start, *end;
	int r = source_line(m, disk, SCHEDULER, line);

	if (r < 0)
		return r;
	/* A queue that has none writes the word alone. */
	start = strchr(line, '[');
	start = start ? start + 1 : str_equal(line, "none") ? line : NULL;
	end = start ? start + strcspn(start, "]") : NULL;
	if (!start || end == start || end - start >= POWER_TEXT_BYTES)
		return -EBADMSG;
	snprintf(ret_value->text, POWER_TEXT_BYTES, "%.*s", (int)(end - start), start);
	return 0;
}

/* ---- stopping the motor ---- */

/* The item with the disk's address in the name of its file, "2:0:0:0": -EOPNOTSUPP for a disk
 * without one. */
struct addressed {
	struct power_item item;
	struct source source;
	char file[SOURCE_PATH_BYTES];
};

static int put_address(struct machine *m, const struct power_item *item, unsigned index,
		       struct addressed *ret_addressed)
{
	const struct instance *disk = machine_instance(m, POWER_DISK, index);
	const struct source *s = item->more;
	const int *n = disk->number;
	const char *mark = strchr(s->file, '#');

	if (n[INSTANCE_NUMBERS - 1] < 0)
		return -EOPNOTSUPP;
	ret_addressed->item = *item;
	ret_addressed->source = *s;
	snprintf(ret_addressed->file, SOURCE_PATH_BYTES, "%.*s%d:%d:%d:%d%s", (int)(mark - s->file),
		 s->file, n[0], n[1], n[2], n[3], mark + 1);
	ret_addressed->source.file = ret_addressed->file;
	ret_addressed->item.more = &ret_addressed->source;
	return 0;
}

static int read_stop(struct machine *m, const struct power_item *item, unsigned index,
		     struct power_value *ret_value)
{
	struct addressed a;
	int r = put_address(m, item, index, &a);

	return r < 0 ? r : source_read(m, &a.item, index, ret_value);
}

static int check_stop(struct machine *m, const struct power_item *item, unsigned index,
		      const struct power_value *value)
{
	struct addressed a;
	int r = put_address(m, item, index, &a);

	return r < 0 ? r : source_check(m, &a.item, index, value);
}

static int write_stop(struct machine *m, const struct power_item *item, unsigned index,
		      const struct power_value *value)
{
	struct addressed a;
	int r = put_address(m, item, index, &a);

	return r < 0 ? r : source_write(m, &a.item, index, value);
}

#define STOP(item_name, item_help, item_file)                                                      \
	{                                                                                          \
		.name = item_name, .help = item_help, .domain = POWER_DISK, .unit = POWER_BOOLEAN, \
		.flags = POWER_SIGNAL | POWER_CONTROL, .read = read_stop, .check = check_stop,     \
		.write = write_stop, .more = &(const struct source)                                \
		{                                                                                  \
			.file = "device/scsi_disk/#/" item_file                                    \
		}                                                                                  \
	}

/* ---- the table ---- */

static const char *const link_policies[] = {"max_performance",
					    "medium_power",
					    "med_power_with_dipm",
					    "keep_firmware_settings",
					    "min_power_with_partial",
					    "min_power",
					    NULL};
static const char *const runtime_words[] = {"auto", "on", NULL};

#define COUNTER(item_name, item_help, item_unit, ...)                                          \
	{                                                                                      \
		.name = item_name, .help = item_help, .domain = POWER_DISK, .unit = item_unit, \
		.flags = POWER_SIGNAL, .read = read_stat, .more = &(const struct source)       \
		{                                                                              \
			.file = "stat", __VA_ARGS__                                            \
		}                                                                              \
	}

static const struct power_item items[] = {
	SOURCE_CONTROL("disk.link", "The policy of power of its SATA link (ALPM).", POWER_DISK,
		       POWER_TEXT, source_check,
		       .file = "/sys/class/scsi_host/host#/link_power_management_policy",
		       .words = link_policies),
	SOURCE_CONTROL("disk.runtime", "Whether it may sleep while nobody uses it: auto or on.",
		       POWER_DISK, POWER_TEXT, source_check, .file = "device/power/control",
		       .words = runtime_words),
	SOURCE_CONTROL("disk.sleep-delay",
		       "Time without use after which it sleeps; below 0: never.", POWER_DISK,
		       POWER_SECONDS, source_check, .file = "device/power/autosuspend_delay_ms",
		       .per = 1000, .min = -0.001, .max = 86400, .negative = true, .fails = true),
	STOP("disk.spin-down", "Whether it stops its motor when it sleeps.",
	     "manage_runtime_start_stop"),
	STOP("disk.spin-down-suspend", "Whether it stops its motor when the machine sleeps.",
	     "manage_system_start_stop"),
	{.name = "disk.scheduler",
	 .help = "What orders its requests.",
	 .domain = POWER_DISK,
	 .unit = POWER_TEXT,
	 .flags = POWER_SIGNAL | POWER_CONTROL,
	 .read = read_scheduler,
	 .check = source_check,
	 .write = source_write,
	 .more = &(const struct source){.file = SCHEDULER, .choices = SCHEDULER}},
	COUNTER("disk.read", "Bytes read since it is there.", POWER_NONE,
		.number = STAT_READ_SECTORS, .times = SECTOR_BYTES, .per = 1),
	COUNTER("disk.written", "Bytes written since it is there.", POWER_NONE,
		.number = STAT_WRITTEN_SECTORS, .times = SECTOR_BYTES, .per = 1),
	COUNTER("disk.busy", "Time in which it had something to do.", POWER_SECONDS,
		.number = STAT_BUSY_MS, .times = 1, .per = 1000),
};

/* The address that the device carries, "2:0:0:0"; of a longer one the host alone; or -1. */
static int find_address(struct machine *m, const char *path, int ret_numbers[INSTANCE_NUMBERS])
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	char folder[INSTANCE_PATH_BYTES], *part, *rest;
	int r;

	for (size_t i = 0; i < INSTANCE_NUMBERS; i++)
		ret_numbers[i] = -1;
	snprintf(folder, sizeof(folder), "%.90s/device/scsi_device", path);
	r = machine_list(m, folder, &names);
	if (r < 0 || !*names)
		return r;
	rest = *names;
	for (size_t i = 0; i < INSTANCE_NUMBERS && (part = strsep(&rest, ":")); i++) {
		ret_numbers[i] = machine_numbered(part, "", HOSTS_MAX);
		if (ret_numbers[i] < 0)
			break;
	}
	return 0;
}

static int add_disk(struct machine *m, const char *name)
{
	struct instance probe = {}, *disk;
	int numbers[INSTANCE_NUMBERS], r;

	snprintf(probe.path, sizeof(probe.path), BLOCK_DIR "/%.64s", name);
	if (!source_has(m, &probe, "device"))
		return 0;
	r = find_address(m, probe.path, numbers);
	if (r == 0)
		r = machine_add(m, POWER_DISK, name, probe.path, &disk);
	if (r == 0 && disk)
		memcpy(disk->number, numbers, sizeof(numbers));
	return r;
}

static int look(struct machine *m)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = machine_list(m, BLOCK_DIR, &names);

	for (char **name = names; r == 0 && *name; name++)
		r = add_disk(m, *name);
	return r;
}

const struct backend backend_disk = {items, ARRAY_SIZE(items), look};
