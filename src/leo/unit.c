/*
 * What systemd knows of a unit; see unit.h.
 */
#include "leo/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/child.h"
#include "leo/text.h"

enum { TIMEOUT_MS = 5000, SHOW_BYTES_MAX = 64 * 1024, JOURNAL_BYTES_MAX = 256 * 1024 };

struct property;
typedef void (*property_parse)(const char *value, void *field);

struct property {
	const char *key;
	property_parse parse;
	size_t offset;
};

static void parse_word(const char *value, void *field)
{
	snprintf(field, UNIT_WORD_MAX, "%s", value);
}

/* "[not set]" and the highest number there is mean that it is not known. */
static void parse_number(const char *value, void *field)
{
	uint64_t v;

	if (parse_u64(value, 0, UINT64_MAX - 1, &v) == 0)
		*(uint64_t *)field = v;
}

static void parse_pid(const char *value, void *field)
{
	uint64_t v;

	if (parse_u64(value, 0, INT32_MAX, &v) == 0)
		*(pid_t *)field = v;
}

/* "@1767225600", as --timestamp=unix asks for; empty when it never was. */
static void parse_stamp(const char *value, void *field)
{
	uint64_t v;

	if (*value == '@' && parse_u64(value + 1, 0, UINT64_MAX / NS_PER_S, &v) == 0)
		*(uint64_t *)field = v * NS_PER_S;
}

static const struct property properties[] = {
	{"LoadState", parse_word, offsetof(struct unit, load)},
	{"UnitFileState", parse_word, offsetof(struct unit, enabled)},
	{"ActiveState", parse_word, offsetof(struct unit, active)},
	{"SubState", parse_word, offsetof(struct unit, sub)},
	{"Result", parse_word, offsetof(struct unit, result)},
	{"MainPID", parse_pid, offsetof(struct unit, main_pid)},
	{"StateChangeTimestamp", parse_stamp, offsetof(struct unit, since_ns)},
	{"MemoryCurrent", parse_number, offsetof(struct unit, memory_bytes)},
	{"NRestarts", parse_number, offsetof(struct unit, restarts)},
	{"ExecMainStatus", parse_number, offsetof(struct unit, exit_status)},
};

static void parse_line(const char *line, size_t len, struct unit *u)
{
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++) {
		const struct property *p = &properties[i];
		size_t key_len = strlen(p->key);
		char value[128];

		if (len <= key_len || line[key_len] != '=' || memcmp(line, p->key, key_len) != 0)
			continue;
		snprintf(value, sizeof(value), "%.*s", (int)(len - key_len - 1),
			 line + key_len + 1);
		p->parse(value, (char *)u + p->offset);
	}
}

void unit_parse(const char *text, struct unit *ret_unit)
{
	*ret_unit = (struct unit){};
	for (size_t len; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		parse_line(text, len, ret_unit);
	}
}

bool unit_manager_present(int root_fd)
{
	return fs_exists(root_fd, "/run/systemd/system") == 1;
}

int unit_show(const char *name, struct unit *ret_unit)
{
	_cleanup_(strbuf_deinit) struct strbuf wanted = {};
	_cleanup_free_ char *text = NULL;
	int status, r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(properties); i++)
		r = strbuf_addf(&wanted, "%s%s", i ? "," : "--property=", properties[i].key);
	if (r < 0)
		return r;
	r = child_read((const char *const[]){"systemctl", "show", "--timestamp=unix", wanted.text,
					     "--", name, NULL},
		       TIMEOUT_MS, SHOW_BYTES_MAX, &text, &status);
	if (r < 0)
		return r;
	if (status != 0)
		return -EIO;
	unit_parse(text, ret_unit);
	return 0;
}

/* One string per line, each clean; what is cut into lines is consumed. */
static int clean_lines(char *text, char ***ret_lines)
{
	_cleanup_(str_vector_free_p) char **lines = NULL;
	size_t count = 0;
	char *line;

	lines = calloc(1, sizeof(*lines));
	while (lines && (line = strsep(&text, "\n"))) {
		char **grown = reallocarray(lines, count + 2, sizeof(*lines));
		int r;

		if (!grown)
			return -ENOMEM;
		lines = grown;
		lines[count] = NULL;
		if (!*line)
			continue;
		r = text_clean(line, strlen(line), &lines[count]);
		if (r < 0)
			return r;
		lines[++count] = NULL;
	}
	if (!lines)
		return -ENOMEM;
	*ret_lines = take_ptr(lines);
	return 0;
}

int unit_journal(const char *name, unsigned count, char ***ret_lines)
{
	_cleanup_free_ char *text = NULL;
	char lines[32];
	int status, r;

	snprintf(lines, sizeof(lines), "--lines=%u", count);
	r = child_read((const char *const[]){"journalctl", "--quiet", "--no-pager", "--output=cat",
					     "--priority=warning", lines, "--unit", name, NULL},
		       TIMEOUT_MS, JOURNAL_BYTES_MAX, &text, &status);
	if (r < 0)
		return r;
	if (status != 0)
		return -EIO;
	return clean_lines(text, ret_lines);
}
