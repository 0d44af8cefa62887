/*
 * Readings as metrics; see metrics.h.
 *
 * Units are base units, as the names say: watts, joules, hertz, celsius, and ratios from 0 to 1.
 * Temperatures come in kelvin; celsius is what dashboards expect, and what the node exporter has.
 */
#include "exporter/metrics.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/def.h"

#define ZERO_CELSIUS_K 273.15

enum { SOURCES_MAX = 4 };

enum metric_flags {
	METRIC_COUNTER = 1,
	METRIC_CELSIUS = 2,
	METRIC_LEVEL = 4, /* has a label "level": where the number comes from */
};

/* An item, and its label when that is not the place. */
struct source {
	const char *item, *label;
};

static const struct metric {
	const char *name, *help;
	const char *label; /* what a source's label says; NULL: there is one value */
	enum metric_flags flags;
	struct source sources[SOURCES_MAX];
} metrics[] = {
	{"leonhard_power_watts",
	 "Power over the last second; level says where the number comes from.",
	 "part",
	 METRIC_LEVEL,
	 {{"power.board", "board"},
	  {"power.processors", "processors"},
	  {"power.cpu", "cpu"},
	  {"power.memory", "memory"}}},
	{"leonhard_power_meter_watts",
	 "Power now, by each meter of hwmon.",
	 "meter",
	 METRIC_LEVEL,
	 {{"hwmon.power", NULL}}},
	{"leonhard_power_zone_watts",
	 "Power now, of zones of powercap that measure it.",
	 "zone",
	 METRIC_LEVEL,
	 {{"powercap.power", NULL}}},
	{"leonhard_power_controller_watts",
	 "Power now, by the board's controller (IPMI DCMI).",
	 NULL,
	 METRIC_LEVEL,
	 {{"ipmi.power", NULL}}},
	{"leonhard_energy_joules_total",
	 "Energy used by each zone of powercap; the counter of the hardware, which starts anew.",
	 "zone",
	 METRIC_COUNTER | METRIC_LEVEL,
	 {{"powercap.energy", NULL}}},
	{"leonhard_power_cap_watts",
	 "The cap of power, of the machine or of a meter.",
	 "place",
	 0,
	 {{"power.cap", NULL}, {"hwmon.cap", NULL}}},
	{"leonhard_power_cap_lowest_watts",
	 "The lowest cap that can be set.",
	 "place",
	 0,
	 {{"power.cap-min", NULL}, {"hwmon.cap-min", NULL}}},
	{"leonhard_power_cap_highest_watts",
	 "The highest cap that can be set.",
	 "place",
	 0,
	 {{"power.cap-max", NULL}, {"hwmon.cap-max", NULL}}},
	{"leonhard_power_zone_limit_watts",
	 "Mean power that a zone of powercap may use over its window.",
	 "zone",
	 0,
	 {{"powercap.limit", NULL}}},
	{"leonhard_power_zone_limit_highest_watts",
	 "The greatest limit of a zone of powercap.",
	 "zone",
	 0,
	 {{"powercap.limit-max", NULL}}},
	{"leonhard_cpu_usage_ratio",
	 "How busy each processor was over the last second.",
	 "cpu",
	 0,
	 {{"cpu.usage", NULL}}},
	{"leonhard_cpu_usage_mean_ratio",
	 "How busy all processors were over the last second.",
	 NULL,
	 0,
	 {{"cpu.usage-mean", NULL}}},
	{"leonhard_cpu_frequency_hertz",
	 "The frequency now, as far as the kernel knows.",
	 "policy",
	 0,
	 {{"cpufreq.frequency", NULL}}},
	{"leonhard_cpu_frequency_mean_hertz",
	 "Mean frequency of the processors on line.",
	 NULL,
	 0,
	 {{"cpufreq.frequency-mean", NULL}}},
	{"leonhard_cpu_frequency_lower_limit_hertz",
	 "The lowest frequency that a governor may choose.",
	 "policy",
	 0,
	 {{"cpufreq.min", NULL}}},
	{"leonhard_cpu_frequency_upper_limit_hertz",
	 "The highest frequency that a governor may choose.",
	 "policy",
	 0,
	 {{"cpufreq.max", NULL}}},
	{"leonhard_cpu_frequency_lowest_hertz",
	 "The lowest frequency of the hardware.",
	 "policy",
	 0,
	 {{"cpufreq.hardware-min", NULL}}},
	{"leonhard_cpu_frequency_highest_hertz",
	 "The highest frequency of the hardware.",
	 "policy",
	 0,
	 {{"cpufreq.hardware-max", NULL}}},
	{"leonhard_temperature_celsius",
	 "The temperature of each thermal zone.",
	 "zone",
	 METRIC_CELSIUS,
	 {{"thermal.temperature", NULL}}},
	{"leonhard_temperature_critical_celsius",
	 "The temperature from which on the kernel shuts down.",
	 "zone",
	 METRIC_CELSIUS,
	 {{"thermal.critical", NULL}}},
	{"leonhard_fan_rotation_hertz",
	 "Revolutions of each fan in a second.",
	 "fan",
	 0,
	 {{"hwmon.fan", NULL}}},
	{"leonhard_fan_level_ratio",
	 "How much of its full power each fan gets.",
	 "fan",
	 0,
	 {{"hwmon.fan-level", NULL}}},
	{"leonhard_fan_state_ratio",
	 "How much of its highest state each cooling fan is in.",
	 "fan",
	 0,
	 {{"thermal.fan-state", NULL}}},
};

/* ---- the format ---- */

