/*
 * The beginning and the end of capturing, and what is done after a failure; see capture.h.
 *
 * The order at the beginning leaves no gap. First the kernel is told what is under watch; then the
 * events are taken in that were waiting since a daemon was killed; then everything is compared with
 * its baseline, and only what no event explains is recorded without an author.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "base/time.h"
#include "filetrace/capture/capture.h"
#include "filetrace/request.h"

#define AGAIN_MS 1000

static struct log_limit failures = {.interval_ns = 600 * NS_PER_S, .burst = 10};

/* ---- the store ---- */

/* Whoever wants to look at a store that is damaged finds it under another name. */
static int set_aside(struct capture *c)
{
	int r = store_set_aside(c->store_fd);

	if (r < 0)
		return r;
	c->problem = "the store was damaged; it was set aside, and a new one was begun";
	log_error("the store in " STORE_DIR " is damaged: it is set aside as damaged-*");
	return 0;
}

static bool is_damaged(int failed)
{
	return failed == -EBADMSG || failed == -EUCLEAN;
}

static int open_store(struct capture *c)
{
	int r = store_open(c->store_fd, &c->store);

	if (r == -EBADMSG) {
		r = set_aside(c);
		if (r == 0)
			r = store_open(c->store_fd, &c->store);
	}
	return r < 0 ? log_error_errno(r, "cannot open the store in " STORE_DIR) : 0;
}

/* ---- the beginning ---- */

static int make_resolve(struct capture *c)
{
	const struct resolve_config config = {
		.root_fd = c->daemon->root_fd,
		.ops = c->ops,
		.source = c->source,
		.tree = c->tree,
		.file = compare_file,
		.data = c,
	};

	return resolve_new(&config, &c->resolve);
}

static int make_parts(struct capture *c)
{
	int r = images_new(c->store, c->boot_id, &c->images);

	if (r == 0)
		r = watchset_new(&c->set);
	if (r == 0)
		r = tree_new(&c->tree);
	if (r == 0)
		r = watches_load(c);
	if (r == 0)
		r = hashmap_init(&c->suspects_by_path);
	if (r == 0)
		r = make_resolve(c);
	return r < 0 ? r : edits_new(c->tree, c->set, &world_ops, c, &c->edits);
}

static int replay_event(void *data, const struct ft_event *event)
{
	struct capture *c = data;
	int r = edits_event(c->edits, event);

	return r == -EBADMSG ? 0 : r;
}

/* In the ring, where the last daemon has stopped. When the store does not know where that was, it
 * is another one: it has no image that was sent before, and all have to be sent again. */
static int go_on(struct capture *c, uint64_t position, bool *ret_adopted)
{
	int r = c->ops->skip(c->source, position);

	if (r != -ERANGE && r != -EBADMSG)
		return r;
	log_warning("the store does not hold what was captured before: capture begins anew");
	c->ops->close(take_ptr(c->source), false);
	return choose_source(c, ret_adopted);
}

/* A ring that has just begun knows neither the last one's positions nor its edits: the comparison
 * finds what they have left. */
static int begin_anew(struct capture *c)
{
	int r = store_begin(c->store);

	if (r == 0)
		r = store_keep_events(c->store, NULL, NULL);
	if (r == 0)
		r = store_put_position(c->store, c->boot_id, 0);
	return store_end(c->store, r);
}

static int open_source(struct capture *c)
{
	struct source_counts counts;
	uint64_t position = 0;
	bool adopted = false;
	int r = choose_source(c, &adopted);

	if (r == 0)
		r = store_get_position(c->store, c->boot_id, &position);
	if (r == 0 && adopted)
		r = go_on(c, position, &adopted);
	/* At its beginning the last daemon may have been killed before it said so. */
	if (r == 0 && (!adopted || position == 0))
		r = begin_anew(c);
	if (r < 0)
		return r;
	c->ops->counts(c->source, &counts);
	c->lost = counts.lost;
	return 0;
}

/* What the last daemon had read and not finished. */
static int replay(struct capture *c)
{
	int r = store_begin(c->store);

	if (r == 0)
		r = store_each_event(c->store, replay_event, c);
	return store_end(c->store, r);
}

/* Closely, when something got lost that the last daemon may not have looked for. */
static int look_around(struct capture *c)
{
	int r = chore_everything(c, c->lost > 0);

	c->watches.told = false;
	c->looked_ns = time_now_ns(CLOCK_BOOTTIME);
	return r < 0 ? r : consume(c);
}

static int begin(struct capture *c)
{
	int r = open_store(c);

	if (r == 0)
		r = open_source(c);
	if (r == 0)
		r = make_parts(c);
	if (r == 0)
		r = resolve_run(c->resolve, c->set, NULL);
	if (r == 0)
		r = replay(c);
	if (r == 0)
		r = consume_all(c);
	return r < 0 ? r : look_around(c);
}

/* ---- the loop ---- */

static void on_events(uv_poll_t *handle, int status, int events)
{
	struct capture *c = handle->data;
	int r = status < 0 ? status : consume(c);

	if (r < 0)
		capture_fail(c, r, "cannot write down what happened");
	else
		consume_arm(c);
}

static int take_request(struct capture *c)
{
	bool changed;
	int r = watches_request(c, &changed);

	if (r == 0 && changed)
		r = chore_everything(c, false);
	return r < 0 || !changed ? r : consume(c);
}

