/*
 * The schedule of faults; see faults.h.
 */
#include "faults.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"

static const struct kind {
	const char *name, *text;
} kinds[] = {
	[FAULT_NONE] = {"", NULL},
	[FAULT_EBUSY] = {"ebusy", NULL},
	[FAULT_EIO] = {"eio", NULL},
	[FAULT_DEAF] = {"deaf", NULL},
	[FAULT_STUCK] = {"stuck", NULL},
	[FAULT_VANISH] = {"vanish", NULL},
	[FAULT_SLOW] = {"slow", NULL},
	[FAULT_EMPTY] = {"empty", ""},
	[FAULT_GARBAGE] = {"garbage", "12x\001\xff 7\n\nnan 1e99"},
	[FAULT_ZERO] = {"zero", "0\n"},
	[FAULT_NEGATIVE] = {"negative", "-1\n"},
};

static int parse_kind(const char *name, enum fault_kind *ret_kind)
{
	for (size_t i = 1; i < ARRAY_SIZE(kinds); i++)
		if (str_equal(kinds[i].name, name)) {
			*ret_kind = i;
			return 0;
		}
	return -EINVAL;
}

/* @part is a copy of one line. */
static int parse_fault(const char *part, uint64_t now_ns, struct fault *f)
{
	double from, to;
	char kind[16];
	unsigned ms = 0;
	int end = 0, n;

	n = sscanf(part, " %lf-%lf %15s %159s %n%u %n", &from, &to, kind, f->pattern, &end, &ms,
		   &end);
	if (n < 4 || part[end] || !(from >= 0 && to > from && to <= 1e9) ||
	    parse_kind(kind, &f->kind) < 0)
		return -EINVAL;
	if ((n == 5) != (f->kind == FAULT_SLOW) || ms > FAULT_SLOW_MAX_MS)
		return -EINVAL;
	f->delay_ms = ms;
	f->from_ns = now_ns + (uint64_t)(from * 1e9);
	f->to_ns = now_ns + (uint64_t)(to * 1e9);
	return 0;
}

int faults_parse(const char *text, uint64_t now_ns, struct faults *ret_faults)
{
	struct faults f = {};

	while (*text) {
		size_t len = strcspn(text, ";\n");
		char part[256];

		if (len >= sizeof(part))
			return -EINVAL;
		snprintf(part, sizeof(part), "%.*s", (int)len, text);
		text += len + (text[len] != '\0');
		part[strcspn(part, "#")] = '\0';
		if (!*str_strip(part))
			continue;
		if (f.count == FAULTS_MAX)
			return -E2BIG;
		if (parse_fault(part, now_ns, &f.list[f.count++]) < 0)
			return -EINVAL;
	}
	*ret_faults = f;
	return 0;
}

const struct fault *faults_find(const struct faults *f, const char *path, uint64_t now_ns)
{
	for (unsigned i = 0; i < f->count; i++)
		if (now_ns >= f->list[i].from_ns && now_ns < f->list[i].to_ns &&
		    fnmatch(f->list[i].pattern, path, 0) == 0)
			return &f->list[i];
	return NULL;
}

const char *fault_text(enum fault_kind kind)
{
	return kinds[kind].text;
}
