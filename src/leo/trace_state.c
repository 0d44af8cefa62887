/*
 * What has changed of a file apart from its content; see trace_state.h.
 */
#include "leo/trace_state.h"

#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/overview.h"
#include "leo/records.h"
#include "leo/text.h"
#include "leo/trace.h"

/* A member of a State as a person says it. */
typedef void (*say_fn)(struct names *n, const json_t *state, const char *key,
		       char out[TRACE_TEXT_MAX]);

static void say_text(struct names *n, const json_t *state, const char *key,
		     char out[TRACE_TEXT_MAX])
{
	snprintf(out, TRACE_TEXT_MAX, "%.64s", records_text(state, key));
}

static void say_mode(struct names *n, const json_t *state, const char *key,
		     char out[TRACE_TEXT_MAX])
{
	snprintf(out, TRACE_TEXT_MAX, "%04llo", (unsigned long long)records_number(state, key));
}

static void say_id(struct names *n, enum names_kind kind, const json_t *state, const char *key,
		   char out[TRACE_TEXT_MAX])
{
	uint64_t id;

	if (trace_number(state, key, &id) && id <= UINT32_MAX)
		snprintf(out, TRACE_TEXT_MAX, "%s", names_of(n, kind, id));
	else
		snprintf(out, TRACE_TEXT_MAX, "?");
}

static void say_owner(struct names *n, const json_t *state, const char *key,
		      char out[TRACE_TEXT_MAX])
{
	say_id(n, NAMES_USER, state, key, out);
}

static void say_group(struct names *n, const json_t *state, const char *key,
		      char out[TRACE_TEXT_MAX])
{
	say_id(n, NAMES_GROUP, state, key, out);
}

static void say_size(struct names *n, const json_t *state, const char *key,
		     char out[TRACE_TEXT_MAX])
{
	char bytes[TEXT_BYTES_MAX];

	text_bytes(records_number(state, key), bytes);
	snprintf(out, TRACE_TEXT_MAX, "%s", bytes);
}

static const struct {
	const char *key, *word;
	say_fn say;
} parts[] = {
	{"kind", "kind", say_text},  {"mode", "mode", say_mode}, {"uid", "owner", say_owner},
	{"gid", "group", say_group}, {"size", "size", say_size},
};

static void print_line(struct leo *l, bool *first, const char *text)
{
	overview_label(l, *first ? "changed" : "");
	fprintf(l->out, "%s\n", text);
	*first = false;
}

/* "file of root:root, mode 0644, 158 B": what there was, or is now. */
static void describe(struct names *n, const json_t *state, const char *what,
		     char out[2 * TRACE_TEXT_MAX])
{
	char kind[TRACE_TEXT_MAX], mode[TRACE_TEXT_MAX], size[TRACE_TEXT_MAX];
	char owner[TRACE_TEXT_MAX], group[TRACE_TEXT_MAX];

	say_text(n, state, "kind", kind);
	say_mode(n, state, "mode", mode);
	say_owner(n, state, "uid", owner);
	say_group(n, state, "gid", group);
	say_size(n, state, "size", size);
	snprintf(out, 2 * TRACE_TEXT_MAX, "%s %.64s of %.256s:%.256s, mode %.16s, %.32s", what,
		 kind, owner, group, mode, size);
}

/* A digest says nothing to a person but that it differs. */
static void print_attributes(struct leo *l, bool *first, const json_t *old, const json_t *new)
{
	const char *before = json_string_value(json_object_get(old, "attributes"));
	const char *after = json_string_value(json_object_get(new, "attributes"));

	if (before && after && !str_equal(before, after))
		print_line(l, first, "extended attributes or ACL changed");
	else if (before && !after)
		print_line(l, first, "extended attributes or ACL removed");
	else if (!before && after)
		print_line(l, first, "extended attributes or ACL added");
}

static void print_differences(struct leo *l, struct names *n, const json_t *old, const json_t *new)
{
	bool first = true;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		char before[TRACE_TEXT_MAX], after[TRACE_TEXT_MAX], line[3 * TRACE_TEXT_MAX];
		const json_t *a = json_object_get(old, parts[i].key);
		const json_t *b = json_object_get(new, parts[i].key);

		if (a == b || (a && b && json_equal(a, b)))
			continue;
		parts[i].say(n, old, parts[i].key, before);
		parts[i].say(n, new, parts[i].key, after);
		snprintf(line, sizeof(line), "%s %s -> %s", parts[i].word, before, after);
		print_line(l, &first, line);
	}
	print_attributes(l, &first, old, new);
}

void trace_state_print(struct leo *l, struct names *n, const json_t *record)
{
	const json_t *old = json_object_get(record, "old"), *new = json_object_get(record, "new");
	char text[2 * TRACE_TEXT_MAX];
	bool first = true;

	if (json_is_object(old) && json_is_object(new)) {
		print_differences(l, n, old, new);
		return;
	}
	if (!json_is_object(old) && !json_is_object(new))
		return;
	describe(n, json_is_object(old) ? old : new,
		 json_is_object(old) ? "no more:" : "new:", text);
	print_line(l, &first, text);
}
