/*
 * The processes of a record as a tree; see trace_tree.h.
 */
#include "leo/trace_tree.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/out.h"
#include "leo/overview.h"
#include "leo/quote.h"
#include "leo/records.h"
#include "leo/trace.h"

/* A service may send more parents than there can be, and deeper lines than a terminal has room. */
enum { PARENTS_MAX = 64, STEP = 2, DEPTH_MAX = 12, COMMAND_MIN = 20 };

/* The part of @text that fits the rest of the line, with an ellipsis when that is not all. */
static void print_rest(struct leo *l, const char *text, size_t column)
{
	size_t room = l->width > column + COMMAND_MIN ? l->width - column : COMMAND_MIN, shown = 0;
	const char *p = text;

	if (!l->width || l->verbose || str_width(text) <= room) {
		fputs(text, l->out);
		return;
	}
	while (*p && shown + 3 <= room) {
		uint32_t c;
		size_t n = str_utf8_sequence(p, strlen(p), &c);
		char one[8] = "";

		memcpy(one, p, n ? n : 1);
		shown += str_width(one);
		p += n ? n : 1;
	}
	fwrite(text, 1, p - text, l->out);
	fputs("…", l->out);
}

/* "  sudo (1310, root)  sudo vi /etc/hosts" */
static int print_process(struct leo *l, struct names *n, const json_t *process, size_t depth,
			 bool last)
{
	_cleanup_free_ char *command = NULL, *head = NULL;
	char pid[TRACE_NUMBER_MAX];
	uint64_t uid;
	size_t indent = 4 + STEP * (depth < DEPTH_MAX ? depth : DEPTH_MAX);
	const char *user = trace_number(process, "uid", &uid) && uid <= UINT32_MAX
				   ? names_of(n, NAMES_USER, uid)
				   : "?";
	int r = quote_command(json_object_get(process, "argv"), &command);

	if (r < 0)
		return r;
	if (asprintf(&head, " (%s, %s)", trace_number_text(process, "pid", pid), user) < 0)
		return -ENOMEM;
	fprintf(l->out, "%*s%s%s%s%s", (int)indent, "", last ? out_bold(l) : "",
		trace_program(process), last ? out_plain(l) : "", head);
	if (*command) {
		fprintf(l->out, "  %s", out_dim(l));
		print_rest(l, command,
			   indent + str_width(trace_program(process)) + str_width(head) + 2);
		fputs(out_plain(l), l->out);
	}
	fputc('\n', l->out);
	return 0;
}

int trace_tree_print(struct leo *l, struct names *n, const json_t *record)
{
	const json_t *ancestry = json_object_get(record, "ancestry");
	size_t count = json_array_size(ancestry), depth = 0;
	bool cut = json_is_true(json_object_get(record, "ancestry_truncated"));
	int r = 0;

	if (count == 0 && !cut)
		return 0;
	fprintf(l->out, "\n  %sprocess tree%s\n", out_dim(l), out_plain(l));
	if (cut || count > PARENTS_MAX)
		fprintf(l->out, "    %s(what is above is not known)%s\n", out_dim(l), out_plain(l));
	for (size_t i = count < PARENTS_MAX ? count : PARENTS_MAX; r == 0 && i > 0; i--)
		r = print_process(l, n, json_array_get(ancestry, i - 1), depth++, false);
	return r < 0 ? r : print_process(l, n, record, depth, true);
}
