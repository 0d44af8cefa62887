/*
 * Patterns under watch: those of the configuration, and those that were asked for; and what the
 * half that answers is told about them. See capture.h.
 */
#include "filetrace/capture/watches.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "filetrace/capture/capture.h"
#include "filetrace/request.h"

#define TELL_INTERVAL_NS (5 * NS_PER_S)

void watches_deinit(struct watches *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->items[i].path);
	free(w->items);
	free(w->effective);
	*w = (struct watches){};
}

static struct watch *find(struct watches *w, const char *path, bool user)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->items[i].user == user && str_equal(w->items[i].path, path))
			return &w->items[i];
	return NULL;
}

/* Which of the list are in effect. There is room for all. */
static void index_effective(struct watches *w)
{
	w->effective_count = 0;
	for (size_t i = 0; i < w->count; i++)
		if (!w->items[i].problem)
			w->effective[w->effective_count++] = i;
}

static int make_room(struct watches *w)
{
	struct watch *items = reallocarray(w->items, w->count + 1, sizeof(*items));
	size_t *effective;

	if (!items)
		return -ENOMEM;
	w->items = items;
	effective = reallocarray(w->effective, w->count + 1, sizeof(*effective));
	if (!effective)
		return -ENOMEM;
	w->effective = effective;
	return 0;
}

/* Into the set, and into the list in any case: who asked is told what is wrong. */
static int add(struct capture *c, const char *path, bool user)
{
	struct watches *w = &c->watches;
	struct watch watch = {.user = user};
	int r = make_room(w);

	if (r < 0)
		return r;
	watch.path = strdup(path);
	if (!watch.path)
		return -ENOMEM;
	r = watchset_add(c->set, path, user, &watch.problem);
	if (r == -EEXIST)
		watch.problem = "is watched already";
	else if (r == -E2BIG)
		watch.problem = "there are too many watches";
	if (r == -ENOMEM) {
		free(watch.path);
		return r;
	}
	watch.fresh = r == 0 && !store_has_watch(c->store, path);
	w->items[w->count++] = watch;
	index_effective(w);
	return 0;
}

static void drop(struct capture *c, struct watch *watch)
{
	struct watches *w = &c->watches;

	if (!watch->problem)
		watchset_remove(c->set, watch->path);
	free(watch->path);
	memmove(watch, watch + 1, (char *)(w->items + w->count) - (char *)(watch + 1));
	w->count--;
	index_effective(w);
}

/* An empty request when there is none, or one that makes no sense: then what is in effect stays. */
static int read_request(struct capture *c, struct request *ret_request)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = fs_read(c->daemon->root_fd, REQUEST_DIR "/" REQUEST_NAME, REQUEST_BYTES_MAX, &text,
			&len);

	if (r == 0)
		r = request_parse(text, len, ret_request);
	if (r < 0 && r != -ENOENT && r != -ENOMEM)
		log_warning("cannot read the request in " REQUEST_DIR ": %s", strerror(-r));
	return r;
}

/* Those that are asked for are there, and no others. */
static int apply(struct capture *c, const struct request *request)
{
	struct watches *w = &c->watches;
	int r = 0;

	for (size_t i = w->count; i-- > 0;)
		if (w->items[i].user && !str_vector_contains(request->patterns, w->items[i].path))
			drop(c, &w->items[i]);
	for (char **p = request->patterns; *p && r == 0; p++)
		if (!find(w, *p, true))
			r = add(c, *p, true);
	w->request = request->number;
	w->told = false;
	return r;
}

int watches_load(struct capture *c)
{
	_cleanup_(request_deinit) struct request request = {};
	const char *problem;
	int r = 0;

	for (char **p = c->settings->watch_paths; *p && r == 0; p++)
		r = add(c, *p, false);
	for (char **p = c->settings->watch_ignore; *p && r == 0; p++) {
		r = watchset_ignore(c->set, *p, &problem);
		if (r == -EINVAL) {
			log_warning("cannot ignore %s: it %s", *p, problem);
			r = 0;
		}
	}
	if (r < 0)
		return r;
	r = read_request(c, &request);
	if (r == 0)
		r = apply(c, &request);
	/* What the store tells is in effect has baselines: not yet, so there is nothing to tell. */
	c->watches.told = true;
	return r == -ENOMEM ? r : 0;
}

int watches_request(struct capture *c, bool *ret_changed)
{
	_cleanup_(request_deinit) struct request request = {};
	int r = read_request(c, &request);

	*ret_changed = r == 0 && request.number != c->watches.request;
	if (*ret_changed)
		return apply(c, &request);
	return r == -ENOMEM ? r : 0;
}

/* The one by which @path is under watch, or NULL: those that are in effect are in the set's order.
 */
static struct watch *covering(const struct capture *c, const char *path)
{
	const struct watches *w = &c->watches;
	size_t which = watchset_which(c->set, path);

	return which < w->effective_count ? &w->items[w->effective[which]] : NULL;
}

bool watches_is_fresh(const struct capture *c, const char *path)
{
	const struct watch *watch = covering(c, path);

	return watch && watch->fresh;
}

void watches_settled(struct capture *c)
{
	for (size_t i = 0; i < c->watches.count; i++)
		c->watches.items[i].fresh = false;
}

static int count_file(void *data, const char *path, const struct state *state)
{
	struct capture *c = data;
	struct watch *watch = covering(c, path);

	if (watch)
		watch->files++;
	c->watches.files++;
	return 0;
}

static int tell(struct capture *c)
{
	struct watches *w = &c->watches;
	_cleanup_free_ struct store_watch *list = calloc(w->count + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < w->count; i++)
		list[i] = (struct store_watch){w->items[i].path, w->items[i].user,
					       w->items[i].files, w->items[i].problem};
	return store_put_watches(c->store, list, w->count, w->request);
}

/* Files come and go more often than anybody looks at how many there are. */
static bool is_told(const struct watches *w)
{
	return w->told &&
	       (!w->stale || time_now_ns(CLOCK_BOOTTIME) < w->told_ns + TELL_INTERVAL_NS);
}

int watches_tell(struct capture *c)
{
	struct watches *w = &c->watches;
	int r;

	if (is_told(w))
		return 0;
	w->files = 0;
	for (size_t i = 0; i < w->count; i++)
		w->items[i].files = 0;
	r = store_each_baseline(c->store, count_file, c);
	if (r == 0)
		r = tell(c);
	w->told = r == 0;
	w->stale = false;
	w->told_ns = time_now_ns(CLOCK_BOOTTIME);
	c->told = false;
	return r;
}

int status_tell(struct capture *c)
{
	struct store_status status = {
		.backend = c->ops->name,
		.cannot_see = c->ops->cannot_see,
		.lost = c->lost,
		.files = c->watches.files,
		.problem = c->problem,
	};
	int r;

	if (c->told)
		return 0;
	memcpy(status.attributed, c->attributed, sizeof(status.attributed));
	r = store_put_status(c->store, &status);
	c->told = r == 0;
	return r;
}
