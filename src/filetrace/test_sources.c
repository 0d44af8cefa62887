/*
 * Tests of the sources that use fanotify, with the kernel's: what is done to files, and which
 * events come of it. They need the right to use it; the source "tracepoint", that to load BPF
 * programs.
 */
#include "filetrace/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/testroot.h"
#include "base/time.h"

enum { IMAGES_MAX = 1024 };

#define QUIET_NS (100 * NS_PER_MS)
#define PATIENCE_NS (5 * NS_PER_S)

struct rig {
	const struct testroot *root;
	struct source *source;
	const char *reason;
	int root_fd;
	struct ft_key dir;
	struct strbuf seen; /* words, one for each event but images and exits */
	struct ft_image images[IMAGES_MAX];
	char args[64]; /* of the last image, its beginning */
	size_t image_count;
	struct ft_actor actor; /* of the last event that has one */
	uint64_t exited; /* the last image that did */
	struct ft_name_event name; /* the last one, as far as it was sent */
	size_t edits, known; /* that began; whose image is known */
};

static const struct source_ops *ops;

static void say(struct rig *r, const char *word, const char *name, const char *to)
{
	assert_int_equal(strbuf_addf(&r->seen, "%s%s%s%s%s%s", r->seen.len ? " " : "", word,
				     name ? ":" : "", name ? name : "", to ? ">" : "",
				     to ? to : ""),
			 0);
}

static void take_image(struct rig *r, const struct ft_event *event)
{
	assert_true(r->image_count < IMAGES_MAX);
	memcpy((char *)&r->images[r->image_count++],
	       (const char *)event + offsetof(struct ft_image_event, image),
	       event->size - offsetof(struct ft_image_event, image));
	*r->args = '\0';
}

static void take_args(struct rig *r, const struct ft_event *event)
{
	const struct ft_args_event *a = (const void *)event;

	assert_int_equal(event->size, offsetof(struct ft_args_event, bytes) + a->len);
	if (a->offset == 0)
		memcpy(r->args, a->bytes, a->len < sizeof(r->args) ? a->len : sizeof(r->args) - 1);
}

static void take_name(struct rig *r, const struct ft_event *event)
{
	static const char *const names[] = {
		[FT_NAME_CREATE] = "create",   [FT_NAME_UNLINK] = "unlink",
		[FT_NAME_RENAME] = "rename",   [FT_NAME_LINK] = "link",
		[FT_NAME_SYMLINK] = "symlink", [FT_NAME_MKDIR] = "mkdir",
		[FT_NAME_RMDIR] = "rmdir",
	};
	struct ft_name_event e = {};

	memcpy(&e, event, event->size);
	r->name = e;
	r->actor = e.actor;
	say(r, names[e.op], e.place.name,
	    e.op == FT_NAME_RENAME || e.op == FT_NAME_LINK ? e.to.name : NULL);
}

static void take_begin(struct rig *r, const struct ft_event *event)
{
	struct ft_begin_event e = {};

	memcpy(&e, event, event->size);
	r->actor = e.actor;
	r->edits++;
	r->known += e.actor.image != 0;
	say(r, "begin", e.place.name, NULL);
}

static void take_end(struct rig *r, const struct ft_event *event)
{
	assert_int_equal(event->size, sizeof(struct ft_end_event));
	say(r, "end", NULL, NULL);
}

static void take_meta(struct rig *r, const struct ft_event *event)
{
	struct ft_meta_event e = {};

	memcpy(&e, event, event->size);
	r->actor = e.actor;
	say(r,
	    e.what == FT_META_MODE    ? "mode"
	    : e.what == FT_META_OWNER ? "owner"
				      : "meta",
	    e.place.name, NULL);
}

static void take_exit(struct rig *r, const struct ft_event *event)
{
	r->exited = ((const struct ft_exit_event *)event)->image;
}

