/*
 * That the store has changed: events of its folder; see trace.h.
 *
 * The writer appends to the log of the database (trace.sqlite-wal) and then makes it valid in
 * memory that it shares with us, which nobody is told. So the store is read a moment after the
 * event, and once more, later, after the last one, for a writer that was held up in between.
 * Nothing is polled: without events nothing is read.
 *
 * The folder above is watched as well: the store may come into being after us, or again.
 */
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "filetrace/store.h"
#include "filetrace/trace/trace.h"

/* Where the folder of the store is. */
static const char parent[] = "/var/lib/leonhard";
static const uint64_t later_ms = 1000;

static void look(struct trace *t)
{
	trace_follow_news(t);
	trace_watches_news(t);
}

static void on_later(uv_timer_t *timer)
{
	look(timer->data);
}

static void on_settled(uv_timer_t *timer)
{
	struct trace *t = timer->data;

	uv_timer_start(&t->later, on_later, later_ms, 0);
	look(t);
}

static void changed(struct trace *t)
{
	if (!uv_is_active((uv_handle_t *)&t->settle))
		uv_timer_start(&t->settle, on_settled,
			       trace_settings(t)->follow_settle_ns / NS_PER_MS, 0);
}

/* The database itself changes when it is made or replaced, and when its log is put into it. */
static void on_folder(uv_fs_event_t *handle, const char *name, int events, int status)
{
	if (status == 0 && name && str_starts(name, "trace.sqlite") && !str_ends(name, "-shm"))
		changed(handle->data);
}

/* What could not be watched is not there. */
static void watch(struct trace *t, uv_fs_event_t *handle, uv_fs_event_cb fn, const char *path)
{
	const char *root = t->daemon->root ? t->daemon->root : "";
	_cleanup_free_ char *full = NULL;
	int r;

	uv_fs_event_stop(handle);
	r = asprintf(&full, "%s%s", root, path) < 0 ? UV_ENOMEM
						    : uv_fs_event_start(handle, fn, full, 0);
	if (r < 0)
		log_debug("cannot watch %s: %s", path, uv_strerror(r));
}

/* The folder of the store has come, or is another. */
static void on_parent(uv_fs_event_t *handle, const char *name, int events, int status)
{
	struct trace *t = handle->data;

	if (status < 0 || !name || !str_equal(name, strrchr(STORE_DIR, '/') + 1))
		return;
	watch(t, &t->folder, on_folder, STORE_DIR);
	changed(t);
}

void trace_news_want(struct trace *t)
{
	if (t->news_users++)
		return;
	watch(t, &t->parent, on_parent, parent);
	watch(t, &t->folder, on_folder, STORE_DIR);
}

void trace_news_enough(struct trace *t)
{
	if (--t->news_users)
		return;
	uv_fs_event_stop(&t->parent);
	uv_fs_event_stop(&t->folder);
	uv_timer_stop(&t->settle);
	uv_timer_stop(&t->later);
}

void trace_news_init(struct trace *t)
{
	uv_fs_event_init(&t->daemon->loop, &t->folder);
	uv_fs_event_init(&t->daemon->loop, &t->parent);
	uv_timer_init(&t->daemon->loop, &t->settle);
	uv_timer_init(&t->daemon->loop, &t->later);
	t->folder.data = t->parent.data = t->settle.data = t->later.data = t;
}

void trace_news_close(struct trace *t)
{
	uv_close((uv_handle_t *)&t->folder, NULL);
	uv_close((uv_handle_t *)&t->parent, NULL);
	uv_close((uv_handle_t *)&t->settle, NULL);
	uv_close((uv_handle_t *)&t->later, NULL);
}
