/*
 * Findings; see finding.h.
 */
#include "node/finding.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"

static const char *const state_names[] = {
	[POWER_UNKNOWN] = "unknown",
	[POWER_YES] = "yes",
	[POWER_NO] = "no",
};

const char *power_state_name(enum power_state state)
{
	return state_names[state];
}

int power_state_parse(const char *text, enum power_state *ret_state)
{
	for (size_t i = 0; i < ARRAY_SIZE(state_names); i++)
		if (strcmp(state_names[i], text) == 0) {
			*ret_state = i;
			return 0;
		}
	return -EINVAL;
}

/* Ends the text of @size bytes, which was cut off somewhere, before a whole character and with an
 * ellipsis. */
static void end_cut(char *buf, size_t size)
{
	static const char ellipsis[] = "…";
	size_t at = size - sizeof(ellipsis);

	while (at && ((unsigned char)buf[at] & 0xc0) == 0x80)
		at--;
	memcpy(buf + at, ellipsis, sizeof(ellipsis));
}

__attribute__((format(printf, 3, 0))) static void add(char *buf, size_t size, const char *format,
						      va_list args)
{
	size_t len = strlen(buf);
	int n = vsnprintf(buf + len, size - len, format, args);

	if (n < 0)
		buf[len] = '\0';
	else if ((size_t)n >= size - len)
		end_cut(buf, size);
}

void finding_set(struct finding *f, enum power_state state, const char *evidence, ...)
{
	va_list args;

	f->state = state;
	va_start(args, evidence);
	finding_vprint(f->evidence, sizeof(f->evidence), evidence, args);
	va_end(args);
}

void finding_detail(struct finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(f->detail, sizeof(f->detail), format, args);
	va_end(args);
}

void finding_list(struct finding *f, const char *separator, const char *text)
{
	finding_detail(f, "%s%s", f->detail[0] ? separator : "", text);
}

void finding_vprint(char *buf, size_t size, const char *format, va_list args)
{
	buf[0] = '\0';
	add(buf, size, format, args);
}

void finding_add(char *buf, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(buf, size, format, args);
	va_end(args);
}

void finding_copy(char *buf, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len < size) {
		memcpy(buf, text, len + 1);
		return;
	}
	memcpy(buf, text, size - 1);
	end_cut(buf, size);
}
