/*
 * leo trace watch: each new record, until Ctrl-C.
 *
 * The service may be restarted meanwhile, or cut us off because we read too slowly. The stream is
 * then taken up behind the last record that was told, so that nothing is missing and nothing is
 * told twice; before the first one, behind the newest that there was when we began.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/interrupt.h"
#include "leo/out.h"
#include "leo/records.h"
#include "leo/text.h"
#include "leo/trace.h"

/* Columns that most texts fit; a stream cannot know which will come. */
enum { USER_WIDTH = 14, METHOD_WIDTH = 9, PROGRAM_WIDTH = 10, ID_WIDTH = 5 };

enum { PAUSE_MIN_MS = 100, PAUSE_MAX_MS = 5000 };

struct watching {
	struct leo *l;
	struct names *names;
	uint64_t last; /* id of the newest record that was told, or was there before */
	bool heard; /* something since the last time the stream was taken up */
};

/* ---- a record ---- */

static void print_padded(struct leo *l, enum table_style style, const char *text, unsigned width)
{
	unsigned columns = str_width(text);

	fprintf(l->out, "%s%s%s%*s  ", table_escape(l->colour, style), text, out_plain(l),
		(int)(columns < width ? width - columns : 0), "");
}

static void print_time(struct leo *l, const json_t *record)
{
	char stamp[TIME_TEXT_MAX] = "-";
	uint64_t time_ns;

	if (trace_number(record, "time_ns", &time_ns)) {
		time_format_iso(time_ns, stamp);
		/* The time of day is enough for who looks on: 2026-03-01T12:30:45.123+01:00. */
		if (!l->verbose) {
			memmove(stamp, stamp + 11, 8);
			stamp[8] = '\0';
		}
	}
	fprintf(l->out, "%s%s%s  ", out_dim(l), stamp, out_plain(l));
}

static void print_line(struct watching *w, const json_t *record)
{
	struct leo *l = w->l;
	char user[TRACE_TEXT_MAX], method[TRACE_TEXT_MAX];

	trace_user(w->names, record, user);
	trace_method(record, method);
	print_time(l, record);
	print_padded(l, trace_is_attributed(record) ? TABLE_PLAIN : TABLE_WARN, user, USER_WIDTH);
	print_padded(l, trace_is_coalesced(record) ? TABLE_WARN : TABLE_PLAIN, method,
		     METHOD_WIDTH);
	print_padded(l, TABLE_PLAIN,
		     l->verbose ? records_text(record, "exe") : trace_program(record),
		     PROGRAM_WIDTH);
	print_padded(l, TABLE_DIM, records_text(record, "id"), ID_WIDTH);
	fprintf(l->out, "%s%s%s\n", out_bold(l), records_text(record, "path"), out_plain(l));
}

static int tell(struct watching *w, const json_t *raw)
{
	_cleanup_(json_decrefp) json_t *record = NULL;
	int r = 0;

	if (w->l->json) {
		r = out_json(w->l, raw);
	} else {
		record = text_clean_json(raw);
		if (!record)
			return -ENOMEM;
		print_line(w, record);
	}
	return r < 0 ? r : out_flush(w->l);
}

static int on_record(struct leo *l, const json_t *parameters, void *data)
{
	struct watching *w = data;
	const json_t *record = json_object_get(parameters, "record");
	uint64_t id = trace_id_number(record);
	int r;

	if (id == 0)
		return fail(l, &(struct failure){.status = LEO_FAILED, .next = "leo doctor trace"},
			    "the service has sent a record without an id");
	if (id <= w->last)
		return LEO_DONE;
	r = tell(w, record);
	w->last = id;
	w->heard = true;
	if (r == -EPIPE)
		return TALK_STOP;
	return r < 0 ? fail_errno(l, r, "cannot show the record") : LEO_DONE;
}

/* ---- the stream, and what is done when it ends ---- */

static int follow(struct watching *w, struct rpc_link *link, json_t *parameters)
{
	char after[TRACE_NUMBER_MAX];

	snprintf(after, sizeof(after), "%llu", (unsigned long long)w->last);
	json_object_set_new(parameters, "after", json_string(after));
	w->heard = false;
	return talk_call(w->l, link,
			 &(struct talk){.interface = TRACE_INTERFACE,
					.method = "Follow",
					.parameters = parameters,
					.more = true,
					.fn = on_record,
					.data = w,
					.errors = trace_errors,
					.resumes = true});
}

/* False when Ctrl-C came. */
static bool pause_ms(unsigned ms)
{
	struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS};
	bool interrupted;

	interrupt_begin();
	nanosleep(&span, NULL);
	interrupted = interrupt_seen();
	interrupt_end();
	return !interrupted;
}

/* Connects again, however long that takes: LEO_DONE, TALK_STOP after Ctrl-C, or a failure that was
 * told. @pause is what has been waited last, and grows. */
static int connect_again(struct watching *w, unsigned *pause, struct rpc_link **ret_link)
{
	bool noted = false;
	int r;

	for (;;) {
		if (!pause_ms(*pause))
			return TALK_STOP;
		*pause = *pause * 2 < PAUSE_MAX_MS ? *pause * 2 : PAUSE_MAX_MS;
		r = rpc_link_open(w->l->root, TRACE_INTERFACE, ret_link);
		if (r == 0)
			return LEO_DONE;
		if (r != -ENOENT && r != -ECONNREFUSED && r != -EAGAIN)
			return talk_open(w->l, TRACE_INTERFACE, ret_link);
		if (!noted)
			fail_note(w->l, "%s does not run; waiting until it does", TRACE_INTERFACE);
		noted = true;
	}
}

static int watch(struct watching *w, struct rpc_link *link, json_t *parameters)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *current = link;
	unsigned pause = PAUSE_MIN_MS;

	for (;;) {
		int status = follow(w, current, parameters);

		if (status != TALK_LOST)
			return status;
		rpc_link_free(take_ptr(current));
		pause = w->heard ? PAUSE_MIN_MS : pause;
		status = connect_again(w, &pause, &current);
		if (status != LEO_DONE)
			return status == TALK_STOP ? LEO_DONE : status;
	}
}

/* The newest id that there is: what comes after it is new. */
static int find_newest(struct leo *l, struct rpc_link *link, uint64_t *ret_id)
{
	_cleanup_(json_decrefp) json_t *reply = NULL, *newest = NULL;
	int status = talk_call(l, link,
			       &(struct talk){.interface = TRACE_INTERFACE,
					      .method = "Describe",
					      .timeout_ms = TALK_TIMEOUT_MS,
					      .fn = talk_keep,
					      .data = &reply});

	if (status != LEO_DONE)
		return status;
	newest = json_object();
	json_object_set(newest, "id", json_object_get(reply, "newest"));
	*ret_id = trace_id_number(newest);
	return LEO_DONE;
}

int trace_watch(struct leo *l)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *parameters = NULL;
	_cleanup_(names_free_p) struct names *names = NULL;
	struct watching w = {.l = l};
	int status = trace_choice(l, &parameters), r;

	if (status == LEO_DONE)
		status = talk_open(l, TRACE_INTERFACE, &link);
	if (status == LEO_DONE)
		status = find_newest(l, link, &w.last);
	if (status != LEO_DONE)
		return status;
	r = names_new(l->root_fd, &names);
	if (r < 0)
		return fail_errno(l, r, "cannot watch");
	w.names = names;
	return watch(&w, take_ptr(link), parameters);
}
