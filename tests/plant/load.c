/*
 * Traces of load; see load.h.
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"

/* More than this a trace does not ask of a processor. */
static const double load_max = 4;

struct load {
	unsigned cpus;
	size_t count, room, at; /* of lines; the one that holds now */
	double *times; /* seconds, ascending */
	double *values; /* cpus of each line */
	double repeat_s; /* 0: the last line holds for ever */
	struct usage *usage;
};

void load_free(struct load *l)
{
	if (!l)
		return;
	usage_free(l->usage);
	free(l->times);
	free(l->values);
	free(l);
}

void load_free_p(struct load **l)
{
	load_free(*l);
}

static int make_room(struct load *l)
{
	size_t room = l->room ? 2 * l->room : 64;
	double *times, *values;

	if (l->count < l->room)
		return 0;
	if (room > LOAD_LINES_MAX)
		return -E2BIG;
	times = realloc(l->times, room * sizeof(*times));
	if (!times)
		return -ENOMEM;
	l->times = times;
	values = realloc(l->values, room * l->cpus * sizeof(*values));
	if (!values)
		return -ENOMEM;
	l->values = values;
	l->room = room;
	return 0;
}

/* A number at *@p from 0 to @max, and the blanks behind it. */
static int take_number(const char **p, double max, double *ret_value)
{
	char *end;
	double value;

	if (!strchr("0123456789.", **p) || !**p)
		return -EINVAL;
	value = strtod(*p, &end);
	if (end == *p || !isfinite(value) || value > max || !strchr(" \t\n#", *end))
		return -EINVAL;
	*p = end + strspn(end, " \t");
	*ret_value = value;
	return 0;
}

static bool is_end(const char *p)
{
	return *p == '\0' || *p == '\n' || *p == '#';
}

static int take_values(struct load *l, const char *p)
{
	double *values = l->values + l->count * l->cpus;
	unsigned count = 0;
	int r = 0;

	for (; r == 0 && !is_end(p) && count < l->cpus; count++)
		r = take_number(&p, load_max, &values[count]);
	if (r < 0 || !is_end(p) || (count != 1 && count != l->cpus))
		return -EINVAL;
	for (; count < l->cpus; count++)
		values[count] = values[0];
	l->count++;
	return 0;
}

static int take_line(struct load *l, const char *p)
{
	double time;
	int r;

	p += strspn(p, " \t");
	if (is_end(p))
		return 0;
	if (l->repeat_s > 0)
		return -EINVAL;
	r = make_room(l);
	if (r == 0)
		r = take_number(&p, 1e9, &time);
	if (r < 0)
		return r;
	if (l->count ? time <= l->times[l->count - 1] : time != 0)
		return -EINVAL;
	if (str_starts(p, "repeat")) {
		l->repeat_s = time;
		return time > 0 && is_end(p + 6 + strspn(p + 6, " \t")) ? 0 : -EINVAL;
	}
	l->times[l->count] = time;
	return take_values(l, p);
}

int load_parse(const char *text, unsigned cpus, struct load **ret_load, unsigned *ret_line)
{
	_cleanup_(load_free_p) struct load *l = calloc(1, sizeof(*l));
	int r = 0;

	*ret_line = 0;
	if (!l)
		return -ENOMEM;
	l->cpus = cpus;
	for (unsigned line = 1; r == 0 && *text; line++) {
		*ret_line = line;
		r = take_line(l, text);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (r == 0 && !l->count)
		r = -EINVAL;
	if (r == 0)
		*ret_load = take_ptr(l);
	return r;
}

int load_open(const char *what, unsigned cpus, struct load **ret_load, unsigned *ret_line)
{
	_cleanup_(load_free_p) struct load *l = NULL;
	_cleanup_free_ char *text = NULL;
	int r;

	*ret_line = 0;
	if (!str_starts(what, "cgroup:") && !str_starts(what, "pids:")) {
		r = io_read_file(AT_FDCWD, what, LOAD_TEXT_MAX, &text, NULL);
		return r < 0 ? r : load_parse(text, cpus, ret_load, ret_line);
	}
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->cpus = cpus;
	r = usage_open(what, cpus, &l->usage);
	if (r == 0)
		*ret_load = take_ptr(l);
	return r;
}

/* The line that holds at @seconds. Time goes forward, but for a repetition. */
static size_t find_line(struct load *l, double seconds)
{
	if (l->repeat_s > 0)
		seconds = fmod(seconds, l->repeat_s);
	if (seconds < l->times[l->at])
		l->at = 0;
	while (l->at + 1 < l->count && l->times[l->at + 1] <= seconds)
		l->at++;
	return l->at;
}

static void apply_usage(struct load *l, struct model *m, uint64_t clock_ns, bool throttled)
{
	double shares[MODEL_CPUS_MAX];

	if (!usage_take(l->usage, clock_ns, shares, l->cpus))
		return;
	for (unsigned i = 0; i < l->cpus; i++) {
		m->cpus[i].asked = throttled ? shares[i] : shares[i] * model_speed(m, i);
		/* What real processes have not done yet waits in their own queue. */
		m->cpus[i].backlog_s = 0;
	}
}

void load_apply(struct load *l, struct model *m, uint64_t clock_ns, bool throttled)
{
	size_t line;

	if (l->usage) {
		apply_usage(l, m, clock_ns, throttled);
		return;
	}
	line = find_line(l, m->now_ns * 1e-9);
	for (unsigned i = 0; i < l->cpus; i++)
		m->cpus[i].asked = l->values[line * l->cpus + i];
}
