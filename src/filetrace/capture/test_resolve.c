/*
 * Tests of resolve.c, with real folders and a source that only remembers.
 */
#include "filetrace/capture/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/testroot.h"

enum { ROOM = 64 };

/* What the source has been given. An entry without a kind is free. */
struct source {
	struct given {
		char kind; /* d(irectory), n(ame), i(node) */
		struct ft_key key;
		uint32_t flags;
		char name[32];
	} given[ROOM];
	int error; /* that watch_*() of @error_kind give */
	char error_kind;
	const char *make; /* a file that somebody makes right after a directory is watched */
};

static struct given *find(struct source *s, char kind, const struct ft_key *key, const char *name)
{
	for (size_t i = 0; i < ROOM; i++)
		if (s->given[i].kind == kind && str_equal(s->given[i].name, name) &&
		    memcmp(&s->given[i].key, key, sizeof(*key)) == 0)
			return &s->given[i];
	return NULL;
}

static int give(struct source *s, char kind, const struct ft_key *key, const char *name,
		uint32_t flags)
{
	static const struct ft_key none = {};
	struct given *g = find(s, kind, key, name);

	if (s->error && s->error_kind == kind)
		return s->error;
	g = g ?: find(s, 0, &none, "");
	assert_non_null(g);
	g->kind = kind;
	g->key = *key;
	g->flags = flags;
	strcpy(g->name, name);
	return 0;
}

static int withdraw(struct source *s, char kind, const struct ft_key *key, const char *name)
{
	struct given *g = find(s, kind, key, name);

	if (!g)
		return -ENOENT;
	memset(g, 0, sizeof(*g));
	return 0;
}

static struct ft_key key_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (struct ft_key){.ino = st.st_ino, .dev = st.st_dev};
}

