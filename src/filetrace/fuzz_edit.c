/*
 * Fuzzes the assembly of edits: any events, in any order, cut anywhere, over a world that answers
 * as the input says.
 *
 * Nothing leaks, no more than the bound is pending, every record is one of a path under watch that
 * changed, and after a flush nothing is left.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/time.h"
#include "filetrace/edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct input {
	const uint8_t *bytes;
	size_t len;
	const struct watchset *set;
	unsigned records;
};

static uint8_t take(struct input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->bytes++;
}

/* Few values, so that they meet. */
static struct ft_key take_key(struct input *in)
{
	return (struct ft_key){.ino = take(in) % 12, .dev = 1};
}

static int take_state(void *data, const char *path, struct state *ret_state)
{
	struct input *in = data;
	uint8_t choice = take(in);

	assert(watchset_matches(in->set, path));
	if (choice == 255)
		return -EIO;
	*ret_state = (struct state){.kind = choice % STATE_KIND_COUNT};
	if (ret_state->kind == STATE_ABSENT)
		return 0;
	ret_state->key = take_key(in);
	ret_state->size = choice % 7;
	ret_state->hashed = choice & 64;
	ret_state->sha256.bytes[0] = ret_state->hashed ? choice : 0;
	return 0;
}

static int take_inode(void *data, const struct ft_key *key, struct ft_inode *ret_inode)
{
	uint8_t choice = take(data);

	if (choice % 8 == 0)
		return choice & 128 ? -ENOENT : -EIO;
	*ret_inode = (struct ft_inode){.generation = choice / 8 % 4, .edits = choice & 128};
	return 0;
}

static int check_record(void *data, struct record *r)
{
	struct input *in = data;

	in->records++;
	assert(r->path && *r->path == '/' && watchset_matches(in->set, r->path));
	assert(r->method < METHOD_COUNT && r->attribution < ATTRIBUTION_COUNT && r->op_count > 0);
	assert(r->coalesced || r->op_count == 1);
	assert(r->old.kind != STATE_ABSENT || r->new.kind != STATE_ABSENT);
	assert(r->method != METHOD_DELETE || r->new.kind == STATE_ABSENT);
	assert(r->method != METHOD_CREATE || r->old.kind == STATE_ABSENT);
	assert(r->id == 0 && !r->diff && !r->fields);
	assert(memchr(r->actor.tty, '\0', FT_TTY_BYTES));
	assert(memchr(r->actor.cgroup, '\0', FT_CGROUP_BYTES));
	record_deinit(r);
	return take(data) == 255 ? -ENOSPC : 0;
}

static int see_directory(void *data, const char *path, const struct ft_key *key,
			 const struct ft_actor *actor, bool moved)
{
	assert(*path == '/');
	return 0;
}

static int see_path(void *data, const char *path, const struct ft_actor *actor)
{
	assert(*path == '/');
	return 0;
}

static int see_mounts(void *data, const struct ft_actor *actor)
{
	return 0;
}

static int64_t tell_wall_ns(void *data, uint64_t boot_ns)
{
	return (int64_t)(boot_ns / 2);
}

static bool tell_prefix(void *data, const struct state *old, const struct state *new)
{
	assert(old->hashed && new->hashed && old->size <= new->size);
	return take(data) & 1;
}

static enum attribution tell_known(void *data, uint64_t image)
{
	assert(image);
	return take(data) % ATTRIBUTION_COUNT;
}

static const struct edits_ops ops = {
	.baseline = take_state,
	.snapshot = take_state,
	.inode = take_inode,
	.emit = check_record,
	.directory = see_directory,
	.resolve = see_path,
	.mounts = see_mounts,
	.wall_ns = tell_wall_ns,
	.is_prefix = tell_prefix,
	.known = tell_known,
};

/* ---- events ---- */

static void take_actor(struct input *in, struct ft_actor *ret_actor)
{
	ret_actor->image = take(in) % 6;
	ret_actor->pid = (uint32_t)ret_actor->image + take(in) % 2;
	memset(ret_actor->tty, 'x', sizeof(ret_actor->tty));
	memset(ret_actor->cgroup, 'x', sizeof(ret_actor->cgroup));
}

static void take_place(struct input *in, struct ft_place *ret_place)
{
	static const char *const names[] = {"a",     "b",   "c", "d",	"e",   "f.tmp",
					    "g.tmp", "h/i", "",	 "log", "sub", "hosts"};
	uint8_t choice = take(in);

	ret_place->dir = take_key(in);
	if (choice == 255)
		memset(ret_place->name, 'n', FT_NAME_BYTES);
	else
		strcpy(ret_place->name, names[choice % ARRAY_SIZE(names)]);
}

