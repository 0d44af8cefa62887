/*
 * Progress of long work; see table.h. What depends on the clock takes the time as an argument.
 */
#include "base/table.h"

#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "base/str.h"
#include "base/strint.h"
#include "base/tableint.h"
#include "base/time.h"

#define SILENT_NS (2 * NS_PER_S)
#define REWRITE_NS (100 * NS_PER_MS)
#define LINE_NS (10 * NS_PER_S)

/* Products of counts and nanoseconds need more than 64 bits. */
typedef unsigned __int128 wide;

enum { QUANTITY_MAX = 32 };

static bool counts_bytes(const struct progress *p)
{
	return str_equal(p->unit, "bytes");
}

/* A number, given in tenths. Bytes, of which there are many, are written as KiB and so on. */
static void format_quantity(const struct progress *p, wide tenths, char out[QUANTITY_MAX])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	size_t u = 0;

	while (counts_bytes(p) && tenths >= 10240) {
		tenths /= 1024;
		u++;
	}
	if (u > 0 || (tenths < 100 && tenths % 10))
		snprintf(out, QUANTITY_MAX, "%u.%u", (unsigned)tenths / 10, (unsigned)tenths % 10);
	else
		snprintf(out, QUANTITY_MAX, "%llu", (unsigned long long)(tenths / 10));
	if (counts_bytes(p))
		strcat(strcat(out, " "), units[u]);
}

/* "hashing: 1234 of 5000 files, 24%, 230 files/s, 16.3 s left" */
static int compose(const struct progress *p, uint64_t now_ns, struct strbuf *line)
{
	char done[QUANTITY_MAX], total[QUANTITY_MAX], rate[QUANTITY_MAX], left[TIME_TEXT_MAX];
	uint64_t elapsed_ns = now_ns - p->begin_ns;
	wide left_ns;
	const char *space = counts_bytes(p) ? "" : " ", *unit = counts_bytes(p) ? "" : p->unit;
	int r;

	format_quantity(p, (wide)p->done * 10, done);
	format_quantity(p, (wide)p->total * 10, total);
	format_quantity(p, (wide)p->done * (10 * NS_PER_S) / elapsed_ns, rate);
	r = strbuf_addf(line, "%s: %s", p->what, done);
	if (r == 0 && p->total)
		r = strbuf_addf(line, " of %s", total);
	if (r == 0)
		r = strbuf_addf(line, "%s%s", space, unit);
	if (r == 0 && p->total)
		r = strbuf_addf(line, ", %u%%", (unsigned)((wide)p->done * 100 / p->total));
	if (r == 0)
		r = strbuf_addf(line, ", %s%s%s/s", rate, space, unit);
	if (r < 0 || p->done == 0 || p->done >= p->total)
		return r;
	left_ns = (wide)elapsed_ns * (p->total - p->done) / p->done;
	time_format_span(left_ns < UINT64_MAX ? left_ns : UINT64_MAX, left);
	return strbuf_addf(line, ", %s left", left);
}

/* One write, so that other output does not come in between. On a terminal the line stays open. */
static void show(struct progress *p, uint64_t now_ns)
{
	_cleanup_(strbuf_deinit) struct strbuf line = {};
	unsigned width = p->terminal ? table_terminal_width(p->out) : 0;
	size_t shown;

	/* Without memory nothing is shown; the work goes on. */
	if (compose(p, now_ns, &line) < 0)
		return;
	/* A line that fills the last column would wrap, and could not be rewritten. */
	if (width)
		line.text[str_fit(line.text, width - 1, &shown)] = '\0';
	fprintf(p->out, p->terminal ? "\r%s\033[K" : "%s\n", line.text);
	fflush(p->out);
	p->visible = true;
	p->shown_ns = now_ns;
}

void progress_begin_at(struct progress *p, const char *what, const char *unit, uint64_t total,
		       FILE *out, bool terminal, uint64_t now_ns)
{
	*p = (struct progress){
		.what = what,
		.unit = unit,
		.total = total,
		.out = out,
		.begin_ns = now_ns,
		.terminal = terminal,
	};
}

void progress_step_at(struct progress *p, uint64_t done, uint64_t now_ns)
{
	uint64_t pause_ns = p->terminal ? REWRITE_NS : LINE_NS;

	p->done = done;
	if (now_ns - p->begin_ns < SILENT_NS)
		return;
	if (p->visible && now_ns - p->shown_ns < pause_ns)
		return;
	show(p, now_ns);
}

void progress_begin(struct progress *p, const char *what, const char *unit, uint64_t total)
{
	progress_begin_at(p, what, unit, total, stderr, table_is_capable(stderr),
			  time_now_ns(CLOCK_MONOTONIC));
}

void progress_step(struct progress *p, uint64_t done)
{
	progress_step_at(p, done, time_now_ns(CLOCK_MONOTONIC));
}

void progress_end(struct progress *p)
{
	if (p->terminal && p->visible) {
		fputs("\r\033[K", p->out);
		fflush(p->out);
	}
	p->visible = false;
}
