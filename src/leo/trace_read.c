/*
 * leo trace read: the content before or after a change, or the whole difference.
 *
 * The pieces are written as they arrive. On a terminal, which must not obey what a file holds, they
 * are gathered and shown as text; into a file they go beside it, and take its name when all of them
 * are there.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "base/table.h"
#include "base/base64.h"
#include "leo/confirm.h"
#include "leo/fail.h"
#include "leo/interrupt.h"
#include "leo/out.h"
#include "leo/quote.h"
#include "leo/trace.h"

struct reading {
	struct leo *l;
	const char *side;
	int fd; /* of the file that is written; -1: none */
	struct strbuf text; /* for a terminal */
	struct progress progress;
	uint64_t done, size; /* bytes */
	bool begun;
};

/* Where a piece goes: 0 or a negative errno. */
static int put(struct reading *d, const char *bytes, size_t len)
{
	if (d->fd >= 0)
		return io_write_all(d->fd, bytes, len);
	if (d->l->terminal)
		return strbuf_add(&d->text, bytes, len);
	fwrite(bytes, 1, len, d->l->out);
	return out_flush(d->l);
}

static int take_piece(struct reading *d, const json_t *parameters)
{
	const json_t *data = json_object_get(parameters, "data");
	_cleanup_free_ char *bytes = NULL;
	uint64_t size;
	size_t len;

	if (!json_is_string(data) || !trace_number(parameters, "size", &size) ||
	    base64_decode(json_string_value(data), json_string_length(data), &bytes, &len) < 0)
		return -EBADMSG;
	if ((d->begun && size != d->size) || len > size - d->done)
		return -EBADMSG;
	if (!d->begun)
		progress_begin(&d->progress, "reading", "bytes", size);
	d->begun = true;
	d->size = size;
	d->done += len;
	if (!d->l->terminal)
		progress_step(&d->progress, d->done);
	return put(d, bytes, len);
}

static int refuse_garbage(struct leo *l)
{
	return fail(l, &(struct failure){.status = LEO_FAILED, .next = "leo doctor trace"},
		    "what the service has sent is no content, or not all of it");
}

static int on_piece(struct leo *l, const json_t *parameters, void *data)
{
	struct reading *d = data;
	int r;

	if (l->json && d->fd < 0) {
		r = out_json(l, parameters);
		r = r < 0 ? r : out_flush(l);
	} else {
		r = take_piece(d, parameters);
	}
	if (r == -EPIPE)
		return TALK_STOP;
	if (r == -EBADMSG)
		return refuse_garbage(l);
	return r < 0 ? fail_errno(l, r, "cannot write the content") : LEO_DONE;
}

static int ask(struct reading *d, const char *id)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *parameters =
		json_pack("{s:s, s:s}", "id", id, "side", d->side);
	struct leo *l = d->l;
	int status = talk_open(l, TRACE_INTERFACE, &link);

	if (status == LEO_DONE)
		status = talk_call(l, link,
				   &(struct talk){.interface = TRACE_INTERFACE,
						  .method = "ReadContent",
						  .parameters = parameters,
						  .more = true,
						  .timeout_ms = TALK_TIMEOUT_MS,
						  .fn = on_piece,
						  .data = d,
						  .errors = trace_errors});
	progress_end(&d->progress);
	if (status != LEO_DONE || l->gone || (l->json && d->fd < 0) ||
	    (d->begun && d->done == d->size))
		return status;
	/* Ctrl-C is no failure of a stream, but half a content is no content. */
	if (interrupt_seen())
		return fail(l, &(struct failure){.status = LEO_FAILED},
			    "interrupted; only a part was read%s",
			    d->fd >= 0 ? ", and no file written" : "");
	return refuse_garbage(l);
}

/* ---- into a file ---- */

/* A file that is there already is replaced as a whole, and only if the person wants it. */
static int may_replace(struct reading *d, const char *id, const char *path)
{
	_cleanup_free_ char *next = NULL;

	if (access(path, F_OK) < 0)
		return LEO_DONE;
	if (asprintf(&next, "leo trace read %s %s --output %s --yes", id, d->side, path) < 0)
		return fail_errno(d->l, -ENOMEM, "cannot ask");
	return confirm(d->l, next, "%s exists; replace it?", path);
}

static int finish_file(struct reading *d, const char *beside, const char *path)
{
	if (fsync(d->fd) < 0 || rename(beside, path) < 0)
		return fail_errno(d->l, -errno, "cannot write %s", path);
	if (d->l->terminal)
		fail_note(d->l, "%s: %llu bytes", path, (unsigned long long)d->done);
	return LEO_DONE;
}

static int read_to_file(struct reading *d, const char *id, const char *path)
{
	_cleanup_free_ char *beside = NULL;
	_cleanup_close_ int fd = -1;
	int status = may_replace(d, id, path);

	if (status != LEO_DONE)
		return status;
	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		return fail_errno(d->l, -ENOMEM, "cannot write %s", path);
	/* Its mode is 0600: not everybody may read what this can be. */
	fd = d->fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return fail_errno(d->l, -errno, "cannot write %s", path);
	status = ask(d, id);
	if (status == LEO_DONE)
		status = finish_file(d, beside, path);
	if (status != LEO_DONE)
		unlink(beside);
	return status;
}

/* ---- the verb ---- */

static int check_side(struct leo *l, const char *side)
{
	static const char *const sides[] = {"old", "new", "diff"};

	for (size_t i = 0; i < ARRAY_SIZE(sides); i++)
		if (str_equal(side, sides[i]))
			return LEO_DONE;
	return fail_usage(l, "%s cannot be read; old, new and diff can", side);
}

static int show_text(struct reading *d)
{
	bool colour = d->l->colour && str_equal(d->side, "diff");
	int r = quote_lines(d->l->out, d->text.text ? d->text.text : "", d->text.len,
			    colour ? quote_diff_style : NULL);

	return r < 0 ? fail_errno(d->l, r, "cannot show the content") : LEO_DONE;
}

int trace_read(struct leo *l)
{
	const char *side = leo_operand(l, 1), *path = leo_value(l, "output"), *id;
	struct reading d = {.l = l, .side = side, .fd = -1};
	int status = trace_id(l, 0, &id);

	if (status == LEO_DONE)
		status = check_side(l, side);
	if (status == LEO_DONE)
		status = path ? read_to_file(&d, id, path) : ask(&d, id);
	if (status == LEO_DONE && !path && l->terminal)
		status = show_text(&d);
	strbuf_deinit(&d.text);
	return status;
}