static int watch_dir(struct source *s, int fd, uint32_t flags, struct ft_key *ret_key)
{
	*ret_key = key_of(fd);
	if (s->make)
		close(openat(fd, s->make, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	return give(s, 'd', ret_key, "", flags);
}

static int watch_name(struct source *s, const struct ft_key *dir, const char *name, uint32_t flags)
{
	/* First the directory. */
	assert_non_null(find(s, 'd', dir, ""));
	return give(s, 'n', dir, name, flags);
}

static int watch_inode(struct source *s, int fd, struct ft_key *ret_key)
{
	*ret_key = key_of(fd);
	return give(s, 'i', ret_key, "", 0);
}

static int unwatch_dir(struct source *s, const struct ft_key *key)
{
	return withdraw(s, 'd', key, "");
}

static int unwatch_name(struct source *s, const struct ft_key *dir, const char *name)
{
	return withdraw(s, 'n', dir, name);
}

static int unwatch_inode(struct source *s, const struct ft_key *key)
{
	return withdraw(s, 'i', key, "");
}

static const struct source_ops ops = {
	.name = "fake",
	.watch_dir = watch_dir,
	.watch_name = watch_name,
	.watch_inode = watch_inode,
	.unwatch_dir = unwatch_dir,
	.unwatch_name = unwatch_name,
	.unwatch_inode = unwatch_inode,
};

/* A machine with all that belongs to a test. */
struct world {
	const struct testroot *root;
	struct source source;
	struct tree *tree;
	struct watchset *set;
	struct resolve *resolve;
	struct strbuf told;
	int file_result;
};

static int on_file(void *data, const char *path, const struct ft_key *key, int fd)
{
	struct world *w = data;
	struct ft_key known, real = key_of(fd);

	assert_memory_equal(key, &real, sizeof(real));
	assert_int_equal(tree_inode(w->tree, path, &known), 0);
	assert_memory_equal(&known, key, sizeof(known));
	assert_non_null(find(&w->source, 'i', key, ""));
	assert_int_equal(strbuf_addf(&w->told, "%s ", path), 0);
	return w->file_result;
}

static void patterns(struct world *w, const char *words)
{
	_cleanup_(str_vector_free_p) char **list = NULL;
	const char *problem;

	watchset_free(w->set);
	assert_int_equal(watchset_new(&w->set), 0);
	assert_int_equal(str_split(words, &list), 0);
	for (size_t i = 0; list[i]; i++)
		assert_int_equal(watchset_add(w->set, list[i], false, &problem), 0);
}

static struct world *world_new(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct resolve_config config = {.ops = &ops, .file = on_file};

	assert_non_null(w);
	w->root = *state;
	assert_int_equal(tree_new(&w->tree), 0);
	config.root_fd = w->root->fd;
	config.source = &w->source;
	config.tree = w->tree;
	config.data = w;
	assert_int_equal(resolve_new(&config, &w->resolve), 0);
	return w;
}

static void world_free(struct world *w)
{
	testroot_clear(w->root);
	resolve_free(w->resolve);
	tree_free(w->tree);
	watchset_free(w->set);
	strbuf_deinit(&w->told);
	free(w);
}

static struct resolve_counts run(struct world *w, const char *below)
{
	struct resolve_counts counts;

	strbuf_deinit(&w->told);
	assert_int_equal(resolve_run(w->resolve, w->set, below), 0);
	resolve_counts(w->resolve, &counts);
	return counts;
}

/* The flags with which the source has it; -1: it has not. */
static int has(struct world *w, char kind, const char *path, const char *name)
{
	_cleanup_close_ int fd = -1;
	const struct given *g;
	struct ft_key key;

	fd = openat(w->root->fd, *path ? path : ".", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	assert_true(fd >= 0);
	key = key_of(fd);
	g = find(&w->source, kind, &key, name);
	return g ? (int)g->flags : -1;
}

static size_t given(const struct world *w)
{
	size_t count = 0;

	for (size_t i = 0; i < ROOM; i++)
		count += w->source.given[i].kind != 0;
	return count;
}

static void assert_dir_path(struct world *w, const char *real, const char *expected)
{
	_cleanup_close_ int fd = openat(w->root->fd, real, O_PATH | O_CLOEXEC);
	_cleanup_free_ char *path = NULL;
	struct ft_key key = key_of(fd);

	assert_int_equal(tree_path(w->tree, &key, NULL, &path), 0);
	assert_string_equal(path, expected);
}

static void test_registers(void **state)
{
	struct world *w = world_new(state);
	struct resolve_counts counts;

	testroot_write(w->root, "etc/a/hosts", "");
	testroot_write(w->root, "home/bob/.bashrc", "");
	testroot_write(w->root, "home/bob/other", "");
	patterns(w, "/etc /home/*/.bashrc /srv/not/yet");
	counts = run(w, NULL);
	assert_int_equal(counts.files, 2);
	assert_int_equal(counts.directories, 5);
	assert_int_equal(has(w, 'd', "", ""), 0);
	assert_int_equal(has(w, 'n', "", "etc"), FT_DIR_ALL | FT_DIR_DEEP);
	assert_int_equal(has(w, 'n', "", "home"), FT_DIR_ALL | FT_DIR_DEEP);
	assert_int_equal(has(w, 'n', "", "srv"), FT_DIR_ALL | FT_DIR_DEEP);
	assert_int_equal(has(w, 'd', "etc", ""), FT_DIR_ALL | FT_DIR_DEEP);
	assert_int_equal(has(w, 'd', "etc/a", ""), FT_DIR_ALL | FT_DIR_DEEP);
	assert_int_equal(has(w, 'i', "etc/a/hosts", ""), 0);
	assert_int_equal(has(w, 'd', "home", ""), FT_DIR_ALL);
	assert_int_equal(has(w, 'd', "home/bob", ""), 0);
	assert_int_equal(has(w, 'n', "home/bob", ".bashrc"), FT_DIR_ALL | FT_DIR_DEEP);
	assert_int_equal(has(w, 'i', "home/bob/other", ""), -1);
	assert_int_equal(given(w), 5 + 4 + 2);
	/* Once more is fine. */
	assert_int_equal(run(w, NULL).files, 2);
	assert_int_equal(given(w), 5 + 4 + 2);
	/* What is made on the way is found below it. */
	testroot_write(w->root, "srv/not/yet", "");
	assert_int_equal(run(w, "/srv").files, 3);
	assert_string_equal(w->told.text, "/srv/not/yet ");
	assert_int_equal(has(w, 'd', "srv/not", ""), 0);
	world_free(w);
}

static void test_sweeps(void **state)
{
	struct world *w = world_new(state);

	testroot_write(w->root, "etc/a/one", "");
	testroot_write(w->root, "etc/b/two", "");
	testroot_write(w->root, "etc/three", "");
	assert_int_equal(link("etc/three", "etc/four"), 0);
	patterns(w, "/etc /srv/x");
	run(w, NULL);
	assert_int_equal(given(w), 4 + 2 + 3);
	/* A file and a directory go; an inode with another name stays. */
	assert_int_equal(unlink("etc/a/one"), 0);
	assert_int_equal(rmdir("etc/a"), 0);
	assert_int_equal(unlink("etc/four"), 0);
	assert_int_equal(run(w, NULL).files, 2);
	assert_int_equal(given(w), 3 + 2 + 2);
	/* Not below where it looks. */
	assert_int_equal(unlink("etc/b/two"), 0);
	assert_int_equal(run(w, "/etc/three").files, 2);
	assert_int_equal(run(w, "/srv").files, 2);
	assert_int_equal(run(w, "/etc/b").files, 1);
	assert_int_equal(given(w), 3 + 2 + 1);
	/* Fewer patterns: names only, in a directory that was under watch as a whole. */
	patterns(w, "/etc/three");
	run(w, NULL);
	assert_int_equal(has(w, 'd', "etc", ""), 0);
	assert_int_equal(has(w, 'n', "etc", "three"), FT_DIR_ALL | FT_DIR_DEEP);
	assert_int_equal(has(w, 'n', "", "srv"), -1);
	assert_int_equal(given(w), 2 + 2 + 1);
	/* And back. */
	patterns(w, "/etc");
	run(w, NULL);
	assert_int_equal(has(w, 'n', "etc", "three"), -1);
	assert_int_equal(has(w, 'd', "etc", ""), FT_DIR_ALL | FT_DIR_DEEP);
	patterns(w, "");
	assert_int_equal(run(w, NULL).directories, 0);
	assert_int_equal(given(w), 0);
	assert_int_equal(tree_name_count(w->tree), 0);
	world_free(w);
}

/* What events have brought into the tree, and into the source, is taken away as well. */
static void test_sweeps_events(void **state)
{
	struct world *w = world_new(state);
	struct ft_key dir = {.ino = 1000000001, .dev = 9}, inode = {.ino = 1000000002, .dev = 9};

	testroot_write(w->root, "etc/one", "");
	patterns(w, "/etc");
	run(w, NULL);
	assert_int_equal(give(&w->source, 'd', &dir, "", 3), 0);
	assert_int_equal(give(&w->source, 'i', &inode, "", 0), 0);
	assert_int_equal(tree_add_dir(w->tree, &dir, "/etc/new"), 0);
	assert_int_equal(tree_add_name(w->tree, &inode, "/etc/new/file"), 0);
	run(w, "/etc/new");
	assert_false(tree_has_dir(w->tree, &dir));
	assert_int_equal(given(w), 2 + 1 + 1);
	world_free(w);
}

/* A directory that was moved keeps its watch. */
static void test_moved(void **state)
{
	struct world *w = world_new(state);

	testroot_write(w->root, "etc/a/one", "");
	patterns(w, "/etc");
	run(w, NULL);
	assert_int_equal(rename("etc/a", "etc/b"), 0);
	assert_int_equal(run(w, NULL).files, 1);
	assert_dir_path(w, "etc/b", "/etc/b");
	assert_int_equal(has(w, 'd', "etc/b", ""), FT_DIR_ALL | FT_DIR_DEEP);
	assert_int_equal(has(w, 'i', "etc/b/one", ""), 0);
	/* The same, when it is looked at part by part. */
	assert_int_equal(rename("etc/b", "etc/a"), 0);
	run(w, "/etc/a");
	run(w, "/etc/b");
	assert_dir_path(w, "etc/a", "/etc/a");
	assert_int_equal(has(w, 'd', "etc/a", ""), FT_DIR_ALL | FT_DIR_DEEP);
	assert_int_equal(has(w, 'i', "etc/a/one", ""), 0);
	assert_int_equal(given(w), 3 + 1 + 1);
	world_free(w);
}

static void test_aliases(void **state)
{
	struct world *w = world_new(state);
	struct resolve_counts counts;

	testroot_write(w->root, "usr/lib/x", "");
	testroot_write(w->root, "usr/lib/d/y", "");
	assert_int_equal(symlink("usr/lib", "lib"), 0);
	/* By its link alone: told by that. */
	patterns(w, "/lib");
	counts = run(w, NULL);
	assert_int_equal(counts.aliases, 0);
	assert_dir_path(w, "usr/lib", "/lib");
	/* More of it is under watch by the other one. */
	patterns(w, "/lib/x /usr");
	counts = run(w, NULL);
	assert_int_equal(counts.aliases, 1);
	assert_dir_path(w, "usr/lib", "/usr/lib");
	assert_int_equal(has(w, 'd', "usr/lib", ""), FT_DIR_ALL | FT_DIR_DEEP);
	/* So it stays, and its flags, however often one looks. */
	counts = run(w, NULL);
	assert_int_equal(counts.aliases, 1);
	assert_int_equal(counts.files, 2);
	assert_dir_path(w, "usr/lib", "/usr/lib");
	assert_int_equal(has(w, 'd', "usr/lib", ""), FT_DIR_ALL | FT_DIR_DEEP);
	/* The link is another one. */
	assert_int_equal(unlink("lib"), 0);
	counts = run(w, NULL);
	assert_int_equal(counts.aliases, 0);
	assert_int_equal(counts.files, 2);
	world_free(w);
}

static void test_refused(void **state)
{
	static const char kinds[] = "dni";
	struct world *w = world_new(state);
	struct resolve_counts counts;

	testroot_write(w->root, "etc/one", "");
	patterns(w, "/etc");
	for (size_t i = 0; i < 3; i++) {
		w->source.error_kind = kinds[i];
		w->source.error = -ENOSPC;
		counts = run(w, NULL);
		assert_true(counts.failed > 0);
		assert_int_equal(counts.error, -ENOSPC);
		w->source.error = -ENOENT;
		counts = run(w, NULL);
		assert_int_equal(counts.failed, 0);
		w->source.error = -ENOMEM;
		assert_int_equal(resolve_run(w->resolve, w->set, NULL), -ENOMEM);
	}
	w->source.error = 0;
	assert_int_equal(run(w, NULL).files, 1);
	assert_int_equal(given(w), 2 + 1 + 1);
	w->file_result = -EIO;
	assert_int_equal(resolve_run(w->resolve, w->set, NULL), -EIO);
	assert_int_equal(given(w), 2 + 1 + 1);
	world_free(w);
}

/* What is made right after a directory is under watch is found. */
static void test_order(void **state)
{
	struct world *w = world_new(state);

	testroot_write(w->root, "etc/d/one", "");
	patterns(w, "/etc");
	w->source.make = "late";
	assert_int_equal(run(w, NULL).files, 3);
	assert_int_equal(has(w, 'i', "etc/d/late", ""), 0);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers),     cmocka_unit_test(test_sweeps),
		cmocka_unit_test(test_sweeps_events), cmocka_unit_test(test_moved),
		cmocka_unit_test(test_aliases),	      cmocka_unit_test(test_refused),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
