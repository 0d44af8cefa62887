/*
 * Paths that are not as their baseline says, and nobody known has changed; see capture.h.
 *
 * Who looks is never at one with the ring: of a change that is seen the events may still be on
 * their way, and a record without an author would then tell of it twice. So a path that differs is
 * noted as it was seen, and looked at again when everything has been taken in that was in the ring
 * by then. An event is in the ring before content changes, and a moment after a name does. If the
 * path is still what was seen, and no edit has to do with it, nobody saw the change.
 *
 * What an edit is busy with is the edit's, which knows of it what events have told. Where some got
 * lost, that may not be the last there was: so the path is looked at once more when the edit is
 * over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "filetrace/capture/capture.h"

/* Longer than from a name's change to its event, whoever is in between. */
#define SUSPECT_NS (100 * NS_PER_MS)
/* Edits may take hours. */
#define BUSY_NS (2 * NS_PER_S)

struct suspect {
	struct list_link link; /* by due_ns, among those that were seen or those that are busy */
	struct hashmap_link by_path;
	char *path;
	struct state seen;
	bool unseen; /* it was busy so far */
	enum method method;
	uint64_t due_ns;
};

static uint64_t hash(const char *path)
{
	return hashmap_hash(path, strlen(path), 0);
}

static struct suspect *find(const struct capture *c, const char *path)
{
	struct hashmap_link *l = hashmap_first(&c->suspects_by_path, hash(path));

	for (; l; l = hashmap_next(l)) {
		struct suspect *s = hashmap_item(l, struct suspect, by_path);

		if (str_equal(s->path, path))
			return s;
	}
	return NULL;
}

static void see(struct capture *c, struct suspect *s, const struct state *state)
{
	s->seen = *state;
	s->unseen = false;
	s->due_ns = time_now_ns(CLOCK_BOOTTIME) + SUSPECT_NS;
	list_add_last(&c->suspects, &s->link);
}

static void wait_for_edit(struct capture *c, struct suspect *s)
{
	s->unseen = true;
	s->due_ns = time_now_ns(CLOCK_BOOTTIME) + BUSY_NS;
	list_add_last(&c->busy_suspects, &s->link);
}

/* In no list. */
static int suspect_new(struct capture *c, const char *path, enum method method,
		       struct suspect **ret_suspect)
{
	struct suspect *s = calloc(1, sizeof(*s));

	if (s)
		s->path = strdup(path);
	if (!s || !s->path) {
		free(s);
		return -ENOMEM;
	}
	s->method = method;
	hashmap_add(&c->suspects_by_path, &s->by_path, hash(path));
	*ret_suspect = s;
	return 0;
}

int suspect_add(struct capture *c, const char *path, const struct state *state, enum method method)
{
	struct suspect *s = find(c, path);
	int r = 0;

	if (s && !s->unseen && state_same(&s->seen, state))
		return 0;
	if (s)
		list_remove(&s->link);
	else
		r = suspect_new(c, path, method, &s);
	if (r == 0)
		see(c, s, state);
	return r;
}

int suspect_add_busy(struct capture *c, const char *path)
{
	struct suspect *s;
	int r;

	if (find(c, path))
		return 0;
	r = suspect_new(c, path, METHOD_UNKNOWN, &s);
	if (r == 0)
		wait_for_edit(c, s);
	return r;
}

static void forget(struct capture *c, struct suspect *s)
{
	list_remove(&s->link);
	hashmap_remove(&c->suspects_by_path, &s->by_path);
	free(s->path);
	free(s);
}

/* 1 when it has to be looked at once more. */
static int settle(struct capture *c, struct suspect *s)
{
	struct state old, new;
	int r;

	if (!watchset_matches(c->set, s->path))
		return 0;
	if (edits_busy(c->edits, s->path)) {
		list_remove(&s->link);
		wait_for_edit(c, s);
		return 1;
	}
	r = store_get_baseline(c->store, s->path, &old);
	if (r == 0)
		r = world_ops.snapshot(c, s->path, &new);
	if (r < 0)
		return r;
	if (state_same(&old, &new))
		return world_accept(c, s->path, &new);
	if (!s->unseen && state_same(&s->seen, &new))
		return compare_record(c, &(struct compare){.method = s->method}, s->path, &old,
				      &new);
	list_remove(&s->link);
	see(c, s, &new);
	return 1;
}

static int settle_due(struct capture *c, struct list *list, uint64_t now_ns)
{
	struct suspect *s;

	while ((s = list_first(list, struct suspect, link)) && s->due_ns <= now_ns) {
		int r = settle(c, s);

		if (r < 0)
			return r;
		if (r == 0)
			forget(c, s);
	}
	return 0;
}

int suspects_settle(struct capture *c)
{
	const uint64_t now_ns = time_now_ns(CLOCK_BOOTTIME);
	int r = settle_due(c, &c->busy_suspects, now_ns);

	return r < 0 ? r : settle_due(c, &c->suspects, now_ns);
}

uint64_t suspects_next_ns(struct capture *c)
{
	const struct suspect *seen = list_first(&c->suspects, struct suspect, link);
	const struct suspect *busy = list_first(&c->busy_suspects, struct suspect, link);
	uint64_t next_ns = seen ? seen->due_ns : UINT64_MAX;

	return busy && busy->due_ns < next_ns ? busy->due_ns : next_ns;
}

void suspects_forget(struct capture *c)
{
	struct suspect *s;

	while ((s = list_first(&c->suspects, struct suspect, link)) ||
	       (s = list_first(&c->busy_suspects, struct suspect, link)))
		forget(c, s);
	hashmap_deinit(&c->suspects_by_path);
}