static int take(void *data, const struct ft_event *event)
{
	static void (*const takers[FT_TYPE_END])(struct rig *r, const struct ft_event *event) = {
		[FT_IMAGE] = take_image, [FT_ARGS] = take_args, [FT_BEGIN] = take_begin,
		[FT_END] = take_end,	 [FT_META] = take_meta, [FT_NAME] = take_name,
		[FT_EXIT] = take_exit,
	};

	assert_true(event->type < FT_TYPE_END && takers[event->type]);
	takers[event->type](data, event);
	return 0;
}

/* Reads until nothing has come for a while; few at a time, so that some wait in the queue. */
static void drain(struct rig *r)
{
	struct pollfd p = {.fd = ops->fd(r->source), .events = POLLIN};
	uint64_t last_ns = time_now_ns(CLOCK_MONOTONIC);

	while (time_now_ns(CLOCK_MONOTONIC) - last_ns < QUIET_NS) {
		int n = poll(&p, 1, 20) == 1 ? ops->read(r->source, 3, take, r) : 0;

		assert_true(n >= 0);
		if (n > 0)
			last_ns = time_now_ns(CLOCK_MONOTONIC);
	}
}

static const char *seen(const struct rig *r)
{
	return r->seen.text ? r->seen.text : "";
}

/* These words come, and no others. */
static void expect(struct rig *r, const char *words)
{
	uint64_t begin_ns = time_now_ns(CLOCK_MONOTONIC);

	do
		drain(r);
	while (!str_equal(seen(r), words) && time_now_ns(CLOCK_MONOTONIC) - begin_ns < PATIENCE_NS);
	assert_string_equal(seen(r), words);
	strbuf_deinit(&r->seen);
}

static int setup(void **state, const struct source_ops *source)
{
	static struct rig r;
	struct source_config config = {.ring_bytes = 4096};
	struct testroot *t = NULL;
	bool adopted = true;
	int e = testroot_setup((void **)&t);

	ops = source;
	r = (struct rig){.root = t};
	*state = &r;
	if (e < 0 || fs_open_root(NULL, &r.root_fd) < 0)
		return -1;
	config.root_fd = r.root_fd;
	e = ops->open(&config, &r.source, &adopted, &r.reason);
	if (e == 0)
		assert_false(adopted);
	return e == -EOPNOTSUPP && r.reason ? 0 : e;
}

static int setup_fanotify(void **state)
{
	return setup(state, &source_fanotify);
}

static int setup_tracepoint(void **state)
{
	return setup(state, &source_tracepoint);
}

static int teardown(void **state)
{
	struct rig *r = *state;
	struct testroot *t = (struct testroot *)r->root;

	ops->close(r->source, false);
	close(r->root_fd);
	strbuf_deinit(&r->seen);
	return testroot_teardown((void **)&t);
}

static int watch(const char *path, struct rig *r, uint32_t flags, struct ft_key *ret_key)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return ops->watch_dir(r->source, fd, flags, ret_key);
}

/* An empty folder d under watch, with all that is made in it. */
static struct rig *begin(void **state)
{
	struct rig *r = *state;

	if (!r->source) {
		print_message("[  SKIPPED ] %s\n", r->reason);
		skip();
	}
	testroot_clear(r->root);
	drain(r);
	assert_int_equal(mkdir("d", 0755), 0);
	assert_int_equal(watch("d", r, FT_DIR_ALL | FT_DIR_DEEP, &r->dir), 0);
	strbuf_deinit(&r->seen);
	return r;
}

static void write_to(const char *path, int flags, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void watch_file(struct rig *r, const char *path, struct ft_key *ret_key)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC);

	assert_int_equal(ops->watch_inode(r->source, fd, ret_key), 0);
}

