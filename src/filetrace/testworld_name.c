/*
 * Names and metadata in the machine, and what came of it all; see testworld.h.
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

void kernel_name_event(struct world *w, const struct proc *p, enum ft_name_op op, uint64_t ino,
		       uint64_t victim, const char *path, const char *to)
{
	const struct world_inode *inode = kernel_inode_of(w, ino);
	union ft_any_event event = {.name = {.actor = kernel_actor_of(p),
					     .op = op,
					     .mode = inode->state.mode,
					     .inode = kernel_key_of(ino),
					     .place = kernel_place_of(w, path)}};

	if (victim)
		event.name.victim = kernel_key_of(victim);
	if (to)
		event.name.to = kernel_place_of(w, to);
	event.name.generation = inode->watched ? inode->ft.generation : 0;
	if (kernel_under_watch(w, path) || (to && kernel_under_watch(w, to)))
		kernel_emit_event(w, &event, FT_NAME,
				  to ? sizeof(event.name) : offsetof(struct ft_name_event, to));
}

void kernel_create(struct world *w, const struct proc *p, const char *path, enum state_kind kind,
		   unsigned mode, const char *text, enum ft_name_op op)
{
	uint64_t ino = kernel_new_inode(w, kind, mode, text);

	kernel_add_name(w, path, ino);
	kernel_name_event(w, p, op, ino, 0, path, NULL);
}

int world_unlink(struct world *w, const struct proc *p, const char *path)
{
	uint64_t ino = kernel_ino_of(w, path);

	if (!ino)
		return -ENOENT;
	kernel_touch(w, kernel_inode_of(w, ino));
	kernel_name_event(w, p, FT_NAME_UNLINK, ino, 0, path, NULL);
	kernel_remove_name(w, path);
	kernel_done(w);
	return 0;
}

/* Moves what is below a directory along. */
static void rename_below(struct world *w, const char *from, const char *to)
{
	size_t len = strlen(from);

	for (size_t i = 0; i < WORLD_NAMES; i++) {
		char path[2 * WORLD_PATH];

		if (strncmp(w->names[i].path, from, len) != 0 ||
		    (w->names[i].path[len] != '/' && w->names[i].path[len]))
			continue;
		snprintf(path, sizeof(path), "%s%s", to, w->names[i].path + len);
		assert_true(strlen(path) < WORLD_PATH);
		memcpy(w->names[i].path, path, strlen(path) + 1);
		kernel_inode_of(w, w->names[i].ino)->watched |= kernel_under_watch(w, path);
	}
}

int world_rename(struct world *w, const struct proc *p, const char *from, const char *to)
{
	uint64_t ino = kernel_ino_of(w, from), victim = kernel_ino_of(w, to);

	if (!ino)
		return -ENOENT;
	kernel_touch(w, kernel_inode_of(w, ino));
	kernel_inode_of(w, ino)->watched |= kernel_under_watch(w, to);
	kernel_name_event(w, p, FT_NAME_RENAME, ino, victim, from, to);
	if (victim)
		kernel_remove_name(w, to);
	rename_below(w, from, to);
	kernel_done(w);
	return 0;
}

void world_exchange(struct world *w, const struct proc *p, const char *from, const char *to)
{
	uint64_t ino = kernel_ino_of(w, from), victim = kernel_ino_of(w, to);

	kernel_touch(w, kernel_inode_of(w, ino));
	kernel_touch(w, kernel_inode_of(w, victim));
	kernel_name_event(w, p, FT_NAME_EXCHANGE, ino, victim, from, to);
	rename_below(w, from, "/exchange");
	rename_below(w, to, from);
	rename_below(w, "/exchange", to);
	kernel_done(w);
}

void world_hardlink(struct world *w, const struct proc *p, const char *from, const char *to)
{
	uint64_t ino = kernel_ino_of(w, from);

	kernel_touch(w, kernel_inode_of(w, ino));
	kernel_add_name(w, to, ino);
	kernel_name_event(w, p, FT_NAME_LINK, ino, 0, from, to);
	kernel_done(w);
}

void world_symlink(struct world *w, const struct proc *p, const char *target, const char *path)
{
	kernel_create(w, p, path, STATE_SYMLINK, S_IFLNK | 0777, target, FT_NAME_SYMLINK);
	kernel_done(w);
}

void world_mkdir(struct world *w, const struct proc *p, const char *path)
{
	kernel_create(w, p, path, STATE_DIRECTORY, S_IFDIR | 0755, "", FT_NAME_MKDIR);
	kernel_done(w);
}

void world_rmdir(struct world *w, const struct proc *p, const char *path)
{
	kernel_name_event(w, p, FT_NAME_RMDIR, kernel_ino_of(w, path), 0, path, NULL);
	kernel_remove_name(w, path);
	kernel_done(w);
}

/* ---- metadata ---- */

