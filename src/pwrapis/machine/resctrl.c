/*
 * What of the memory's bandwidth and of a shared cache is used, where somebody has mounted
 * /sys/fs/resctrl: of each cache of the third level, for all processes that are in no group of
 * their own. Nothing is mounted, and no group made here.
 *
 * The kernel counts bytes. A bandwidth is the mean over the time since it was last told, a second
 * at least; the first time there is none.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/machine/source.h"

#define MONITORS_DIR "/sys/fs/resctrl/mon_data"

enum { CACHES_MAX = 256, RATES = 2 /* of each */ };

#define RATE_NS NS_PER_S
#define RATE_STALE_NS (60 * NS_PER_S)

/* The words that stand for a number (Documentation/arch/x86/resctrl.rst). */
static const struct word {
	const char *word;
	int error;
} words[] = {
	{"Unavailable", -ENODATA}, /* not now: the hardware counts for others */
	{"Error", -EIO}, /* the hardware says that it cannot tell */
	{"Unassigned", -EOPNOTSUPP}, /* no counter counts here */
};

static int parse(const char *line, int64_t *ret_bytes)
{
	int64_t bytes;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_equal(line, words[i].word))
			return words[i].error;
	r = source_parse_number(line, &bytes);
	if (r < 0 || bytes < 0)
		return r < 0 ? r : -EBADMSG;
	*ret_bytes = bytes;
	return 0;
}

static int read_bytes(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	const struct source *s = item->more;
	char line[SOURCE_BYTES];
	int64_t bytes = 0;
	int r = source_line(m, machine_instance(m, POWER_CACHE, index), s->file, line);

	if (r == 0)
		r = parse(line, &bytes);
	if (r == 0)
		ret_value->number = (double)bytes;
	return r;
}

struct rate {
	uint64_t at_ns; /* of the number; 0: there is none */
	double number, rate;
	bool known; /* the rate */
};

/* A number that went back was set anew: by a group that was unmade, or by another mount. */
static int advance(struct rate *rate, double bytes, uint64_t now_ns, double *ret_rate)
{
	uint64_t passed_ns = now_ns - rate->at_ns;

	if (!rate->at_ns || bytes < rate->number || passed_ns > RATE_STALE_NS) {
		*rate = (struct rate){.number = bytes, .at_ns = now_ns};
	} else if (passed_ns >= RATE_NS) {
		rate->rate = (bytes - rate->number) / ((double)passed_ns / NS_PER_S);
		rate->known = true;
		rate->number = bytes;
		rate->at_ns = now_ns;
	}
	if (!rate->known)
		return -EAGAIN;
	*ret_rate = rate->rate;
	return 0;
}

static int read_rate(struct machine *m, const struct power_item *item, unsigned index,
		     struct power_value *ret_value)
{
	const struct instance *cache = machine_instance(m, POWER_CACHE, index);
	const struct source *s = item->more;
	struct power_value bytes;
	struct rate *rate;
	int r = read_bytes(m, item, index, &bytes);

	if (!m->rates)
		m->rates = calloc(RATES * CACHES_MAX, sizeof(*m->rates));
	if (!m->rates)
		return -ENOMEM;
	/* By the number of the cache, which is the same when the machine is looked over again. */
	rate = &m->rates[RATES * cache->number[0] + s->number];
	if (r < 0) {
		*rate = (struct rate){};
		return r;
	}
	return advance(rate, bytes.number, time_now_ns(CLOCK_MONOTONIC), &ret_value->number);
}

/* What others compute shows in all of them. */
#define MONITOR(item_name, item_help, item_unit, item_read, ...)                                \
	{                                                                                       \
		.name = item_name, .help = item_help, .domain = POWER_CACHE, .unit = item_unit, \
		.flags = POWER_SIGNAL | POWER_PRIVATE, .read = item_read,                       \
		.more = &(const struct source)                                                  \
		{                                                                               \
			__VA_ARGS__                                                             \
		}                                                                               \
	}

static const struct power_item items[] = {
	MONITOR("resctrl.occupancy", "Bytes of the cache that are used.", POWER_NONE, read_bytes,
		.file = "llc_occupancy"),
	MONITOR("resctrl.memory", "Bytes moved from and to memory through it.", POWER_NONE,
		read_bytes, .file = "mbm_total_bytes"),
	MONITOR("resctrl.memory-local", "The same, of memory of its own node.", POWER_NONE,
		read_bytes, .file = "mbm_local_bytes"),
	MONITOR("resctrl.bandwidth", "Bytes a second from and to memory.", POWER_PER_SECOND,
		read_rate, .file = "mbm_total_bytes", .number = 0),
	MONITOR("resctrl.bandwidth-local", "The same, of memory of its own node.", POWER_PER_SECOND,
		read_rate, .file = "mbm_local_bytes", .number = 1),
};

/* "mon_L3_00" is the cache "L3-0". */
static int look(struct machine *m)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = machine_list(m, MONITORS_DIR, &names);

	for (char **name = names; r == 0 && *name; name++) {
		char path[INSTANCE_PATH_BYTES], told[POWER_NAME_BYTES];
		const char *digits = str_starts(*name, "mon_L3_") ? *name + 7 : "";
		struct instance *cache;
		int number;

		if (digits[0] == '0' && digits[1])
			digits++;
		number = machine_numbered(digits, "", CACHES_MAX);
		if (number < 0)
			continue;
		snprintf(path, sizeof(path), MONITORS_DIR "/%.32s", *name);
		snprintf(told, sizeof(told), "L3-%d", number);
		r = machine_add(m, POWER_CACHE, told, path, &cache);
		if (cache)
			cache->number[0] = number;
	}
	return r;
}

const struct backend backend_resctrl = {items, ARRAY_SIZE(items), look};