int metrics_add_label(struct strbuf *out, const char *text)
{
	int r = 0;

	for (; r == 0 && *text; text++) {
		if (*text == '\n')
			r = strbuf_add(out, "\\n", 2);
		else if (*text == '\\' || *text == '"')
			r = strbuf_addf(out, "\\%c", *text);
		else
			r = strbuf_add(out, text, 1);
	}
	return r;
}

static int add_head(struct strbuf *out, const char *name, const char *help, bool counter)
{
	return strbuf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
			   counter ? "counter" : "gauge");
}

static int add_pair(struct strbuf *out, const char *before, const char *name, const char *text)
{
	int r = strbuf_addf(out, "%s%s=\"", before, name);

	if (r == 0)
		r = metrics_add_label(out, text);
	return r == 0 ? strbuf_add(out, "\"", 1) : r;
}

static int add_labels(const struct metric *m, const char *label, const char *level,
		      struct strbuf *out)
{
	bool has_level = m->flags & METRIC_LEVEL;
	int r = 0;

	if (m->label)
		r = add_pair(out, "{", m->label, label);
	if (r == 0 && has_level)
		r = add_pair(out, m->label ? "," : "{", "level", level);
	if (r == 0 && (m->label || has_level))
		r = strbuf_add(out, "}", 1);
	return r;
}

/* ---- readings ---- */

static const char *text_of(const json_t *reading, const char *member)
{
	const char *text = json_string_value(json_object_get(reading, member));

	return text ? text : "";
}

/* The reading's number, if it is known. */
static bool number_of(const json_t *reading, double *ret_number)
{
	const json_t *number = json_object_get(reading, "number");
	double value = json_number_value(number);

	if (!json_is_number(number) || !isfinite(value))
		return false;
	*ret_number = value;
	return true;
}

static const struct source *source_of(const struct metric *m, const json_t *reading)
{
	const char *item = text_of(reading, "item");

	for (size_t i = 0; i < SOURCES_MAX && m->sources[i].item; i++)
		if (strcmp(m->sources[i].item, item) == 0)
			return &m->sources[i];
	return NULL;
}

static int add_reading(const struct metric *m, const json_t *reading, const char *level,
		       bool *first, struct strbuf *out)
{
	const struct source *source = source_of(m, reading);
	double number;
	int r = 0;

	if (!source || !number_of(reading, &number))
		return 0;
	if (*first)
		r = add_head(out, m->name, m->help, m->flags & METRIC_COUNTER);
	*first = false;
	if (r == 0)
		r = strbuf_addf(out, "%s", m->name);
	if (r == 0)
		r = add_labels(m, source->label ? source->label : text_of(reading, "place"), level,
			       out);
	number -= m->flags & METRIC_CELSIUS ? ZERO_CELSIUS_K : 0;
	return r == 0 ? strbuf_addf(out, " %.12g\n", number) : r;
}

static int add_metric(const struct metric *m, const json_t *replies, const char *level,
		      struct strbuf *out)
{
	bool first = true;
	size_t i, j;
	json_t *reply, *reading;
	int r = 0;

	json_array_foreach(replies, i, reply)
	{
		json_array_foreach(reply, j, reading)
		{
			r = add_reading(m, reading, level, &first, out);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* What the service says of the source of its numbers; an older one says nothing. */
static const char *find_level(const json_t *replies)
{
	size_t i, j;
	json_t *reply, *reading;

	json_array_foreach(replies, i, reply)
	{
		json_array_foreach(reply, j, reading)
		{
			if (strcmp(text_of(reading, "item"), "power.level") == 0 &&
			    *text_of(reading, "text"))
				return text_of(reading, "text");
		}
	}
	return "unknown";
}

/* How many have a problem instead of a value. Without a place the machine does not have it. */
static unsigned count_unknown(const json_t *replies)
{
	unsigned count = 0;
	size_t i, j;
	json_t *reply, *reading;

	json_array_foreach(replies, i, reply)
	{
		json_array_foreach(reply, j, reading)
		{
			if (*text_of(reading, "place") && *text_of(reading, "problem"))
				count++;
		}
	}
	return count;
}

/* ---- all of them ---- */

static int add_look(const struct metrics_look *look, unsigned unknown, struct strbuf *out)
{
	int r = add_head(out, "leonhard_power_up", "Whether the power service has answered.",
			 false);

	if (r == 0)
		r = strbuf_addf(out, "leonhard_power_up %d\n", look->up);
	if (r == 0)
		r = add_head(out, "leonhard_power_scrape_duration_seconds",
			     "How long the power service took to answer.", false);
	if (r == 0)
		r = strbuf_addf(out, "leonhard_power_scrape_duration_seconds %.6f\n",
				look->duration_s);
	if (r == 0)
		r = add_head(out, "leonhard_power_scrape_errors_total",
			     "Scrapes of which a part or all has failed.", true);
	if (r == 0)
		r = strbuf_addf(out, "leonhard_power_scrape_errors_total %" PRIu64 "\n",
				look->errors);
	if (r < 0 || !look->up)
		return r;
	r = add_head(out, "leonhard_power_unknown_readings",
		     "Readings that the machine has and that are not known at the moment.", false);
	return r == 0 ? strbuf_addf(out, "leonhard_power_unknown_readings %u\n", unknown) : r;
}

int metrics_write(const json_t *replies, const struct metrics_look *look, struct strbuf *out)
{
	const char *level = find_level(replies);
	int r = add_look(look, count_unknown(replies), out);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(metrics); i++)
		r = add_metric(&metrics[i], replies, level, out);
	return r;
}
