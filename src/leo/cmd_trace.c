/*
 * leo trace [list|show|watch|read|add|remove|watches]: who changed a file, as io.leonhard.Trace
 * tells it. The verbs are in trace_*.c.
 */
#include <string.h>

#include "base/def.h"
#include "leo/leo.h"
#include "leo/records.h"
#include "leo/text.h"
#include "leo/trace.h"
#include "leo/words.h"

/* A quiet call for completion; the reply is the caller's, clean, or NULL. */
static json_t *look(struct leo *l, const char *method, const json_t *parameters)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *reply = NULL;

	if (rpc_link_open(l->root, TRACE_INTERFACE, &link) < 0 ||
	    talk_quietly(link, method, parameters, &reply) < 0)
		return NULL;
	return text_clean_json(reply);
}

static void words_records(struct leo *l, const char *word, FILE *f)
{
	static const char *const sides[] = {"old", "new", "diff"};
	_cleanup_(json_decrefp) json_t *parameters = NULL, *reply = NULL;
	const json_t *records;

	if (l->operand_count > 0) {
		for (size_t i = 0; i < ARRAY_SIZE(sides); i++)
			fprintf(f, "%s\n", sides[i]);
		return;
	}
	parameters = json_pack("{s:i}", "limit", 20);
	reply = look(l, TRACE_INTERFACE ".List", parameters);
	records = json_object_get(reply, "records");
	for (size_t i = 0; i < json_array_size(records); i++) {
		const json_t *record = json_array_get(records, i);

		if (trace_id_number(record))
			fprintf(f, "%s\t%s\n", records_text(record, "id"),
				records_text(record, "path"));
	}
}

static void words_watches(struct leo *l, const char *word, FILE *f)
{
	_cleanup_(json_decrefp) json_t *reply = look(l, TRACE_INTERFACE ".ListWatches", NULL);
	const json_t *watches = json_object_get(reply, "watches");

	for (size_t i = 0; i < json_array_size(watches); i++)
		fprintf(f, "%s\n", records_text(json_array_get(watches, i), "path"));
}

static const struct leo_form forms[] = {
	{"list", NULL, "records, the newest first; what leo trace does", .run = trace_list},
	{"show", "ID", "all about one: who, with what, and the difference", 1, 1, words_records,
	 trace_show},
	{"watch", NULL, "each new record until Ctrl-C, also across restarts", .run = trace_watch},
	{"read", "ID old|new|diff", "content before or after, or all of the diff", 2, 2,
	 words_records, trace_read},
	{"add", "PATH", "watch a file, all below a folder, or a glob", 1, 1, words_dirs, trace_add},
	{"remove", "PATH", "end a watch", 1, 1, words_watches, trace_remove},
	{"watches", NULL, "what is watched", .run = trace_watches},
	{},
};

static const struct leo_option options[] = {
	{"path", "PATH", "only this path, what is below FOLDER/, or a glob", .verb = "list watch",
	 .words = words_dirs},
	{"user", "USER", "only this one, by name or number; login or effective",
	 .verb = "list watch"},
	{"since", "TIME", "not before: 2h (ago), 15:30, yesterday, 2026-03-01", .verb = "list"},
	{"until", "TIME", "not after", .verb = "list"},
	{"limit", "N", "at most so many; 0: all", .verb = "list"},
	{"output", "FILE", "write it into this file", .verb = "read"},
	{"dry-run", NULL, "only say what would be done", .verb = "add remove"},
	{},
};

static const struct leo_command trace = {
	.name = "trace",
	.summary = "who changed a file, when, with what, and what exactly",
	.about = "Asks io.leonhard.Trace. \"root (alice)\" is alice with sudo, \"root (-)\" no "
		 "login.\n",
	.forms = forms,
	.options = options,
	.examples = {"leo trace list --path /etc/ --since 2h", "leo trace show 42"},
	.interface = TRACE_INTERFACE,
	.sign = "backend",
};

LEO_COMMAND(trace);
