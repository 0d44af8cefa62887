/*
 * Everything a machine tells about power, as text; see listing.h.
 */
#include "pwrapis/machine/listing.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/cpuinfo.h"
#include "pwrapis/machine/source.h"

static const char *const units[POWER_LIST + 1] = {
	[POWER_HERTZ] = " Hz",
	[POWER_WATTS] = " W",
	[POWER_JOULES] = " J",
	[POWER_KELVIN] = " K",
	[POWER_SECONDS] = " s",
	[POWER_PER_SECOND] = " /s",
	[POWER_BITS_PER_SECOND] = " bit/s",
};

static const char *const unit_names[POWER_LIST + 1] = {
	[POWER_NONE] = "number",
	[POWER_HERTZ] = "Hz",
	[POWER_WATTS] = "W",
	[POWER_JOULES] = "J",
	[POWER_KELVIN] = "K",
	[POWER_SECONDS] = "s",
	[POWER_FRACTION] = "0 to 1",
	[POWER_RATIO] = "ratio",
	[POWER_PER_SECOND] = "per second",
	[POWER_BITS_PER_SECOND] = "bit/s",
	[POWER_BOOLEAN] = "0 or 1",
	[POWER_TEXT] = "text",
	[POWER_LIST] = "words",
};

static const char *const domain_names[POWER_DOMAINS] = {
	[POWER_BOARD] = "machine",  [POWER_CPU] = "processor",
	[POWER_POLICY] = "policy",  [POWER_IDLE] = "state",
	[POWER_ZONE] = "zone",	    [POWER_METER] = "meter",
	[POWER_FAN] = "fan",	    [POWER_THERMAL] = "thermal zone",
	[POWER_DISK] = "disk",	    [POWER_NET] = "interface",
	[POWER_USB] = "USB device", [POWER_CACHE] = "cache",
	[POWER_CGROUP] = "group",   [POWER_HBM] = "part of HBM",
};

/* Letters for the flags, as the table says. */
static void print_flags(unsigned flags, FILE *out)
{
	static const struct {
		unsigned flag;
		const char *letter;
	} letters[] = {
		{POWER_CONTROL, "C"}, {POWER_PRIVATE, "P"}, {POWER_PER_CLIENT, "H"},
		{POWER_GUARDED, "G"}, {POWER_ACT, "A"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (flags & letters[i].flag)
			fputs(letters[i].letter, out);
}

/* What a control takes, as far as its row says; what more is asked, the backends say. */
static void print_takes(const struct power_item *row, FILE *out)
{
	const struct source *s = row->more;

	if (!(row->flags & POWER_CONTROL) || !s)
		return;
	if (s->choices)
		fprintf(out, "a word of `%s`", s->choices);
	for (const char *const *word = s->words; word && *word; word++)
		fprintf(out, "%s`%s`", word == s->words ? "" : ", ", *word);
	if (s->max > s->min)
		fprintf(out, "%g to %g", s->min, s->max);
}

void listing_print_table(FILE *out)
{
	const struct power_item *row;

	fputs("| item | of each | unit | is | file | takes | what |\n", out);
	fputs("|---|---|---|---|---|---|---|\n", out);
	for (unsigned i = 0; (row = power_item(i)); i++) {
		const struct source *s = row->more;
		bool file = s && s->file;

		fprintf(out, "| `%s` | %s | %s | ", row->name, domain_names[row->domain],
			unit_names[row->unit]);
		print_flags(row->flags, out);
		fprintf(out, " | %s%s%s | ", file ? "`" : "", file ? s->file : "", file ? "`" : "");
		print_takes(row, out);
		fprintf(out, " | %s |\n", row->help);
	}
}

static void print_words(struct machine *m, unsigned item, unsigned index, FILE *out)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	int r = machine_words(m, item, index, &words);

	if (r < 0)
		fprintf(out, "-%s", strerrorname_np(-r));
	for (char **word = words; word && *word; word++)
		fprintf(out, "%s%s", word == words ? "" : " ", *word);
}

/* What one instance says, the caller's. */
static char *describe(struct machine *m, unsigned item, unsigned index)
{
	enum power_unit unit = power_item(item)->unit;
	struct power_value value;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int r = machine_read(m, item, index, &value);

	if (!out)
		abort();
	if (r < 0)
		fprintf(out, "-%s", strerrorname_np(-r));
	else if (unit == POWER_LIST)
		print_words(m, item, index, out);
	else if (unit == POWER_TEXT)
		fprintf(out, "%s", value.text);
	else
		fprintf(out, "%.12g%s", value.number, units[unit] ? units[unit] : "");
	fclose(out);
	return text;
}

static void print_item(struct machine *m, unsigned item, FILE *out)
{
	const struct power_item *row = power_item(item);
	unsigned count = machine_count(m, row->domain);

	for (unsigned first = 0, last; first < count; first = last + 1) {
		_cleanup_free_ char *text = describe(m, item, first);

		for (last = first; last + 1 < count; last++) {
			_cleanup_free_ char *next = describe(m, item, last + 1);

			if (!str_equal(next, text))
				break;
		}
		fprintf(out, "%s %s", row->name, machine_name(m, row->domain, first));
		if (last > first)
			fprintf(out, "..%s", machine_name(m, row->domain, last));
		fprintf(out, " = %s\n", text);
	}
}

static void print_cpuinfo(int root_fd, FILE *out)
{
	struct cpuinfo info;
	int r = cpuinfo_read(root_fd, &info);

	if (r < 0) {
		fprintf(out, "processors: -%s\n", strerrorname_np(-r));
		return;
	}
	fprintf(out, "processors: arch %s, model %s, %u, on line %s\n", info.arch, info.model,
		info.cpus, info.online);
	fprintf(out, "processors: sockets %u, cores each %u, threads each %u, %.12g to %.12g Hz\n",
		info.sockets, info.cores_per_socket, info.threads_per_core, info.min_hz,
		info.max_hz);
	for (unsigned i = 0; i < info.node_count; i++)
		fprintf(out, "processors: node %u: %s\n", info.nodes[i].number, info.nodes[i].cpus);
	cpuinfo_deinit(&info);
}

void listing_print(struct machine *m, FILE *out)
{
	print_cpuinfo(machine_root(m), out);
	for (unsigned item = 0; item < power_item_count(); item++)
		print_item(m, item, out);
}