static void test_content(void **state)
{
	struct rig *r = begin(state);
	struct ft_inode before, after;
	struct ft_key key;
	struct stat st;

	write_to("d/f", O_CREAT, "one\n");
	expect(r, "create:f begin:f end");
	assert_int_equal(r->actor.pid, getpid());
	assert_int_equal(stat("d/f", &st), 0);
	assert_int_equal(r->name.inode.ino, st.st_ino);
	key = r->name.inode;
	assert_int_equal(ops->inode(r->source, &key, &before), 0);
	assert_int_equal(before.edits, 0);
	write_to("d/f", O_APPEND, "two\n");
	assert_int_equal(ops->inode(r->source, &key, &after), 0);
	assert_true(after.generation > before.generation);
	expect(r, "begin:f end");
	write_to("d/f", O_TRUNC, "three\n");
	expect(r, "begin:f end");
	/* Without a file that is closed. */
	assert_int_equal(truncate("d/f", 1), 0);
	expect(r, "begin:f end");
	assert_int_equal(ops->inode(r->source, &key, &after), 0);
	assert_int_equal(after.edits, 0);
}

static void test_open_edit(void **state)
{
	struct rig *r = begin(state);
	_cleanup_close_ int fd = open("d/f", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	struct ft_inode inode;
	void *map;

	assert_int_equal(write(fd, "1", 1), 1);
	expect(r, "create:f begin:f");
	assert_int_equal(ops->inode(r->source, &r->name.inode, &inode), 0);
	assert_int_equal(inode.edits, 1);
	assert_int_equal(inode.writers[(inode.writer_count - 1) % FT_WRITERS], r->actor.image);
	assert_int_equal(pwrite(fd, "2", 1, 0), 1);
	expect(r, "");
	/* The mapping keeps the file after it is closed. */
	map = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	close(take_fd(&fd));
	*(volatile char *)map = 'x';
	expect(r, "");
	assert_int_equal(munmap(map, 1), 0);
	expect(r, "end");
	/* Stores alone: seen at the end. */
	fd = open("d/f", O_RDWR | O_CLOEXEC);
	map = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(take_fd(&fd));
	*(volatile char *)map = 'y';
	assert_int_equal(munmap(map, 1), 0);
	expect(r, "begin:f end");
}

static void test_names(void **state)
{
	struct rig *r = begin(state);

	write_to("d/a", O_CREAT, "a");
	expect(r, "create:a begin:a end");
	assert_int_equal(rename("d/a", "d/b"), 0);
	expect(r, "rename:a>b");
	assert_int_equal(link("d/b", "d/c"), 0);
	expect(r, "link:>c");
	assert_int_equal(symlink("b", "d/s"), 0);
	expect(r, "symlink:s");
	assert_int_equal(unlink("d/c"), 0);
	expect(r, "unlink:c");
	assert_int_equal(unlink("d/s"), 0);
	expect(r, "unlink:s");
	/* Out of what is under watch, and back. */
	assert_int_equal(rename("d/b", "out"), 0);
	expect(r, "rename:b>");
	assert_int_equal(rename("out", "d/in"), 0);
	expect(r, "rename:>in");
	assert_int_equal(unlink("d/in"), 0);
	expect(r, "unlink:in");
	assert_int_equal(ops->inode(r->source, &r->name.inode, &(struct ft_inode){}), -ENOENT);
}

static void test_exchange(void **state)
{
	struct rig *r = begin(state);

	write_to("d/a", O_CREAT, "a");
	write_to("d/b", O_CREAT, "b");
	drain(r);
	strbuf_deinit(&r->seen);
	assert_int_equal(renameat2(AT_FDCWD, "d/a", AT_FDCWD, "d/b", RENAME_EXCHANGE), 0);
	expect(r, "rename:a>b rename:b>a rename:>b");
}

static void test_meta(void **state)
{
	struct rig *r = begin(state);
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 2}};

	write_to("d/f", O_CREAT, "x");
	drain(r);
	strbuf_deinit(&r->seen);
	assert_int_equal(chmod("d/f", 0600), 0);
	expect(r, "mode:f");
	assert_int_equal(chown("d/f", 1, 1), 0);
	expect(r, "owner:f");
	assert_int_equal(utimensat(AT_FDCWD, "d/f", times, 0), 0);
	expect(r, "meta:f");
	if (setxattr("d/f", "user.x", "1", 1, 0) == 0)
		expect(r, "meta:f");
}

