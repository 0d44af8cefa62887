/*
 * What an event leads to and cannot be done while it is taken in: directories to be walked,
 * everything to be compared. See capture.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "base/time.h"
#include "filetrace/capture/capture.h"

/* However fast events get lost, the machine has other things to do. */
#define LOOK_INTERVAL_NS (2 * NS_PER_S)

struct chore {
	struct list_link link;
	char *path; /* NULL: everything */
	struct ft_actor actor; /* image 0: none */
	enum method method;
	bool closely;
};

static struct log_limit losses = {.interval_ns = 60 * NS_PER_S, .burst = 3};

static int add(struct capture *c, const char *path, const struct ft_actor *actor,
	       enum method method)
{
	struct chore *chore = calloc(1, sizeof(*chore));

	if (chore && path)
		chore->path = strdup(path);
	if (!chore || (path && !chore->path)) {
		free(chore);
		return -ENOMEM;
	}
	if (actor)
		chore->actor = *actor;
	chore->method = method;
	list_add_last(&c->chores, &chore->link);
	return 0;
}

int chore_directory(struct capture *c, const char *path, const struct ft_actor *actor)
{
	return add(c, path, actor, METHOD_CREATE);
}

int chore_resolve(struct capture *c, const char *path, const struct ft_actor *actor)
{
	return add(c, path, actor, METHOD_UNKNOWN);
}

/* Many in a row by one process are looked at once. */
int chore_mounts(struct capture *c, const struct ft_actor *actor)
{
	const struct chore *last = list_last(&c->chores, struct chore, link);

	if (last && last->method == METHOD_MOUNT && last->actor.image == actor->image)
		return 0;
	return add(c, NULL, actor, METHOD_MOUNT);
}

int chore_everything(struct capture *c, bool closely)
{
	int r = add(c, NULL, NULL, METHOD_UNKNOWN);

	if (r == 0)
		list_last(&c->chores, struct chore, link)->closely = closely;
	return r;
}

int chore_lost(struct capture *c, uint64_t lost)
{
	log_limited(&losses, LOG_LEVEL_WARNING,
		    "%llu events got lost; everything under watch is looked at again",
		    (unsigned long long)(lost - c->lost));
	c->lost = lost;
	c->look_closely = c->doubt = true;
	c->told = false;
	return 0;
}

static void forget(struct chore *chore)
{
	list_remove(&chore->link);
	free(chore->path);
	free(chore);
}

static int do_one(struct capture *c, const struct chore *chore)
{
	const struct compare how = {
		.below = chore->path,
		.actor = chore->actor.image ? &chore->actor : NULL,
		.method = chore->method,
		.closely = chore->closely,
	};

	return compare(c, &how);
}

static bool may_look(const struct capture *c)
{
	return time_now_ns(CLOCK_BOOTTIME) >= c->looked_ns + LOOK_INTERVAL_NS;
}

int chores_do(struct capture *c)
{
	struct chore *chore;
	int r = 0;

	while (r == 0 && (chore = list_first(&c->chores, struct chore, link))) {
		r = do_one(c, chore);
		forget(chore);
	}
	if (r == 0 && c->look_closely && may_look(c)) {
		c->look_closely = false;
		r = compare(c, &(struct compare){.closely = true});
		c->looked_ns = time_now_ns(CLOCK_BOOTTIME);
	}
	return r;
}

uint64_t chores_next_ns(const struct capture *c)
{
	return c->look_closely ? c->looked_ns + LOOK_INTERVAL_NS : UINT64_MAX;
}

void chores_forget(struct capture *c)
{
	struct chore *chore;

	while ((chore = list_first(&c->chores, struct chore, link)))
		forget(chore);
	c->look_closely = c->doubt = false;
}
