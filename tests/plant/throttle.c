/*
 * Quotas of groups that follow frequencies; see throttle.h.
 */
#include "throttle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/io.h"
#include "base/parse.h"

#define V2_FILE "cpu.max"
#define V1_FILE "cpu.cfs_quota_us"
#define V1_PERIOD_FILE "cpu.cfs_period_us"

static int put(int dir, const char *file, const char *text)
{
	_cleanup_close_ int fd = openat(dir, file, O_WRONLY | O_TRUNC | O_CLOEXEC);

	return fd < 0 ? -errno : io_write_all(fd, text, strlen(text));
}

static int get(int dir, const char *file, char *text, size_t room)
{
	_cleanup_close_ int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	size_t len;
	int r;

	if (fd < 0)
		return -errno;
	r = io_read_up_to(fd, text, room - 1, &len);
	if (r == 0)
		text[len] = '\0';
	return r;
}

static int read_before(struct throttle_group *g)
{
	int r = get(g->dir, V2_FILE, g->before, sizeof(g->before));

	g->v2 = r == 0;
	if (g->v2)
		return 0;
	r = get(g->dir, V1_FILE, g->before, sizeof(g->before));
	return r < 0 ? r : get(g->dir, V1_PERIOD_FILE, g->period_before, sizeof(g->period_before));
}

static int put_quota(struct throttle_group *g, unsigned quota_us)
{
	char text[64];
	int r;

	if (g->v2)
		snprintf(text, sizeof(text), "%u %u", quota_us, (unsigned)THROTTLE_PERIOD_US);
	else
		snprintf(text, sizeof(text), "%u", quota_us);
	r = put(g->dir, g->v2 ? V2_FILE : V1_FILE, text);
	if (r == 0)
		g->quota_us = quota_us;
	return r;
}

static int start(struct throttle_group *g)
{
	char period[16];
	int r = read_before(g);

	if (r < 0)
		return r;
	snprintf(period, sizeof(period), "%u", (unsigned)THROTTLE_PERIOD_US);
	r = g->v2 ? 0 : put(g->dir, V1_PERIOD_FILE, period);
	return r < 0 ? r : put_quota(g, THROTTLE_PERIOD_US);
}

int throttle_add(struct throttle *t, const char *text, unsigned cpus)
{
	_cleanup_free_ char *path = strdup(text);
	struct throttle_group *g = &t->groups[t->count];
	uint64_t cpu = 0;
	char *colon;
	int r;

	if (!path)
		return -ENOMEM;
	if (t->count == THROTTLES_MAX)
		return -E2BIG;
	colon = strrchr(path, ':');
	if (colon) {
		*colon = '\0';
		if (parse_u64(colon + 1, 0, cpus - 1, &cpu) < 0)
			return -EINVAL;
	}
	*g = (struct throttle_group){.cpu = cpu};
	g->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (g->dir < 0)
		return -errno;
	r = start(g);
	if (r < 0)
		close(g->dir);
	else
		t->count++;
	return r;
}

/* Writing costs the kernel something: steps of a hundredth are enough. */
void throttle_apply(struct throttle *t, struct model *m)
{
	for (unsigned i = 0; i < t->count; i++) {
		struct throttle_group *g = &t->groups[i];
		unsigned quota = model_speed(m, g->cpu) * 100 + 0.5;

		quota = (quota < 10 ? 10 : quota) * (THROTTLE_PERIOD_US / 100);
		/* A group that is gone needs no quota. */
		if (quota != g->quota_us && put_quota(g, quota) < 0)
			g->quota_us = quota;
	}
}

void throttle_deinit(struct throttle *t)
{
	for (unsigned i = 0; i < t->count; i++) {
		struct throttle_group *g = &t->groups[i];

		put(g->dir, g->v2 ? V2_FILE : V1_FILE, g->before);
		if (!g->v2)
			put(g->dir, V1_PERIOD_FILE, g->period_before);
		close(g->dir);
	}
	t->count = 0;
}
