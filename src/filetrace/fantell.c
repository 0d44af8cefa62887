/*
 * What an event of fanotify means, told in events of bpf/abi.h; see fan.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/time.h"
#include "filetrace/fan.h"

enum { HELD_NS = 200000000 }; /* so long after its last modification an edit is not doubted */

/* An event that is being told: where, what, and by whom. */
struct telling {
	struct fan *fan;
	const struct fan_event *event;
	struct fan_node *dir, *node; /* NULL: not known */
	struct fan_proc *proc; /* NULL: nothing is known of it */
	struct ft_actor actor;
	uint32_t flags; /* of a directory of that name */
};

static struct ft_event head(enum ft_type type, size_t size)
{
	return (struct ft_event){type, size, time_now_ns(CLOCK_BOOTTIME)};
}

static size_t place_size(const struct ft_place *p)
{
	return offsetof(struct ft_place, name) + strlen(p->name) + 1;
}

static void fill_place(struct fan *f, const struct fan_place *from, struct ft_place *ret_place)
{
	const struct fan_node *dir = from->known ? fan_find(f, &from->dir) : NULL;

	*ret_place = (struct ft_place){};
	/* "." is a directory itself, whose name is not told. */
	if (!dir || !strcmp(from->name, "."))
		return;
	ret_place->dir = dir->key;
	memcpy(ret_place->name, from->name, sizeof(ret_place->name));
}

/* Who did it. Of a process that is gone only the number is known. */
static void identify(struct telling *t, const struct ft_key *inode)
{
	t->proc = fan_procs_get(&t->fan->procs, t->event->pid, t->event->pidfd, inode);
	if (t->proc)
		t->actor = t->proc->actor;
	else
		t->actor = (struct ft_actor){.pid = t->event->pid,
					     .tid = t->event->pid,
					     .uid = FT_UNSET,
					     .login_uid = FT_UNSET,
					     .session = FT_UNSET};
}

/* ---- names ---- */

static void tell_name(struct telling *t, enum ft_name_op op, const struct fan_place *place,
		      const struct fan_place *to)
{
	struct ft_name_event e = {
		.event = head(FT_NAME, sizeof(e)),
		.actor = t->actor,
		.op = op,
		.mode = t->node->mode,
		.inode = t->node->key,
	};

	t->node->info.generation++;
	e.generation = t->node->watched ? t->node->info.generation : 0;
	if (place)
		fill_place(t->fan, place, &e.place);
	if (to)
		fill_place(t->fan, to, &e.to);
	e.event.size = to ? offsetof(struct ft_name_event, to) + place_size(&e.to)
			  : offsetof(struct ft_name_event, place) + place_size(&e.place);
	eventqueue_add(&t->fan->queue, &e.event);
}

static void tell_entries(struct telling *t);

/* It is under watch from now on, as the entry that it is; a directory with what is made in it. */
static void begin_watch(struct telling *t)
{
	_cleanup_close_ int fd = fan_open_node(t->fan, t->node, O_PATH);
	struct fan_node *n = t->node;

	if (fd < 0)
		return;
	if (S_ISDIR(n->mode)) {
		if (!t->flags || fan_mark(t->fan, n, fd, true) < 0)
			return;
		n->dir_watched = true;
		n->dir_flags = t->flags;
		return;
	}
	fan_set_watched(t->fan, n);
	n->unlinked = false;
	if (S_ISREG(n->mode) && n->nlink > 1)
		fan_mark(t->fan, n, fd, false);
}

/* A name came: a new inode, or another name of one that is there. */
static void tell_create(struct telling *t, bool is_new)
{
	struct fan_node *n = t->node;
	bool told = n->told;

	n->told = false;
	fan_stat_node(t->fan, n);
	if (told)
		return;
	begin_watch(t);
	if (t->event->mask & FAN_ONDIR) {
		tell_name(t, FT_NAME_MKDIR, &t->event->place, NULL);
		tell_entries(t);
	} else if (S_ISLNK(n->mode)) {
		tell_name(t, FT_NAME_SYMLINK, &t->event->place, NULL);
	} else if (!is_new || n->nlink > 1) {
		tell_name(t, FT_NAME_LINK, NULL, &t->event->place);
	} else {
		tell_name(t, FT_NAME_CREATE, &t->event->place, NULL);
	}
}

