/*
 * Items of the varlink front; see catalogue.h.
 */
#include "pwrapis/catalogue.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/cap.h"
#include "pwrapis/machine/backend.h"
#include "pwrapis/front.h"
#include "rpc/json.h"

/* Usage is over the last second, a little less than which is between two looks; and is not taken
 * anew for each processor. */
enum { WINDOW_MS = 900, FRESH_MS = 100 };

static const char *const units[POWER_LIST + 1] = {
	[POWER_NONE] = "1",	    [POWER_HERTZ] = "Hz",
	[POWER_WATTS] = "W",	    [POWER_JOULES] = "J",
	[POWER_KELVIN] = "K",	    [POWER_SECONDS] = "s",
	[POWER_FRACTION] = "1",	    [POWER_RATIO] = "1",
	[POWER_PER_SECOND] = "1/s", [POWER_BITS_PER_SECOND] = "bit/s",
	[POWER_BOOLEAN] = "bool",   [POWER_TEXT] = "text",
	[POWER_LIST] = "list",
};

static const char *const domains[POWER_DOMAINS] = {
	[POWER_BOARD] = "machine", [POWER_CPU] = "processor",	[POWER_POLICY] = "policy",
	[POWER_IDLE] = "state",	   [POWER_ZONE] = "zone",	[POWER_METER] = "meter",
	[POWER_FAN] = "fan",	   [POWER_THERMAL] = "thermal", [POWER_DISK] = "disk",
	[POWER_NET] = "interface", [POWER_USB] = "usb",		[POWER_CACHE] = "cache",
	[POWER_CGROUP] = "group",  [POWER_HBM] = "hbm",
};

/* ---- what is measured ---- */

/* Of all processors, by their numbers; kept, since each is asked for on its own. */
static struct {
	double cpus[USAGE_CPUS_MAX];
	size_t count;
	double mean;
	uint64_t at_ns;
	int r;
} usage;

static int look_at_usage(struct pwrapis *p)
{
	uint64_t now_ns = time_now_ns(CLOCK_MONOTONIC);

	if (!p->usage)
		return -EOPNOTSUPP;
	if (usage.at_ns && now_ns - usage.at_ns < FRESH_MS * NS_PER_MS)
		return usage.r;
	usage.at_ns = now_ns;
	usage.r = usage_read(p->usage, now_ns, WINDOW_MS * NS_PER_MS, usage.cpus,
			     ARRAY_SIZE(usage.cpus), &usage.mean, &usage.count);
	/* Of a daemon that has just begun: since it has. */
	if (usage.r == -EAGAIN)
		usage.r = usage_read(p->usage, now_ns, 0, usage.cpus, ARRAY_SIZE(usage.cpus),
				     &usage.mean, &usage.count);
	return usage.r;
}

int catalogue_usage(struct pwrapis *p, const double **ret_cpus, size_t *ret_count, double *ret_mean)
{
	int r = look_at_usage(p);

	if (r < 0)
		return r;
	*ret_cpus = usage.cpus;
	*ret_count = usage.count;
	*ret_mean = usage.mean;
	return 0;
}

static int read_usage(struct pwrapis *p, unsigned index, double *ret_number)
{
	int number =
		machine_numbered(machine_name(p->machine, POWER_CPU, index), "cpu", USAGE_CPUS_MAX);
	int r = look_at_usage(p);

	if (r < 0)
		return r;
	if (number < 0 || (size_t)number >= usage.count || usage.cpus[number] < 0)
		return -ENODATA;
	*ret_number = usage.cpus[number];
	return 0;
}

static int read_usage_mean(struct pwrapis *p, unsigned index, double *ret_number)
{
	int r = look_at_usage(p);

	if (r == 0)
		*ret_number = usage.mean;
	return r;
}

/* Unknown is not 0; whether it will ever be known is told by what the machine has. */
static int read_part(struct pwrapis *p, enum power_part part, double *ret_number)
{
	bool some = part == POWER_PART_BOARD && machine_count(p->machine, POWER_METER);

	for (unsigned i = 0; i < p->power.zone_count; i++)
		some |= p->power.zones[i].part == part;
	if (!some)
		return -EOPNOTSUPP;
	if (isnan(p->power.watts[part]))
		return -ENODATA;
	*ret_number = p->power.watts[part];
	return 0;
}