static void meta_event(struct world *w, const struct proc *p, const char *path, unsigned what)
{
	uint64_t ino = kernel_ino_of(w, path);
	struct world_inode *inode = kernel_inode_of(w, ino);
	union ft_any_event event;

	kernel_touch(w, inode);
	event = (union ft_any_event){.meta = {.actor = kernel_actor_of(p),
					      .inode = kernel_key_of(ino),
					      .generation = inode->ft.generation,
					      .what = what,
					      .place = kernel_place_of(w, path)}};
	if (inode->watched)
		kernel_emit_event(w, &event, FT_META, sizeof(event.meta));
	kernel_done(w);
}

void world_chmod(struct world *w, const struct proc *p, const char *path, unsigned mode)
{
	kernel_inode_of(w, kernel_ino_of(w, path))->state.mode = S_IFREG | mode;
	meta_event(w, p, path, FT_META_MODE);
}

void world_chown(struct world *w, const struct proc *p, const char *path, unsigned uid)
{
	kernel_inode_of(w, kernel_ino_of(w, path))->state.uid = uid;
	meta_event(w, p, path, FT_META_OWNER);
}

void world_times(struct world *w, const struct proc *p, const char *path)
{
	kernel_inode_of(w, kernel_ino_of(w, path))->state.mtime_ns = 12345;
	meta_event(w, p, path, FT_META_TIMES);
}

void world_xattr(struct world *w, const struct proc *p, const char *path, unsigned what)
{
	struct state *s = &kernel_inode_of(w, kernel_ino_of(w, path))->state;

	s->attributed = true;
	s->attributes.bytes[0]++;
	meta_event(w, p, path, what);
}

void world_mount(struct world *w, const struct proc *p)
{
	union ft_any_event event = {.mount.actor = kernel_actor_of(p)};

	kernel_emit_event(w, &event, FT_MOUNT, sizeof(event.mount));
	kernel_done(w);
}

/* ---- what came of it ---- */

void world_sleep(struct world *w, unsigned ms)
{
	w->now_ns += ms * NS_PER_MS;
	if (!w->late)
		edits_tick(w->edits, w->now_ns);
}

void world_catch_up(struct world *w)
{
	w->late = false;
	kernel_done(w);
	edits_tick(w->edits, w->now_ns);
}

void world_settle(struct world *w)
{
	world_catch_up(w);
	for (unsigned i = 0; i < 8 && edits_next_ns(w->edits) != UINT64_MAX; i++)
		world_sleep(w, 3000);
}

static void expect_content(const struct state *s, const char *text)
{
	struct state expected = {};

	if (!text) {
		assert_int_equal(s->kind, STATE_ABSENT);
		return;
	}
	kernel_hash_text(&expected, text);
	assert_int_not_equal(s->kind, STATE_ABSENT);
	assert_int_equal(s->size, expected.size);
	assert_memory_equal(&s->sha256, &expected.sha256, sizeof(s->sha256));
}

void world_expect(struct world *w, const char *path, enum method method, const struct proc *p,
		  const char *old, const char *new, int count)
{
	const struct record *r = &w->records[w->checked];

	if (w->checked >= w->record_count)
		fail_msg("no record of %s by %s", path, method_name(method));
	w->checked++;
	assert_string_equal(r->path, path);
	assert_string_equal(method_name(r->method), method_name(method));
	assert_int_equal(r->actor.image, p ? p->image : 0);
	assert_int_equal(r->coalesced, count < 0);
	assert_int_equal(r->op_count, abs(count));
	assert_true(r->time_ns > 1000 * (int64_t)NS_PER_S);
	assert_true(r->id == 0 && !r->diff && !r->fields);
	expect_content(&r->old, old);
	expect_content(&r->new, new);
}

void world_expect_end(struct world *w)
{
	world_settle(w);
	if (w->checked < w->record_count)
		fail_msg("a record too many: %s %s", w->records[w->checked].path,
			 method_name(w->records[w->checked].method));
	assert_int_equal(edits_count(w->edits), 0);
	assert_true(edits_next_ns(w->edits) == UINT64_MAX);
	for (size_t i = 0; i < WORLD_NAMES; i++) {
		const char *path = w->names[i].path;
		struct state now, known = {};

		if (!*path || kernel_inode_of(w, w->names[i].ino)->dir ||
		    !watchset_matches(w->set, path))
			continue;
		now = world_state(w, path);
		if (kernel_baseline_of(w, path))
			known = kernel_baseline_of(w, path)->state;
		if (now.size != known.size || memcmp(&now.sha256, &known.sha256, SHA256_BYTES) != 0)
			fail_msg("%s is not what the last record says", path);
		assert_int_equal(now.mode, known.mode);
		assert_int_equal(now.uid, known.uid);
	}
	for (size_t i = 0; i < WORLD_NAMES; i++)
		if (*w->baselines[i].path && !kernel_ino_of(w, w->baselines[i].path))
			fail_msg("%s is gone, and no record says so", w->baselines[i].path);
}