/* New directories are under watch, with what was made in them at once. */
static void test_directories(void **state)
{
	struct rig *r = begin(state);

	assert_int_equal(mkdir("d/e", 0755), 0);
	write_to("d/e/early", O_CREAT, "x");
	drain(r);
	assert_string_equal(r->seen.text, "mkdir:e create:early");
	assert_int_equal(r->actor.image, 0);
	strbuf_deinit(&r->seen);
	write_to("d/e/late", O_CREAT, "x");
	expect(r, "create:late begin:late end");
	write_to("d/e/early", 0, "y");
	expect(r, "begin:early end");
	assert_int_equal(unlink("d/e/early"), 0);
	assert_int_equal(unlink("d/e/late"), 0);
	assert_int_equal(rmdir("d/e"), 0);
	expect(r, "unlink:early unlink:late rmdir:e");
}

/* Of a directory some names only. */
static void test_single_names(void **state)
{
	struct rig *r = begin(state);
	struct ft_key key;

	assert_int_equal(ops->unwatch_dir(r->source, &r->dir), 0);
	assert_int_equal(ops->unwatch_dir(r->source, &r->dir), -ENOENT);
	assert_int_equal(ops->watch_name(r->source, &r->dir, "f", 0), -ENOENT);
	write_to("d/f", O_CREAT, "x");
	expect(r, "");
	assert_int_equal(unlink("d/f"), 0);
	assert_int_equal(watch("d", r, 0, &key), 0);
	assert_int_equal(ops->watch_name(r->source, &key, "f", 0), 0);
	write_to("d/f", O_CREAT, "x");
	write_to("d/g", O_CREAT, "x");
	assert_int_equal(mkdir("d/sub", 0755), 0);
	assert_int_equal(rename("d/g", "d/h"), 0);
	expect(r, "create:f begin:f end");
	assert_int_equal(rename("d/h", "d/f"), 0);
	expect(r, "rename:h>f");
	assert_int_equal(ops->unwatch_name(r->source, &key, "f"), 0);
	assert_int_equal(ops->unwatch_name(r->source, &key, "f"), -ENOENT);
	assert_int_equal(ops->unwatch_inode(r->source, &r->name.inode), 0);
	write_to("d/f", 0, "y");
	expect(r, "");
}

/* A file with a name elsewhere is seen through that one, too. */
static void test_other_name(void **state)
{
	struct rig *r = begin(state);
	struct ft_inode inode;
	struct ft_key key;

	assert_int_equal(mkdir("other", 0755), 0);
	write_to("other/f", O_CREAT, "x");
	assert_int_equal(link("other/f", "d/f"), 0);
	drain(r);
	strbuf_deinit(&r->seen);
	watch_file(r, "d/f", &key);
	assert_int_equal(key.ino, r->name.inode.ino);
	write_to("other/f", 0, "y");
	expect(r, "begin: end");
	assert_int_equal(ops->inode(r->source, &key, &inode), 0);
	assert_int_equal(ops->unwatch_inode(r->source, &key), 0);
	assert_int_equal(ops->inode(r->source, &key, &inode), -ENOENT);
}

static pid_t spawn(const char *script)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	pid_t pid;

	assert_int_equal(posix_spawn(&pid, argv[0], NULL, NULL, (char *const *)argv, environ), 0);
	return pid;
}

static const struct ft_image *image_of(const struct rig *r, uint64_t id)
{
	for (size_t i = 0; i < r->image_count; i++)
		if (r->images[i].id == id)
			return &r->images[i];
	return NULL;
}