static int read_board(struct pwrapis *p, unsigned index, double *ret_number)
{
	return read_part(p, POWER_PART_BOARD, ret_number);
}

static int read_packages(struct pwrapis *p, unsigned index, double *ret_number)
{
	return read_part(p, POWER_PART_CPU, ret_number);
}

static int read_memory(struct pwrapis *p, unsigned index, double *ret_number)
{
	return read_part(p, POWER_PART_MEMORY, ret_number);
}

static int read_frequency_mean(struct pwrapis *p, unsigned index, double *ret_number)
{
	if (!p->frequency.policy_count)
		return -EOPNOTSUPP;
	if (isnan(p->frequency.mean))
		return -ENODATA;
	*ret_number = p->frequency.mean;
	return 0;
}

static int read_cap(struct pwrapis *p, unsigned index, double *ret_number)
{
	struct cap cap;
	int r = cap_find(p->machine, &cap);

	/* What the controller has is ipmi.limit, while ipmi.limit-active says so. */
	if (r == 0 && isnan(cap.watts))
		r = -ENODATA;
	if (r == 0)
		*ret_number = cap.watts;
	return r;
}

static int read_cap_min(struct pwrapis *p, unsigned index, double *ret_number)
{
	return cap_min(p->machine, ret_number);
}

static int read_cap_max(struct pwrapis *p, unsigned index, double *ret_number)
{
	return cap_max(p->machine, ret_number);
}

static int look_at_counters(struct pwrapis *p, unsigned index, struct counted *ret_counted)
{
	int number =
		machine_numbered(machine_name(p->machine, POWER_CPU, index), "cpu", USAGE_CPUS_MAX);

	counting_want(&p->counting);
	return number < 0 ? -ENODATA : counting_cpu(&p->counting, number, ret_counted);
}

static int read_ipc(struct pwrapis *p, unsigned index, double *ret_number)
{
	struct counted counted;
	int r = look_at_counters(p, index, &counted);

	return r < 0 ? r : counting_ipc(&counted, ret_number);
}

static int read_misses(struct pwrapis *p, unsigned index, double *ret_number)
{
	struct counted counted;
	int r = look_at_counters(p, index, &counted);

	return r < 0 ? r : counting_misses(&counted, ret_number);
}

static const struct measured {
	struct power_item item;
	int (*read)(struct pwrapis *p, unsigned index, double *ret_number);
} measured[] = {
	{{.name = "power.board",
	  .help = "Power of the whole machine over the last second, by its meter.",
	  .domain = POWER_BOARD,
	  .unit = POWER_WATTS,
	  .flags = POWER_SIGNAL | POWER_PRIVATE},
	 read_board},
	{{.name = "power.processors",
	  .help = "Power of the processors' packages over the last second.",
	  .domain = POWER_BOARD,
	  .unit = POWER_WATTS,
	  .flags = POWER_SIGNAL | POWER_PRIVATE},
	 read_packages},
	{{.name = "power.memory",
	  .help = "Power of the memory over the last second, where it is measured.",
	  .domain = POWER_BOARD,
	  .unit = POWER_WATTS,
	  .flags = POWER_SIGNAL | POWER_PRIVATE},
	 read_memory},
	{{.name = "cpu.usage",
	  .help = "How busy the processor was over the last second.",
	  .domain = POWER_CPU,
	  .unit = POWER_FRACTION,
	  .flags = POWER_SIGNAL | POWER_PRIVATE},
	 read_usage},
	{{.name = "cpu.usage-mean",
	  .help = "How busy all processors were over the last second.",
	  .domain = POWER_BOARD,
	  .unit = POWER_FRACTION,
	  .flags = POWER_SIGNAL | POWER_PRIVATE},
	 read_usage_mean},
	{{.name = "cpufreq.frequency-mean",
	  .help = "Mean frequency of the processors on line, looked at once a second.",
	  .domain = POWER_BOARD,
	  .unit = POWER_HERTZ,
	  .flags = POWER_SIGNAL},
	 read_frequency_mean},
	{{.name = CAP_ITEM,
	  .help = "The cap of the machine: of its meter, or of all processor packages together.",
	  .domain = POWER_BOARD,
	  .unit = POWER_WATTS,
	  .flags = POWER_SIGNAL | POWER_CONTROL},
	 read_cap},
	{{.name = "power.cap-min",
	  .help = "The lowest cap of the machine.",
	  .domain = POWER_BOARD,
	  .unit = POWER_WATTS,
	  .flags = POWER_SIGNAL},
	 read_cap_min},
	{{.name = "power.cap-max",
	  .help = "The highest cap of the machine.",
	  .domain = POWER_BOARD,
	  .unit = POWER_WATTS,
	  .flags = POWER_SIGNAL},
	 read_cap_max},
	{{.name = "cpu.ipc",
	  .help = "Instructions per cycle over the last second, where the hardware counts them.",
	  .domain = POWER_CPU,
	  .unit = POWER_RATIO,
	  .flags = POWER_SIGNAL | POWER_PRIVATE},
	 read_ipc},
	{{.name = "cpu.llc-misses",
	  .help = "Misses of the last cache over the last second, where the hardware counts them.",
	  .domain = POWER_CPU,
	  .unit = POWER_PER_SECOND,
	  .flags = POWER_SIGNAL | POWER_PRIVATE},
	 read_misses},
};

