/*
 * Questions about users, and answers; see names.h.
 */
#include "webd/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"

/* One way to write each number: no zero in front. (uid_t)-1 is nobody's. */
static int take_uid(const char **at, uint32_t *ret_uid)
{
	const char *p = *at;
	uint64_t value;

	if (parse_digits(&p, &value) < 0 || value >= UINT32_MAX || (**at == '0' && p - *at > 1))
		return -EINVAL;
	*at = p;
	*ret_uid = value;
	return 0;
}

static int take_uids(const char *text, struct names_question *q)
{
	int r;

	do {
		if (q->count == NAMES_MAX)
			return -EINVAL;
		r = take_uid(&text, &q->uids[q->count]);
		if (r < 0)
			return r;
		q->count++;
	} while (*text++ == ',');
	return text[-1] ? -EINVAL : 0;
}

bool names_valid(const char *name, size_t len)
{
	if (len == 0 || len > NAMES_NAME_MAX)
		return false;
	for (size_t at = 0, step; at < len; at += step) {
		uint32_t c;

		step = str_utf8_sequence(name + at, len - at, &c);
		if (step == 0 || c < ' ' || (c >= 0x7f && c < 0xa0) || c == ':')
			return false;
	}
	return true;
}

int names_parse_question(const char *text, struct names_question *ret_question)
{
	struct names_question q = {};
	int r = -EINVAL;

	if (str_starts(text, "uid=")) {
		r = take_uids(text + strlen("uid="), &q);
	} else if (str_starts(text, "name=")) {
		text += strlen("name=");
		if (!names_valid(text, strlen(text)))
			return r;
		strcpy(q.name, text);
		r = 0;
	}
	if (r == 0)
		*ret_question = q;
	return r;
}

int names_next(const char **at, struct names_one *ret_one)
{
	const char *p = *at, *end = strchr(p, '\n');
	struct names_one one;

	if (!*p)
		return 0;
	if (!end || take_uid(&p, &one.uid) < 0 || *p++ != ':' || !names_valid(p, end - p))
		return -EINVAL;
	one.name = p;
	one.len = end - p;
	*at = end + 1;
	*ret_one = one;
	return 1;
}

bool names_asked(const struct names_question *q, const struct names_one *one)
{
	bool asked = q->count == 0;

	for (size_t i = 0; i < q->count; i++)
		asked |= q->uids[i] == one->uid;
	return asked;
}

int names_add(char *text, size_t *len, uint32_t uid, const char *name)
{
	char line[NAMES_LINE_MAX + 1];
	size_t n;

	if (!names_valid(name, strlen(name)))
		return -EINVAL;
	n = snprintf(line, sizeof(line), "%u:%s\n", uid, name);
	if (*len + n >= NAMES_ANSWER_MAX)
		return -ENOSPC;
	memcpy(text + *len, line, n + 1);
	*len += n;
	return 0;
}