static void take_name(struct input *in, struct ft_name_event *event)
{
	static const uint32_t modes[] = {0, S_IFREG | 0644, S_IFREG | 0600, S_IFDIR | 0755,
					 S_IFLNK | 0777};

	take_actor(in, &event->actor);
	event->op = take(in) % 10;
	event->mode = modes[take(in) % ARRAY_SIZE(modes)];
	event->inode = take_key(in);
	event->victim = take_key(in);
	event->generation = take(in) % 4;
	take_place(in, &event->place);
	take_place(in, &event->to);
}

static void take_event(struct input *in, uint64_t now_ns, union ft_any_event *ret_event)
{
	union ft_any_event event = {.event = {.type = take(in) % (FT_TYPE_END + 1),
					      .size = sizeof(event),
					      .time_ns = now_ns}};

	switch (event.event.type) {
	case FT_BEGIN:
		take_actor(in, &event.begin.actor);
		event.begin.inode = take_key(in);
		event.begin.generation = take(in) % 4;
		event.begin.ops = take(in) % 16;
		take_place(in, &event.begin.place);
		break;
	case FT_END:
		event.end.image = take(in) % 6;
		event.end.last_image = take(in) % 6;
		event.end.inode = take_key(in);
		event.end.generation = take(in) % 4;
		event.end.ops = take(in) % 16;
		event.end.others = take(in) % 2;
		break;
	case FT_META:
		take_actor(in, &event.meta.actor);
		event.meta.inode = take_key(in);
		event.meta.generation = take(in) % 4;
		take_place(in, &event.meta.place);
		break;
	case FT_NAME:
		take_name(in, &event.name);
		break;
	case FT_EXIT:
		event.exit.image = take(in) % 6;
		event.exit.next = take(in) % 6;
		break;
	default:
		break;
	}
	*ret_event = event;
}

/* Hands on as many bytes as the event says that it has, so that a byte too many is seen. */
static void play(struct input *in, struct edits *e, uint64_t now_ns)
{
	_cleanup_free_ struct ft_event *cut = NULL;
	union ft_any_event event;
	uint8_t choice = take(in);

	take_event(in, now_ns, &event);
	if (choice >= 250) {
		event.event.size = sizeof(struct ft_event) + choice % 8 * 40 + take(in);
		if (event.event.size > sizeof(event))
			event.event.size = sizeof(event);
	}
	cut = malloc(event.event.size);
	if (!cut)
		abort();
	memcpy(cut, &event, event.event.size);
	if (edits_event(e, cut) < 0)
		return;
	/* What is not pending is needed by nobody. */
	assert(edits_count(e) > 0 || !edits_need(e, cut));
}

/* Time goes on, and everything ends by itself: no tick is in vain, and none is missing. */
static void drain(struct edits *e)
{
	for (unsigned i = 0; i < 4 * EDITS_MAX && edits_count(e); i++) {
		uint64_t next = edits_next_ns(e);

		assert(next != UINT64_MAX);
		edits_tick(e, next);
		assert(edits_next_ns(e) > next);
	}
	assert(edits_count(e) == 0);
}

static void run(struct input *in, struct edits *e)
{
	uint64_t now_ns = NS_PER_S;
	size_t len = in->len;

	while (in->len) {
		uint8_t choice = take(in);

		if (choice % 4 == 0) {
			now_ns += choice * NS_PER_MS * 10;
			edits_tick(e, now_ns);
		}
		now_ns += choice * NS_PER_MS;
		play(in, e, now_ns);
		assert(edits_count(e) <= EDITS_MAX);
		assert((edits_count(e) == 0) == (edits_next_ns(e) == UINT64_MAX));
	}
	if (len % 2)
		drain(e);
	edits_flush(e);
	assert(edits_count(e) == 0 && edits_next_ns(e) == UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct ft_key etc = {.ino = 1, .dev = 1}, sub = {.ino = 2, .dev = 1},
				   file = {.ino = 3, .dev = 1};
	_cleanup_(tree_free_p) struct tree *tree = NULL;
	_cleanup_(watchset_free_p) struct watchset *set = NULL;
	_cleanup_(edits_free_p) struct edits *e = NULL;
	struct input in = {.bytes = bytes, .len = len};
	const char *problem;

	if (tree_new(&tree) < 0 || watchset_new(&set) < 0 ||
	    watchset_add(set, "/etc", false, &problem) < 0 ||
	    watchset_add(set, "/opt/x/conf", true, &problem) < 0 ||
	    watchset_ignore(set, "*.tmp", &problem) < 0 || tree_add_dir(tree, &etc, "/etc") < 0 ||
	    tree_add_dir(tree, &sub, "/etc/sub") < 0 ||
	    tree_add_name(tree, &file, "/etc/hosts") < 0 || edits_new(tree, set, &ops, &in, &e) < 0)
		abort();
	in.set = set;
	run(&in, e);
	return 0;
}
