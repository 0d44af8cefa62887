/*
 * What this daemon keeps over time; see recorder.h.
 */
#include "pwrapis/recorder.h"

#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/catalogue.h"
#include "pwrapis/pwrapis.h"

enum {
	ZONES_MAX = 32,
	/* A zone's file that takes longer is read once in so many seconds: some are behind a slow
	 * bus. What is of the machine is looked at with each beat anyway. */
	SLOW_MS = 2,
	SLOW_PAUSE = 10,
};

uint64_t recorder_now(struct recorder *r)
{
	uint64_t boot_ns = time_now_ns(CLOCK_BOOTTIME);

	history_clock_look(&r->clock, boot_ns, time_now_ns(CLOCK_REALTIME));
	return boot_ns / NS_PER_S;
}

static bool is_of(const struct recorded *one, const char *item, const char *place)
{
	return str_equal(catalogue_item(one->item)->name, item) && str_equal(one->place, place);
}

const struct recorded *recorder_find(const struct recorder *r, const char *item, const char *place)
{
	for (unsigned i = 0; i < r->count; i++)
		if (is_of(&r->list[i], item, place))
			return &r->list[i];
	return NULL;
}

static struct recorded *look_up(struct recorder *r, unsigned item, const char *place)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->list[i].item == item && str_equal(r->list[i].place, place))
			return &r->list[i];
	return NULL;
}

/* NULL: there are too many, or no memory. */
static struct recorded *begin(struct recorder *r, unsigned item, const char *place, bool power)
{
	struct recorded *one = &r->list[r->count];

	if (r->count == ARRAY_SIZE(r->list))
		return NULL;
	*one = (struct recorded){.item = item, .series = series_new(power)};
	if (!one->series)
		return NULL;
	snprintf(one->place, sizeof(one->place), "%s", place);
	r->count++;
	return one;
}

static struct recorded *get(struct recorder *r, unsigned item, const char *place, bool power)
{
	struct recorded *one = look_up(r, item, place);

	return one ? one : begin(r, item, place, power);
}

/* ---- power ---- */

static const struct {
	const char *item;
	enum power_part part;
} parts[] = {
	{"power.board", POWER_PART_BOARD},
	{"power.processors", POWER_PART_CPU},
	{"power.memory", POWER_PART_MEMORY},
};

/* Energy of seconds that are unknown counts with the next one that is known. */
static void feed_part(struct pwrapis *p, unsigned item, enum power_part part, uint64_t second)
{
	const char *place = machine_name(p->machine, POWER_BOARD, 0);
	struct recorded *one;

	if (isnan(p->power.watts[part]))
		return;
	one = get(&p->recorder, item, place, true);
	if (!one)
		return;
	series_add(one->series, second, p->power.watts[part],
		   p->power.total_uj[part] - one->total_uj);
	one->total_uj = p->power.total_uj[part];
}

void recorder_feed_power(struct pwrapis *p)
{
	uint64_t second = recorder_now(&p->recorder);
	unsigned item;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (catalogue_find(parts[i].item, &item) == 0)
			feed_part(p, item, parts[i].part, second);
}

/* ---- all else ---- */

static void feed_one(struct pwrapis *p, unsigned item, unsigned index, uint64_t second)
{
	enum power_domain domain = catalogue_item(item)->domain;
	const char *place = machine_name(p->machine, domain, index);
	uint64_t begin_ns = time_now_ns(CLOCK_MONOTONIC);
	struct recorded *one = look_up(&p->recorder, item, place);
	struct power_value value;

	if ((one && second < one->not_before) || catalogue_read(p, item, index, &value) < 0)
		return;
	one = get(&p->recorder, item, place, false);
	if (!one)
		return;
	series_add(one->series, second, value.number, 0);
	if (domain != POWER_BOARD && time_now_ns(CLOCK_MONOTONIC) - begin_ns > SLOW_MS * NS_PER_MS)
		one->not_before = second + SLOW_PAUSE;
}

void recorder_feed(struct pwrapis *p)
{
	static const char *const items[] = {"cpu.usage-mean", "cpufreq.frequency-mean",
					    "thermal.temperature"};
	uint64_t second = recorder_now(&p->recorder);
	unsigned item;

	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		if (catalogue_find(items[i], &item) < 0)
			continue;
		for (unsigned k = 0; k < ZONES_MAX; k++)
			if (k < machine_count(p->machine, catalogue_item(item)->domain))
				feed_one(p, item, k, second);
	}
}

void recorder_deinit(struct recorder *r)
{
	for (unsigned i = 0; i < r->count; i++)
		series_free(take_ptr(r->list[i].series));
	r->count = 0;
}