static void on_request(uv_fs_event_t *handle, const char *name, int events, int status)
{
	struct capture *c = handle->data;
	int r;

	if (status < 0 || !c->source || !name || strcmp(name, REQUEST_NAME) != 0)
		return;
	r = take_request(c);
	if (r < 0)
		capture_fail(c, r, "cannot take in what is to be watched");
	else
		consume_arm(c);
}

static void listen_for_requests(struct capture *c)
{
	const char *root = c->daemon->root ? c->daemon->root : "";
	_cleanup_free_ char *path = NULL;
	int r = UV_ENOMEM;

	if (asprintf(&path, "%s" REQUEST_DIR, root) >= 0)
		r = uv_fs_event_start(&c->requests, on_request, path, 0);
	else
		path = NULL;
	if (r < 0)
		log_notice("cannot watch " REQUEST_DIR ", so nobody can ask for watches: %s",
			   uv_strerror(r));
}

static int poll_events(struct capture *c)
{
	uv_poll_t *events = calloc(1, sizeof(*events));
	int r = events ? uv_poll_init(&c->daemon->loop, events, c->ops->fd(c->source)) : -ENOMEM;

	if (r < 0) {
		free(events);
		return r;
	}
	events->data = c;
	c->events = events;
	return uv_poll_start(events, UV_READABLE, on_events);
}

int capture_open(struct capture *c)
{
	int r;

	/* Before anything else, so that no request falls between. */
	listen_for_requests(c);
	r = begin(c);
	if (r == 0)
		r = poll_events(c);
	if (r < 0)
		return r;
	consume_arm(c);
	/* Loading programs and looking at everything took much that is not needed again. */
	malloc_trim(0);
	log_info("%llu files are under watch", (unsigned long long)c->watches.files);
	return 0;
}

/* ---- the end ---- */

static void on_closed(uv_handle_t *handle)
{
	free(handle);
}

/* The loop has the handle until the end of its turn; the next beginning may come before. */
static void stop_polling(struct capture *c)
{
	if (c->events)
		uv_close((uv_handle_t *)take_ptr(c->events), on_closed);
}

/* All that is made anew. */
static void capture_close(struct capture *c, bool keep)
{
	uv_timer_stop(&c->due);
	uv_timer_stop(&c->tidy);
	uv_timer_stop(&c->again);
	uv_fs_event_stop(&c->requests);
	stop_polling(c);
	chores_forget(c);
	suspects_forget(c);
	edits_free(take_ptr(c->edits));
	resolve_free(take_ptr(c->resolve));
	tree_free(take_ptr(c->tree));
	watchset_free(take_ptr(c->set));
	images_free(take_ptr(c->images));
	watches_deinit(&c->watches);
	strbuf_deinit(&c->read);
	if (c->source)
		c->ops->close(take_ptr(c->source), keep);
	store_close(take_ptr(c->store));
	c->told = false;
	c->tidy_at = 0;
}

static void on_again(uv_timer_t *handle)
{
	struct capture *c = handle->data;
	int r;

	if (c->failed == -ENOSPC)
		tidy_emergency(c);
	r = is_damaged(c->failed) ? set_aside(c) : 0;
	if (r == 0)
		r = capture_open(c);
	if (r < 0)
		capture_fail(c, r, "cannot go on");
}

void capture_fail(struct capture *c, int r, const char *what)
{
	log_limited(&failures, LOG_LEVEL_ERROR, "%s: %s; trying again in a second", what,
		    strerror(-r));
	c->failed = r;
	capture_close(c, true);
	uv_timer_start(&c->again, on_again, AGAIN_MS, 0);
}

void capture_restart(struct capture *c)
{
	int r;

	capture_close(c, true);
	r = capture_open(c);
	if (r < 0)
		capture_fail(c, r, "cannot go on with another configuration");
}

void capture_init(struct capture *c)
{
	uv_timer_t *const timers[] = {&c->due, &c->again, &c->tidy};

	list_init(&c->chores);
	list_init(&c->suspects);
	list_init(&c->busy_suspects);
	for (size_t i = 0; i < ARRAY_SIZE(timers); i++) {
		uv_timer_init(&c->daemon->loop, timers[i]);
		timers[i]->data = c;
	}
	uv_fs_event_init(&c->daemon->loop, &c->requests);
	c->requests.data = c;
	c->initialized = true;
}

/* What is over is written down; what goes on cannot be seen to its end any more. */
static void last_words(struct capture *c)
{
	int r = store_begin(c->store);

	if (r == 0)
		r = edits_flush(c->edits);
	if (r == 0)
		r = store_keep_events(c->store, NULL, NULL);
	store_end(c->store, r);
}

void capture_deinit(struct capture *c, bool keep)
{
	if (c->initialized) {
		if (c->edits && !keep && consume_all(c) == 0)
			last_words(c);
		capture_close(c, keep);
		uv_close((uv_handle_t *)&c->due, NULL);
		uv_close((uv_handle_t *)&c->again, NULL);
		uv_close((uv_handle_t *)&c->tidy, NULL);
		uv_close((uv_handle_t *)&c->requests, NULL);
	}
	cleanup_close_p(&c->lock_fd);
	cleanup_close_p(&c->store_fd);
}