static void test_who(void **state)
{
	struct rig *r = begin(state);
	pid_t pid = spawn("echo x >d/f; sleep 2");
	const struct ft_image *image, *parent;

	drain(r);
	assert_string_equal(r->seen.text, "create:f begin:f end");
	strbuf_deinit(&r->seen);
	assert_int_equal(r->actor.pid, pid);
	assert_int_equal(r->actor.uid, geteuid());
	image = image_of(r, r->actor.image);
	assert_non_null(image);
	assert_int_equal(image->pid, pid);
	assert_non_null(strstr(image->exe, "sh"));
	assert_int_equal(!(image->flags & FT_IMAGE_LATE), ops == &source_tracepoint);
	assert_string_equal(r->args, "/bin/sh");
	parent = image_of(r, image->parent);
	assert_non_null(parent);
	assert_int_equal(parent->pid, getpid());
	/* The parent comes first. */
	assert_true(parent < image && parent->start_ns <= image->start_ns);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	drain(r);
	assert_int_equal(r->exited, r->actor.image);
}

/* A process that ends without closing anything, and one that is gone when it is asked about. */
static void test_ends(void **state)
{
	struct rig *r = begin(state);
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open("d/f", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		_exit(write(fd, "x", 1) != 1);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	expect(r, "create:f begin:f end");
	assert_int_equal(r->actor.pid, pid);
	assert_int_equal(r->actor.image != 0, ops == &source_tracepoint);
	pid = spawn("exec 3>>d/f; echo x >&3; kill -STOP $$");
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	expect(r, "begin:f");
	assert_int_not_equal(r->actor.image, 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	expect(r, "end");
	assert_int_equal(r->exited, r->actor.image);
}

/* Another program in the same process has another image, and the first one is left. */
static void test_exec(void **state)
{
	struct rig *r = begin(state);
	pid_t pid =
		spawn("echo x >d/f; kill -STOP $$; exec /bin/sh -c 'echo y >d/f; kill -STOP $$'");
	uint64_t first;

	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	expect(r, "create:f begin:f end");
	first = r->actor.image;
	assert_int_equal(kill(pid, SIGCONT), 0);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	expect(r, "begin:f end");
	assert_int_not_equal(r->actor.image, first);
	assert_int_equal(r->exited, first);
	assert_int_equal(image_of(r, first)->parent, image_of(r, r->actor.image)->parent);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	drain(r);
}

/* Many files and short-lived processes at once: each edit begins and ends, and the programs in the
 * kernel know who made it. A file whose process is seen to end before the end of writing is read is
 * told of twice; the second time nothing has changed. */
static void test_many(void **state)
{
	struct rig *r = begin(state);
	struct source_counts counts;
	size_t ends = 0;
	pid_t pid = spawn("i=0; while [ $i -lt 500 ]; do (echo $i >d/$i); i=$((i + 1)); done");

	r->edits = r->known = 0;
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		assert_true(ops->read(r->source, 64, take, r) >= 0);
		r->image_count = 0;
	}
	drain(r);
	for (const char *p = r->seen.text; (p = strstr(p, " end")); p++)
		ends++;
	print_message("%s: %zu of %zu edits attributed\n", ops->name, r->known, r->edits);
	assert_in_range(r->edits, 500, 600);
	assert_int_equal(ends, r->edits);
	if (ops == &source_tracepoint)
		assert_int_equal(r->known, r->edits);
	ops->counts(r->source, &counts);
	assert_int_equal(counts.lost, 0);
	strbuf_deinit(&r->seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_content),	     cmocka_unit_test(test_open_edit),
		cmocka_unit_test(test_names),	     cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_meta),	     cmocka_unit_test(test_directories),
		cmocka_unit_test(test_single_names), cmocka_unit_test(test_other_name),
		cmocka_unit_test(test_who),	     cmocka_unit_test(test_ends),
		cmocka_unit_test(test_exec),	     cmocka_unit_test(test_many),
	};

	int failed = cmocka_run_group_tests_name("fanotify", tests, setup_fanotify, teardown);

	return failed +
	       cmocka_run_group_tests_name("tracepoint", tests, setup_tracepoint, teardown);
}
