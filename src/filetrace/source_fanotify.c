/*
 * The source "fanotify": files by fanotify, processes by /proc.
 *
 * Nothing is pinned: what happens between the end of one daemon and the start of the next is found
 * by looking at everything again.
 */

#include <errno.h>
#include <stdlib.h>

#include "filetrace/fansource.h"
#include "filetrace/sources.h"

static const char *const cannot_see[] = {
	"Who made a change is read from /proc afterwards: of a process that has ended by then nothing "
	"is known but its number, and one that runs another program by then is named with that one.",
	"The parents of a process whose own parent has ended are not known.",
	"Stores through a mapping are seen when it is unmapped or its process ends, not before.",
	"A file that is written through a name outside of what is under watch is seen only if it had "
	"several names when the watch began.",
	"What is made in a new directory in its first moments is recorded without who made it.",
	"Several changes by one process that follow each other quickly are one.",
	"The number that proves that nobody wrote meanwhile grows with each event that is seen, not "
	"before each modification: a change within the moment of reading is noticed afterwards.",
	"Whether times, attributes or an ACL were changed is not told apart; changes of mounts are "
	"not seen.",
	"Nothing is seen while the daemon does not run; it is found by comparing, without who did it.",
	NULL,
};

static void source_close(struct source *s, bool keep)
{
	if (!s)
		return;
	fan_deinit(&s->fan);
	free(s);
}

static int source_open(const struct source_config *config, struct source **ret_source,
		       bool *ret_adopted, const char **ret_reason)
{
	struct source *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	r = fan_init(&s->fan, config->root_fd, ret_reason);
	if (r < 0) {
		source_close(s, false);
		return r;
	}
	*ret_source = s;
	*ret_adopted = false;
	return 0;
}

const struct source_ops source_fanotify = {
	.name = "fanotify",
	.cannot_see = cannot_see,
	.open = source_open,
	.close = source_close,
	.fd = fan_source_fd,
	.read = fan_source_read,
	.commit = fan_source_commit,
	.position = fan_source_position,
	.skip = fan_source_skip,
	.watch_dir = fan_source_watch_dir,
	.watch_name = fan_source_watch_name,
	.watch_inode = fan_source_watch_inode,
	.unwatch_dir = fan_source_unwatch_dir,
	.unwatch_name = fan_source_unwatch_name,
	.unwatch_inode = fan_source_unwatch_inode,
	.inode = fan_source_inode,
	.counts = fan_source_counts,
};
