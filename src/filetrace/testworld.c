/*
 * A machine to play edits on: its inodes, and the events of its kernel; see testworld.h.
 */
#include "filetrace/testworldint.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "filetrace/hashmap.h"

struct ft_key kernel_key_of(uint64_t ino)
{
	return (struct ft_key){.ino = ino, .dev = WORLD_DEVICE};
}

struct world_inode *kernel_inode_of(struct world *w, uint64_t ino)
{
	assert_true(ino > 0 && ino < WORLD_INODES);
	return &w->inodes[ino];
}

struct world_name *kernel_name_of(struct world *w, const char *path)
{
	for (size_t i = 0; i < WORLD_NAMES; i++)
		if (str_equal(w->names[i].path, path))
			return &w->names[i];
	return NULL;
}

uint64_t kernel_ino_of(struct world *w, const char *path)
{
	const struct world_name *name = kernel_name_of(w, path);

	return name ? name->ino : 0;
}

void kernel_hash_text(struct state *s, const char *text)
{
	uint64_t hash = hashmap_hash(text, strlen(text), 0);

	memset(&s->sha256, 0, sizeof(s->sha256));
	memcpy(&s->sha256, &hash, sizeof(hash));
	/* So that one hash tells whether it is the beginning of another: the test's texts are
	 * short. */
	strncpy((char *)s->sha256.bytes + sizeof(hash), text, SHA256_BYTES - sizeof(hash));
	s->size = strlen(text);
	s->hashed = true;
}

/* ---- the kernel ---- */

static void deliver(struct world *w)
{
	struct world_event *event;

	while ((event = w->events)) {
		w->events = event->next;
		if (!w->events)
			w->events_end = &w->events;
		edits_event(w->edits, &event->any.event);
		edits_tick(w->edits, event->any.event.time_ns);
		if (!w->keep) {
			free(event);
			continue;
		}
		event->next = NULL;
		*w->kept_end = event;
		w->kept_end = &event->next;
	}
}

void kernel_emit_event(struct world *w, const union ft_any_event *event, enum ft_type type,
		       size_t size)
{
	struct world_event *copy = malloc(sizeof(*copy));

	assert_non_null(copy);
	w->now_ns += NS_PER_US;
	if (w->drop) {
		w->drop--;
		free(copy);
		return;
	}
	copy->next = NULL;
	copy->any = *event;
	copy->any.event = (struct ft_event){.type = type, .size = size, .time_ns = w->now_ns};
	*w->events_end = copy;
	w->events_end = &copy->next;
}

/* A system call has returned. */
void kernel_done(struct world *w)
{
	if (!w->late)
		deliver(w);
}

struct ft_actor kernel_actor_of(const struct proc *p)
{
	return (struct ft_actor){.image = p->image,
				 .pid = p->pid,
				 .tid = p->pid,
				 .uid = 1000,
				 .login_uid = 1000,
				 .session = 3,
				 .tty = "pts0",
				 .cgroup = "/user.slice/session-3.scope"};
}

bool kernel_under_watch(const struct world *w, const char *path)
{
	return str_starts(path, "/etc/") || (w->watch_srv && str_starts(path, "/srv/"));
}

struct ft_place kernel_place_of(struct world *w, const char *path)
{
	char dir[WORLD_PATH], *slash;
	struct ft_place place = {};

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	snprintf(place.name, sizeof(place.name), "%s", slash + 1);
	*slash = '\0';
	place.dir = kernel_key_of(kernel_ino_of(w, dir));
	return place;
}

const char *kernel_any_path(struct world *w, uint64_t ino)
{
	for (size_t i = 0; i < WORLD_NAMES; i++)
		if (*w->names[i].path && w->names[i].ino == ino)
			return w->names[i].path;
	return "/deleted";
}

void kernel_touch(struct world *w, struct world_inode *inode)
{
	inode->ft.generation++;
	inode->state.ctime_ns = (int64_t)w->now_ns;
}

uint64_t kernel_new_inode(struct world *w, enum state_kind kind, unsigned mode, const char *text)
{
	for (uint64_t ino = 1; ino < WORLD_INODES; ino++) {
		struct world_inode *inode = &w->inodes[ino];

		if (inode->state.kind != STATE_ABSENT)
			continue;
		*inode = (struct world_inode){
			.ft.generation = 1,
			.dir = kind == STATE_DIRECTORY,
			.text = strdup(text),
			.state = {.kind = kind, .mode = mode, .key = kernel_key_of(ino)},
		};
		inode->state.mtime_ns = inode->state.ctime_ns = (int64_t)w->now_ns;
		return ino;
	}
	fail_msg("no inode left");
	return 0;
}

void kernel_add_name(struct world *w, const char *path, uint64_t ino)
{
	struct world_name *name = kernel_name_of(w, "");

	assert_non_null(name);
	assert_null(kernel_name_of(w, path));
	snprintf(name->path, sizeof(name->path), "%s", path);
	name->ino = ino;
	kernel_inode_of(w, ino)->links++;
	kernel_inode_of(w, ino)->watched |= kernel_under_watch(w, path);
}

void kernel_drop_inode(struct world *w, uint64_t ino)
{
	struct world_inode *inode = kernel_inode_of(w, ino);

	if (inode->links)
		return;
	for (size_t i = 0; i < WORLD_FILES; i++)
		if (w->files[i].used && w->files[i].ino == ino)
			return;
	inode->watched = false;
	free(inode->text);
	*inode = (struct world_inode){};
}

void kernel_remove_name(struct world *w, const char *path)
{
	struct world_name *name = kernel_name_of(w, path);
	uint64_t ino;

	assert_non_null(name);
	ino = name->ino;
	*name = (struct world_name){};
	kernel_inode_of(w, ino)->links--;
	kernel_drop_inode(w, ino);
}
