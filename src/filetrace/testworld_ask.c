/*
 * What edits ask of the machine, and how it begins; see testworld.h.
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

struct state world_state(struct world *w, const char *path)
{
	uint64_t ino = kernel_ino_of(w, path);
	struct state s = {};

	if (!ino)
		return s;
	s = kernel_inode_of(w, ino)->state;
	if (s.kind == STATE_FILE || s.kind == STATE_SYMLINK)
		kernel_hash_text(&s, kernel_inode_of(w, ino)->text);
	return s;
}

struct world_baseline *kernel_baseline_of(struct world *w, const char *path)
{
	for (size_t i = 0; i < WORLD_NAMES; i++)
		if (str_equal(w->baselines[i].path, path))
			return &w->baselines[i];
	return NULL;
}

static void set_baseline(struct world *w, const char *path, const struct state *state)
{
	struct world_baseline *b = kernel_baseline_of(w, path);

	if (!b)
		b = kernel_baseline_of(w, "");
	assert_non_null(b);
	*b = (struct world_baseline){.state = *state};
	if (state->kind != STATE_ABSENT)
		snprintf(b->path, sizeof(b->path), "%s", path);
}

static int take_failure(int *failure)
{
	int r = *failure;

	*failure = 0;
	return r;
}

static int ask_baseline(void *data, const char *path, struct state *ret_state)
{
	struct world *w = data;
	const struct world_baseline *b = kernel_baseline_of(w, path);
	int r = take_failure(&w->fail_baseline);

	if (r == 0)
		*ret_state = b ? b->state : (struct state){};
	return r;
}

static int ask_snapshot(void *data, const char *path, struct state *ret_state)
{
	struct world *w = data;
	int r = take_failure(&w->fail_snapshot);

	w->snapshots++;
	if (r < 0)
		return r;
	assert_true(watchset_matches(w->set, path));
	*ret_state = world_state(w, path);
	/* As stat() has it, which need not be what the kernel's events say. */
	ret_state->key.dev = ret_state->kind == STATE_ABSENT ? 0 : 99;
	if (w->late_snapshot && kernel_ino_of(w, path)) {
		w->late_snapshot = false;
		kernel_inode_of(w, kernel_ino_of(w, path))->ft.generation++;
	}
	return 0;
}

static int ask_inode(void *data, const struct ft_key *key, struct ft_inode *ret_inode)
{
	struct world *w = data;

	assert_int_equal(key->dev, WORLD_DEVICE);
	if (key->ino >= WORLD_INODES || !w->inodes[key->ino].watched)
		return -ENOENT;
	*ret_inode = w->inodes[key->ino].ft;
	return 0;
}

static int take_record(void *data, struct record *r)
{
	struct world *w = data;

	assert_true(w->record_count < WORLD_RECORDS);
	set_baseline(w, r->path, &r->new);
	w->records[w->record_count++] = *r;
	return take_failure(&w->fail_emit);
}

static int take_directory(void *data, const char *path, const struct ft_key *key,
			  const struct ft_actor *actor, bool moved)
{
	struct world *w = data;

	assert_true(tree_has_dir(w->tree, key));
	snprintf(w->directory, sizeof(w->directory), "%s", path);
	w->directory_moved = moved;
	w->directories++;
	return 0;
}

static int take_resolve(void *data, const char *path, const struct ft_actor *actor)
{
	struct world *w = data;

	snprintf(w->resolved, sizeof(w->resolved), "%s", path);
	w->resolves++;
	return 0;
}

static int take_mounts(void *data, const struct ft_actor *actor)
{
	struct world *w = data;

	w->mounts++;
	return 0;
}

static int64_t tell_wall_ns(void *data, uint64_t boot_ns)
{
	return (int64_t)(boot_ns + 1000 * NS_PER_S);
}