/* ---- all of them ---- */

unsigned catalogue_count(void)
{
	return power_item_count() + ARRAY_SIZE(measured);
}

const struct power_item *catalogue_item(unsigned number)
{
	if (number < power_item_count())
		return power_item(number);
	number -= power_item_count();
	return number < ARRAY_SIZE(measured) ? &measured[number].item : NULL;
}

int catalogue_find(const char *name, unsigned *ret_number)
{
	for (unsigned i = 0; i < catalogue_count(); i++)
		if (str_equal(catalogue_item(i)->name, name)) {
			*ret_number = i;
			return 0;
		}
	return -ENOENT;
}

const char *catalogue_unit(const struct power_item *item)
{
	return units[item->unit];
}

bool catalogue_matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '*')
		return strncmp(pattern, name, len - 1) == 0;
	return str_equal(pattern, name);
}

int catalogue_read(struct pwrapis *p, unsigned number, unsigned index,
		   struct power_value *ret_value)
{
	const struct power_item *item = catalogue_item(number);
	struct power_value value = {};
	int r;

	if (!item || index >= machine_count(p->machine, item->domain))
		return -EINVAL;
	if (number < power_item_count())
		return machine_read(p->machine, number, index, ret_value);
	r = measured[number - power_item_count()].read(p, index, &value.number);
	if (r == 0)
		*ret_value = value;
	return r;
}

/* ---- the list ---- */

static json_t *list_places(const struct pwrapis *p, enum power_domain domain)
{
	json_t *places = json_array();
	unsigned count = machine_count(p->machine, domain);

	for (unsigned i = 0; places && i < count && i < CATALOGUE_PLACES_MAX; i++)
		if (json_array_append_new(places,
					  json_string(machine_name(p->machine, domain, i))) < 0)
			json_decref(take_ptr(places));
	return places;
}

static json_t *describe(const struct pwrapis *p, const struct power_item *item)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:o, s:I}", "name", item->name, "help",
			 item->help, "domain", domains[item->domain], "unit", units[item->unit],
			 "signal", !!(item->flags & POWER_SIGNAL), "control",
			 !!(item->flags & POWER_CONTROL), "places", list_places(p, item->domain),
			 "place_count", (json_int_t)machine_count(p->machine, item->domain));
}

int catalogue_list(const struct pwrapis *p, const char *domain, const struct rpc_call *call,
		   json_t **ret_items)
{
	_cleanup_json_ json_t *items = json_array();
	const struct power_item *item;

	for (unsigned i = 0; items && (item = catalogue_item(i)); i++) {
		if ((domain && !str_equal(domains[item->domain], domain)) ||
		    !front_may(p->front, call, i))
			continue;
		if (json_array_append_new(items, describe(p, item)) < 0)
			return -ENOMEM;
	}
	if (!items)
		return -ENOMEM;
	*ret_items = take_ptr(items);
	return 0;
}