static void tell_entry(struct telling *t, int dirfd, const char *name)
{
	_cleanup_close_ int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct telling inner = {.fan = t->fan, .dir = t->node, .actor = {.uid = FT_UNSET}};
	struct fan_event e = {.pidfd = -1, .place = {.known = true, .dir = t->node->handle}};
	struct ft_key key;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || strlen(name) >= sizeof(e.place.name) ||
	    !fan_covers(t->node, name, &inner.flags) || fan_watch_inode(t->fan, fd, &key) < 0)
		return;
	strcpy(e.place.name, name);
	inner.event = &e;
	inner.node = fan_find_key(t->fan, &key);
	inner.actor.login_uid = inner.actor.session = FT_UNSET;
	e.mask = FAN_CREATE | (S_ISDIR(st.st_mode) ? FAN_ONDIR : 0);
	if (!inner.node || inner.node->told)
		return;
	if (S_ISDIR(st.st_mode))
		inner.node->watched = false;
	tell_create(&inner, true);
	inner.node->told = true;
}

/*
 * What was made in a new directory before it was marked: nobody told of it, so nobody knows by
 * whom. What was made since will be told, a second time for some.
 */
static void tell_entries(struct telling *t)
{
	_cleanup_closedir_ DIR *d = NULL;
	struct dirent *entry;
	int fd;

	if (!t->node->dir_watched)
		return;
	fd = fan_open_node(t->fan, t->node, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d && fd >= 0)
		close(fd);
	while (d && (entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			tell_entry(t, fd, entry->d_name);
}

/* The inode may have other names, or files that are open. */
static void check_unlinked(struct fan *f, struct fan_node *n)
{
	if (fan_stat_node(f, n) == 0)
		return;
	n->unlinked = true;
	n->dir_watched = n->watched = false;
	fan_forget(f, n);
}

static void tell_delete(struct telling *t)
{
	bool dir = t->event->mask & FAN_ONDIR;

	tell_name(t, dir ? FT_NAME_RMDIR : FT_NAME_UNLINK, &t->event->place, NULL);
}

/* Of two files that change places, the kernel tells as of two that are moved: the first one, whose
 * new name the second one seems to leave, has it still. */
static void tell_exchanged(struct telling *t)
{
	const struct fan_event *last = &t->fan->last_rename, *e = t->event;
	struct fan_node *n = last->has_object ? fan_find(t->fan, &last->object) : NULL;
	struct fan_node *dir = fan_find(t->fan, &e->place.dir);
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (!n || !dir || last->pid != e->pid ||
	    memcmp(&last->to, &e->place, sizeof(e->place)) != 0 ||
	    memcmp(&last->place, &e->to, sizeof(e->to)) != 0)
		return;
	fd = fan_open_node(t->fan, dir, O_PATH | O_DIRECTORY);
	if (fd < 0 || fstatat(fd, e->place.name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_ino != n->key.ino)
		return;
	t->node = n;
	tell_name(t, FT_NAME_RENAME, NULL, &e->place);
}

static void tell_rename(struct telling *t)
{
	const struct fan_event *e = t->event;
	uint32_t flags = 0;
	bool to = e->to.known && fan_covers(fan_find(t->fan, &e->to.dir), e->to.name, &flags);
	bool from = e->place.known &&
		    fan_covers(fan_find(t->fan, &e->place.dir), e->place.name, &t->flags);
	bool is_new;

	t->node = e->has_object ? fan_learn(t->fan, &e->object, &is_new) : NULL;
	if (t->node && !to && !from && !t->node->watched) {
		fan_forget(t->fan, t->node);
		return;
	}
	if (!t->node)
		return;
	identify(t, &t->node->key);
	fan_stat_node(t->fan, t->node);
	t->flags = flags;
	if (to)
		begin_watch(t);
	tell_name(t, FT_NAME_RENAME, &e->place, &e->to);
	check_unlinked(t->fan, t->node);
	tell_exchanged(t);
	t->fan->last_rename = *e;
}

/* ---- content ---- */

static struct fan_edit *find_edit(struct fan_node *n, const struct fan_proc *proc)
{
	struct fan_edit *e;

	for (list_each(e, &n->edits, in_node))
		if (e->proc == proc)
			return e;
	return NULL;
}

static struct fan_edit *begin_edit(struct telling *t, uint32_t op)
{
	struct fan_node *n = t->node;
	struct fan_edit *edit = calloc(1, sizeof(*edit));
	struct ft_begin_event e = {
		.event = head(FT_BEGIN, sizeof(e)),
		.actor = t->actor,
		.inode = n->key,
		.generation = n->info.generation,
		.size = n->size,
		.ops = op,
	};

	if (!edit) {
		t->fan->lost++;
		return NULL;
	}
	*edit = (struct fan_edit){.node = n, .proc = t->proc, .image = t->actor.image};
	list_add_last(&n->edits, &edit->in_node);
	list_add_last(&t->fan->edits, &edit->in_fan);
	if (t->proc)
		list_add_last(&t->proc->edits, &edit->in_proc);
	n->info.edits++;
	n->info.writers[n->info.writer_count++ % FT_WRITERS] = t->actor.image;
	fill_place(t->fan, &t->event->place, &e.place);
	e.event.size = offsetof(struct ft_begin_event, place) + place_size(&e.place);
	eventqueue_add(&t->fan->queue, &e.event);
	return edit;
}

static struct fan_edit *tell_modify(struct telling *t, uint32_t op)
{
	struct fan_edit *edit = find_edit(t->node, t->proc);

	if (!edit)
		edit = begin_edit(t, op);
	t->node->info.generation++;
	if (edit) {
		edit->ops |= op;
		edit->op_count++;
		edit->last_ns = time_now_ns(CLOCK_BOOTTIME);
		t->fan->check_ns = 0;
	}
	return edit;
}

void fan_end_edit(struct fan *f, struct fan_edit *edit)
{
	struct fan_node *n = edit->node;
	uint64_t last = edit->proc ? edit->proc->actor.image : 0;
	struct ft_end_event e = {
		.event = head(FT_END, sizeof(e)),
		.image = edit->image,
		.last_image = last != edit->image ? last : 0,
		.inode = n->key,
		.ops = edit->ops,
		.op_count = edit->op_count,
	};

	e.others = --n->info.edits;
	e.generation = n->info.generation;
	list_remove(&edit->in_node);
	list_remove(&edit->in_fan);
	if (edit->proc)
		list_remove(&edit->in_proc);
	free(edit);
	eventqueue_add(&f->queue, &e.event);
	if (n->unlinked)
		fan_forget(f, n);
	else
		fan_stat_node(f, n);
}

/*
 * A file that could be written was closed. What was not seen to be modified may have been, by a
 * mapping: who reads it finds out. Edits of processes that are not known end with it, too.
 */
static void tell_close(struct telling *t)
{
	struct fan_edit *edit = find_edit(t->node, t->proc);

	if (!edit)
		edit = tell_modify(t, FT_OP_MMAP);
	if (edit)
		fan_end_edit(t->fan, edit);
	edit = find_edit(t->node, NULL);
	if (edit)
		fan_end_edit(t->fan, edit);
}

void fan_check_edits(struct fan *f)
{
	uint64_t now_ns = time_now_ns(CLOCK_BOOTTIME);
	struct fan_edit *edit;

	for (list_each(edit, &f->edits, in_fan)) {
		if (now_ns - edit->last_ns < HELD_NS)
			continue;
		if (!edit->proc || !fan_proc_holds(f->root_fd, edit->proc, &edit->node->key))
			fan_end_edit(f, edit);
	}
}

/* ---- metadata ---- */

/* What it was is told by comparing; what cannot be compared, may be anything else. */
static uint32_t what_changed(struct telling *t, bool *ret_links_only)
{
	struct fan_node *n = t->node;
	uint32_t mode = n->mode, uid = n->uid, gid = n->gid, nlink = n->nlink, what = 0;

	/* When the last name went, there is nothing left to tell of. */
	*ret_links_only = fan_stat_node(t->fan, n) < 0;
	if (!*ret_links_only) {
		what |= mode != n->mode ? FT_META_MODE : 0;
		what |= uid != n->uid || gid != n->gid ? FT_META_OWNER : 0;
		*ret_links_only = !what && nlink != n->nlink;
	}
	return what ? what : FT_META_TIMES | FT_META_XATTR | FT_META_ACL | FT_META_FLAGS;
}

static void tell_meta(struct telling *t)
{
	bool links_only;
	struct ft_meta_event e = {
		.event = head(FT_META, sizeof(e)),
		.actor = t->actor,
		.inode = t->node->key,
		.what = what_changed(t, &links_only),
	};

	/* Another name came or went, which the directory tells. */
	if (links_only)
		return;
	e.generation = ++t->node->info.generation;
	fill_place(t->fan, &t->event->place, &e.place);
	e.event.size = offsetof(struct ft_meta_event, place) + place_size(&e.place);
	eventqueue_add(&t->fan->queue, &e.event);
}

/* ---- all of it ---- */

/* Whether the last of several operations on one name left it there. */
static bool is_there(struct telling *t)
{
	_cleanup_close_ int dirfd = fan_open_node(t->fan, t->dir, O_PATH | O_DIRECTORY);

	return dirfd >= 0 && faccessat(dirfd, t->event->place.name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void tell_in_order(struct telling *t, bool is_new)
{
	uint64_t mask = t->event->mask;
	bool both = (mask & FAN_CREATE) && (mask & FAN_DELETE);
	bool again = both && !is_new && is_there(t);

	if (again)
		tell_delete(t);
	if (mask & FAN_CREATE)
		tell_create(t, is_new);
	if (mask & FAN_MODIFY)
		tell_modify(t, FT_OP_WRITE);
	if (mask & FAN_ATTRIB)
		tell_meta(t);
	if (mask & FAN_CLOSE_WRITE)
		tell_close(t);
	if ((mask & FAN_DELETE) && !again)
		tell_delete(t);
	if (mask & FAN_DELETE)
		check_unlinked(t->fan, t->node);
}

void fan_tell(struct fan *f, const struct fan_event *e)
{
	struct telling t = {.fan = f, .event = e};
	bool is_new = false, covered;

	if (e->mask & FAN_RENAME) {
		tell_rename(&t);
		return;
	}
	if (!e->has_object && !(e->place.known && !strcmp(e->place.name, ".")))
		return;
	t.dir = e->place.known ? fan_find(f, &e->place.dir) : NULL;
	covered = t.dir && fan_covers(t.dir, e->place.name, &t.flags);
	t.node = fan_find(f, e->has_object ? &e->object : &e->place.dir);
	if (!covered && !(t.node && (t.node->watched || t.node->dir_watched)))
		return;
	if (!t.node)
		t.node = fan_learn(f, &e->object, &is_new);
	if (!t.node)
		return;
	if (covered && is_new && !(e->mask & (FAN_CREATE | FAN_DELETE)))
		begin_watch(&t);
	identify(&t, &t.node->key);
	t.node->held = true;
	tell_in_order(&t, is_new);
	t.node->held = false;
	fan_forget(f, t.node);
}
