/*
 * The source that a test plays; see testplayed.h.
 */
#include "filetrace/capture/testplayed.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "filetrace/teststore.h"

/* ---- the source ---- */

struct source *played;

/* Shared with processes that are killed in the place of a daemon. */
static struct source *room(void)
{
	struct source *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(s, MAP_FAILED);
	s->never_readable = eventfd(0, EFD_CLOEXEC);
	return s;
}

void played_reset(void)
{
	if (!played)
		played = room();
	*played = (struct source){.never_readable = played->never_readable};
}

static int played_open(const struct source_config *config, struct source **ret_source,
		       bool *ret_adopted, const char **ret_reason)
{
	*ret_adopted = played->pinned;
	if (!played->pinned)
		played_reset();
	played->pinned = true;
	played->read = played->committed;
	*ret_source = played;
	return 0;
}

static void played_close(struct source *s, bool keep)
{
	s->pinned = keep;
}

static int played_fd(const struct source *s)
{
	return s->never_readable;
}

static int played_read(struct source *s, unsigned max, source_fn fn, void *data)
{
	unsigned n = 0;

	/* As the ring does: what @fn says ends the reading, and no more. */
	for (int r = 0; n < max && s->read < s->made && r == 0; n++)
		r = fn(data, &s->events[s->read++].event);
	if (n == 0 && s->meanwhile)
		take_ptr(s->meanwhile)();
	return n;
}

static void played_commit(struct source *s)
{
	s->committed = s->read;
}

static uint64_t played_position(const struct source *s)
{
	return s->read;
}

static int played_skip(struct source *s, uint64_t position)
{
	if (position < s->committed || position > s->made)
		return -ERANGE;
	s->read = s->committed = position;
	return 0;
}

static int key_of(int fd, struct ft_key *ret_key)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*ret_key = (struct ft_key){.ino = st.st_ino, .dev = st.st_dev};
	return 0;
}

static int watch_dir(struct source *s, int fd, uint32_t flags, struct ft_key *ret_key)
{
	return key_of(fd, ret_key);
}

static int watch_name(struct source *s, const struct ft_key *dir, const char *name, uint32_t flags)
{
	return 0;
}

static int watch_inode(struct source *s, int fd, struct ft_key *ret_key)
{
	return key_of(fd, ret_key);
}

static int unwatch(struct source *s, const struct ft_key *key)
{
	return 0;
}

static int unwatch_name(struct source *s, const struct ft_key *dir, const char *name)
{
	return 0;
}

/* The generation of an inode, which begins with 1. */
static uint64_t *generation_of(struct source *s, const struct ft_key *key)
{
	size_t i = 0;

	while (s->generations[i].ino && s->generations[i].ino != key->ino)
		i++;
	assert_true(i < INODES - 1);
	if (!s->generations[i].ino) {
		s->generations[i].ino = key->ino;
		s->generations[i].number = 1;
	}
	return &s->generations[i].number;
}

static int played_inode(struct source *s, const struct ft_key *key, struct ft_inode *ret_inode)
{
	*ret_inode = (struct ft_inode){.generation = *generation_of(s, key)};
	return 0;
}

static void counts(const struct source *s, struct source_counts *ret_counts)
{
	ret_counts->lost = s->lost;
}

static const char *const cannot_see[] = {"What nobody plays.", NULL};
static const struct source_ops ops = {
	.name = "played",
	.cannot_see = cannot_see,
	.open = played_open,
	.close = played_close,
	.fd = played_fd,
	.read = played_read,
	.commit = played_commit,
	.position = played_position,
	.skip = played_skip,
	.watch_dir = watch_dir,
	.watch_name = watch_name,
	.watch_inode = watch_inode,
	.unwatch_dir = unwatch,
	.unwatch_name = unwatch_name,
	.unwatch_inode = unwatch,
	.inode = played_inode,
	.counts = counts,
};
const struct source_ops *const sources[] = {&ops, NULL};

/* ---- what happens ---- */

void *played_push(uint32_t type, size_t size)
{
	struct ft_event *event = &played->events[played->made].event;

	assert_true(played->made++ < EVENTS);
	memset(event, 0, size);
	*event = (struct ft_event){type, size, time_now_ns(CLOCK_BOOTTIME)};
	return event;
}

void played_image(uint64_t id, uint64_t parent, const char *exe, const char *args, size_t len)
{
	struct ft_image_event *e = played_push(FT_IMAGE, sizeof(*e));
	struct ft_args_event *a;

	e->image = teststore_image(id, parent, exe);
	e->image.flags = 0;
	e->image.args_bytes = len;
	a = played_push(FT_ARGS, sizeof(*a));
	a->image = id;
	a->len = len;
	memcpy(a->bytes, args, len);
}

void played_people(void)
{
	played_image(SHELL, 0, "/bin/bash", "-bash", 6);
	played_image(EDITOR, SHELL, "/usr/bin/tee", "tee\0-a\0hosts", 13);
}

struct ft_actor played_editor(void)
{
	struct ft_actor actor = {.image = EDITOR, .pid = 111, .tid = 111, .login_uid = 1000};

	actor.session = 3;
	strcpy(actor.tty, "pts0");
	return actor;
}

struct ft_key played_inode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (struct ft_key){.ino = st.st_ino, .dev = st.st_dev};
}

void played_begin(const char *name)
{
	char path[64];
	struct ft_begin_event *e = played_push(FT_BEGIN, sizeof(*e));

	snprintf(path, sizeof(path), "etc/%s", name);
	e->actor = played_editor();
	e->inode = played_inode_of(path);
	e->generation = (*generation_of(played, &e->inode))++;
	e->ops = FT_OP_WRITE;
	e->place.dir = played_inode_of("etc");
	strcpy(e->place.name, name);
}

void played_end(const char *name)
{
	char path[64];
	struct ft_end_event *e = played_push(FT_END, sizeof(*e));
	struct ft_exit_event *x;

	snprintf(path, sizeof(path), "etc/%s", name);
	e->image = e->last_image = EDITOR;
	e->inode = played_inode_of(path);
	e->generation = *generation_of(played, &e->inode);
	e->ops = FT_OP_WRITE;
	e->op_count = 1;
	x = played_push(FT_EXIT, sizeof(*x));
	x->image = EDITOR;
}
