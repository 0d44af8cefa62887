/*
 * Paths that are not as their baseline says, and nobody known has changed; see capture.h.
 *
 * Who looks is never at one with the ring: of a change that is seen the events may still be on
 * their way, and a record without an author would then tell of it twice. So a path that differs is
 * noted as it was seen, and looked at again when everything has been taken in that was in the ring
 * by then. An event is in the ring before content changes, and a moment after a name does. If the
 * path is still what was seen, and no edit has to do with it, nobody saw the change.
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

struct suspect {
	struct list_link link; /* by the time at which they were seen */
	struct hashmap_link by_path;
	char *path;
	struct state seen;
	enum method method;
	uint64_t seen_ns;
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

static bool is_same(const struct state *a, const struct state *b)
{
	return state_same_content(a, b) && state_same_outside(a, b);
}

static void see(struct capture *c, struct suspect *s, const struct state *state)
{
	s->seen = *state;
	s->seen_ns = time_now_ns(CLOCK_BOOTTIME);
	list_add_last(&c->suspects, &s->link);
}

int suspect_add(struct capture *c, const char *path, const struct state *state, enum method method)
{
	struct suspect *s = find(c, path);

	if (s && is_same(&s->seen, state))
		return 0;
	if (s) {
		list_remove(&s->link);
		see(c, s, state);
		return 0;
	}
	s = calloc(1, sizeof(*s));
	if (s)
		s->path = strdup(path);
	if (!s || !s->path) {
		free(s);
		return -ENOMEM;
	}
	s->method = method;
	hashmap_add(&c->suspects_by_path, &s->by_path, hash(path));
	see(c, s, state);
	return 0;
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

	if (edits_busy(c->edits, s->path) || !watchset_matches(c->set, s->path))
		return 0;
	r = store_get_baseline(c->store, s->path, &old);
	if (r == 0)
		r = world_ops.snapshot(c, s->path, &new);
	if (r < 0)
		return r;
	if (is_same(&old, &new))
		return world_accept(c, s->path, &new);
	if (is_same(&s->seen, &new))
		return compare_record(c, &(struct compare){.method = s->method}, s->path, &old,
				      &new);
	list_remove(&s->link);
	see(c, s, &new);
	return 1;
}

int suspects_settle(struct capture *c)
{
	const uint64_t now_ns = time_now_ns(CLOCK_BOOTTIME);
	struct suspect *s;

	while ((s = list_first(&c->suspects, struct suspect, link)) &&
	       s->seen_ns + SUSPECT_NS <= now_ns) {
		int r = settle(c, s);

		if (r < 0)
			return r;
		if (r == 0)
			forget(c, s);
	}
	return 0;
}

uint64_t suspects_next_ns(struct capture *c)
{
	const struct suspect *s = list_first(&c->suspects, struct suspect, link);

	return s ? s->seen_ns + SUSPECT_NS : UINT64_MAX;
}

void suspects_forget(struct capture *c)
{
	struct suspect *s;

	while ((s = list_first(&c->suspects, struct suspect, link)))
		forget(c, s);
	hashmap_deinit(&c->suspects_by_path);
}