static bool tell_prefix(void *data, const struct state *old, const struct state *new)
{
	const char *a = (const char *)old->sha256.bytes + 8;
	size_t len = old->size < SHA256_BYTES - 8 ? old->size : SHA256_BYTES - 8;

	return !memcmp(a, new->sha256.bytes + 8, len);
}

static enum attribution tell_known(void *data, uint64_t image)
{
	return ((struct world *)data)->known;
}

static const struct edits_ops ops = {
	.baseline = ask_baseline,
	.snapshot = ask_snapshot,
	.inode = ask_inode,
	.emit = take_record,
	.directory = take_directory,
	.resolve = take_resolve,
	.mounts = take_mounts,
	.wall_ns = tell_wall_ns,
	.is_prefix = tell_prefix,
	.known = tell_known,
};

/* ---- setting up ---- */

static void make_dir(struct world *w, const char *path)
{
	uint64_t ino = kernel_new_inode(w, STATE_DIRECTORY, S_IFDIR | 0755, "");

	kernel_add_name(w, path, ino);
	if (kernel_under_watch(w, path) || str_equal(path, "/etc"))
		assert_int_equal(tree_add_dir(w->tree,
					      &(struct ft_key){.ino = ino, .dev = WORLD_DEVICE},
					      path),
				 0);
}

void world_file(struct world *w, const char *path, const char *text)
{
	uint64_t ino = kernel_new_inode(w, STATE_FILE, S_IFREG | 0644, text);
	struct state state;

	kernel_add_name(w, path, ino);
	if (!watchset_matches(w->set, path))
		return;
	state = world_state(w, path);
	set_baseline(w, path, &state);
	assert_int_equal(tree_add_name(w->tree, &state.key, path), 0);
}

void world_link(struct world *w, const char *path, const char *old)
{
	uint64_t ino = kernel_ino_of(w, old);
	struct state state;

	kernel_add_name(w, path, ino);
	if (!watchset_matches(w->set, path))
		return;
	state = world_state(w, path);
	set_baseline(w, path, &state);
	assert_int_equal(tree_add_name(w->tree, &state.key, path), 0);
}

int world_setup(void **state)
{
	static const char *const ignored[] = {"*~", "*.swp", "*.tmp"};
	struct world *w = calloc(1, sizeof(*w));
	const char *problem;

	assert_non_null(w);
	w->now_ns = 100 * NS_PER_S;
	w->next_image = 1000;
	w->known = ATTRIBUTION_FULL;
	w->events_end = &w->events;
	w->kept_end = &w->kept;
	assert_int_equal(tree_new(&w->tree), 0);
	assert_int_equal(watchset_new(&w->set), 0);
	assert_int_equal(watchset_add(w->set, "/etc", false, &problem), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		assert_int_equal(watchset_ignore(w->set, ignored[i], &problem), 0);
	assert_int_equal(edits_new(w->tree, w->set, &ops, w, &w->edits), 0);
	make_dir(w, "/etc");
	make_dir(w, "/etc/d");
	make_dir(w, "/srv");
	world_file(w, "/etc/hosts", "one\n");
	*state = w;
	return 0;
}

void world_again(struct world *w)
{
	struct edits *again;

	assert_int_equal(edits_new(w->tree, w->set, &ops, w, &again), 0);
	edits_free(w->edits);
	w->edits = again;
	*w->kept_end = w->events;
	w->events = w->kept;
	w->kept = NULL;
	w->kept_end = &w->kept;
	w->keep = w->late = false;
	if (!w->events)
		w->events_end = &w->events;
	kernel_done(w);
}

int world_teardown(void **state)
{
	struct world *w = *state;

	world_again(w);
	edits_free(w->edits);
	tree_free(w->tree);
	watchset_free(w->set);
	for (size_t i = 0; i < WORLD_INODES; i++)
		free(w->inodes[i].text);
	for (size_t i = 0; i < w->record_count; i++)
		record_deinit(&w->records[i]);
	free(w);
	return 0;
}
