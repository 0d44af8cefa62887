/*
 * Tests of the capturing daemon on a real store and real files, with a source that the test plays.
 *
 * The source keeps its events over a restart, as one that is pinned does, until they are committed.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/time.h"
#include "filetrace/capture/capture.h"
#include "filetrace/request.h"
#include "filetrace/teststore.h"

enum { EVENTS = 64, EDITOR = 11, SHELL = 10 };

/* ---- the source ---- */

struct source {
	union {
		struct ft_event event;
		struct ft_name_event room;
		struct ft_image_event image;
		struct ft_args_event args;
	} events[EVENTS];
	unsigned made, read, committed;
	uint64_t lost, generation;
	bool pinned;
};

static struct source played;
static int never_readable; /* the test says when it is read */

static int played_open(const struct source_config *config, struct source **ret_source,
		       bool *ret_adopted, const char **ret_reason)
{
	*ret_adopted = played.pinned;
	if (!played.pinned)
		played = (struct source){.generation = 1, .pinned = true};
	played.read = played.committed;
	*ret_source = &played;
	return 0;
}

static void played_close(struct source *s, bool keep)
{
	s->pinned = keep;
}

static int played_fd(const struct source *s)
{
	return never_readable;
}

static int played_read(struct source *s, unsigned max, source_fn fn, void *data)
{
	unsigned n = 0;

	for (int r = 0; n < max && s->read < s->made && r == 0; n++) {
		r = fn(data, &s->events[s->read++].event);
		if (r < 0)
			return r;
	}
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

static int played_inode(struct source *s, const struct ft_key *key, struct ft_inode *ret_inode)
{
	*ret_inode = (struct ft_inode){.generation = s->generation};
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

static void *push(uint32_t type, size_t size)
{
	struct ft_event *event = &played.events[played.made].event;

	assert_true(played.made++ < EVENTS);
	memset(event, 0, size);
	*event = (struct ft_event){type, size, time_now_ns(CLOCK_BOOTTIME)};
	return event;
}

static void push_image(uint64_t id, uint64_t parent, const char *exe, const char *args, size_t len)
{
	struct ft_image_event *e = push(FT_IMAGE, sizeof(*e));
	struct ft_args_event *a;

	e->image = teststore_image(id, parent, exe);
	e->image.flags = 0;
	e->image.args_bytes = len;
	a = push(FT_ARGS, sizeof(*a));
	a->image = id;
	a->len = len;
	memcpy(a->bytes, args, len);
}

static void push_people(void)
{
	push_image(SHELL, 0, "/bin/bash", "-bash", 6);
	push_image(EDITOR, SHELL, "/usr/bin/tee", "tee\0-a\0hosts", 13);
}

static struct ft_actor editor(void)
{
	struct ft_actor actor = {.image = EDITOR, .pid = 111, .tid = 111, .login_uid = 1000};

	actor.session = 3;
	strcpy(actor.tty, "pts0");
	return actor;
}

static struct ft_key inode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (struct ft_key){.ino = st.st_ino, .dev = st.st_dev};
}

static void push_begin(const char *name)
{
	char path[64];
	struct ft_begin_event *e = push(FT_BEGIN, sizeof(*e));

	snprintf(path, sizeof(path), "etc/%s", name);
	e->actor = editor();
	e->inode = inode_of(path);
	e->generation = played.generation++;
	e->ops = FT_OP_WRITE;
	e->place.dir = inode_of("etc");
	strcpy(e->place.name, name);
}

static void push_end(const char *name)
{
	char path[64];
	struct ft_end_event *e = push(FT_END, sizeof(*e));
	struct ft_exit_event *x;

	snprintf(path, sizeof(path), "etc/%s", name);
	e->image = e->last_image = EDITOR;
	e->inode = inode_of(path);
	e->generation = played.generation;
	e->ops = FT_OP_WRITE;
	e->op_count = 1;
	x = push(FT_EXIT, sizeof(*x));
	x->image = EDITOR;
}

/* ---- the daemon ---- */

struct running {
	const struct testroot *root;
	struct daemon daemon;
	struct capture capture;
};

static void start(struct running *r)
{
	struct capture *c = &r->capture;
	char *problem = NULL;

	*c = (struct capture){.daemon = &r->daemon, .store_fd = -1, .lock_fd = -1};
	r->daemon.root = r->root->path;
	r->daemon.root_fd = r->root->fd;
	r->daemon.conf = calloc(1, settings_table.size);
	assert_int_equal(conf_load(&settings_table, r->root->fd, r->daemon.conf, &problem), 0);
	c->settings = r->daemon.conf;
	strcpy(c->boot_id, TEST_BOOT);
	assert_int_equal(uv_loop_init(&r->daemon.loop), 0);
	assert_int_equal(fs_mkdir(r->root->fd, STORE_DIR, 0750), 0);
	assert_int_equal(fs_open(r->root->fd, STORE_DIR, O_RDONLY | O_DIRECTORY, 0, &c->store_fd),
			 0);
	capture_init(c);
	assert_int_equal(capture_open(c), 0);
}

/* @keep: as if it were killed, but that its memory is looked at. */
static void end(struct running *r, bool keep)
{
	capture_deinit(&r->capture, keep);
	uv_run(&r->daemon.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&r->daemon.loop), 0);
	conf_deinit(&settings_table, r->daemon.conf);
	free(r->daemon.conf);
}

static int setup(void **state)
{
	static struct running running;
	const struct testroot *root = *state;

	testroot_clear(root);
	testroot_write(root, "etc/hosts", "127.0.0.1 localhost\n");
	testroot_write(root, "etc/fstab", "# nothing\n");
	testroot_write(root, "etc/shadow", "root:$6$salt$secretsecret:19000:0:99999:7:::\n");
	testroot_write(root, "srv/app.conf", "a = 1\n");
	testroot_write(root, "var/lib/leonhard/trace/.keep", "");
	played = (struct source){};
	running = (struct running){.root = root};
	start(&running);
	*state = &running;
	return 0;
}

static int teardown(void **state)
{
	struct running *r = *state;

	end(r, false);
	*state = (void *)r->root;
	return 0;
}

/* ---- what is told ---- */

struct told {
	unsigned count;
	int64_t id;
	char path[64];
	enum method method;
	enum attribution attribution;
};

static int on_row(void *data, const struct ledger_row *row)
{
	struct told *t = data;

	t->count++;
	t->id = row->record.id;
	snprintf(t->path, sizeof(t->path), "%s", row->record.path);
	t->method = row->record.method;
	t->attribution = row->record.attribution;
	return 0;
}

static void free_ledger(struct ledger **l)
{
	ledger_free(*l);
}

/* How many records there are, and the newest. */
static struct told tell(struct running *r)
{
	_cleanup_(free_ledger) struct ledger *l = NULL;
	const struct ledger_filter all = {.user = -1, .ascending = true};
	struct told t = {};
	bool more;

	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_list(l, &all, 100, on_row, &t, &more), 0);
	return t;
}

static void assert_newest(struct running *r, unsigned count, const char *path, enum method method,
			  enum attribution attribution)
{
	struct told t = tell(r);

	assert_int_equal(t.count, count);
	assert_string_equal(t.path, path);
	assert_int_equal(t.method, method);
	assert_int_equal(t.attribution, attribution);
}

/* What changed and nobody has done: that is certain a moment later. */
static void assert_unseen(struct running *r, unsigned count, const char *path, enum method method)
{
	const struct timespec moment = {.tv_nsec = 150 * NS_PER_MS};

	assert_int_equal(tell(r).count, count - 1);
	nanosleep(&moment, NULL);
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, count, path, method, ATTRIBUTION_NONE);
}

static void test_first_start(void **state)
{
	struct running *r = *state;
	_cleanup_(free_ledger) struct ledger *l = NULL;
	_cleanup_(ledger_status_deinit) struct ledger_status status = {};

	assert_int_equal(tell(r).count, 0);
	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_status(l, &status), 0);
	assert_string_equal(status.backend, "played");
	assert_string_equal(status.cannot_see[0], "What nobody plays.");
	assert_int_equal(status.files, 3);
	assert_null(status.problem);
}

static void test_edit(void **state)
{
	struct running *r = *state;
	_cleanup_(free_ledger) struct ledger *l = NULL;
	_cleanup_(record_deinit) struct record record = {};
	struct ledger_image *images;
	size_t count;
	bool cut;

	push_people();
	push_begin("hosts");
	testroot_write(r->root, "etc/hosts", "127.0.0.1 localhost\n10.0.0.1 db\n");
	push_end("hosts");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/hosts", METHOD_APPEND, ATTRIBUTION_FULL);
	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_show(l, tell(r).id, &record, &images, &count, &cut), 0);
	assert_non_null(strstr(record.diff, "\n+10.0.0.1 db\n"));
	assert_int_equal(record.actor.login_uid, 1000);
	assert_int_equal(count, 2);
	assert_string_equal(images[0].image.exe, "/usr/bin/tee");
	assert_memory_equal(images[0].args, "tee\0-a\0hosts", 13);
	assert_string_equal(images[1].image.exe, "/bin/bash");
	assert_false(cut);
	ledger_images_free(images, count);
}

/* Killed between the beginning and the end of an edit, which were read apart. */
static void test_killed(void **state)
{
	struct running *r = *state;

	push_people();
	push_begin("hosts");
	assert_int_equal(consume(&r->capture), 0);
	end(r, true);
	testroot_write(r->root, "etc/hosts", "nothing is as it was\n");
	push_end("hosts");
	start(r);
	assert_newest(r, 1, "/etc/hosts", METHOD_IN_PLACE, ATTRIBUTION_FULL);
	/* And what was done is not done again. */
	end(r, true);
	start(r);
	assert_int_equal(tell(r).count, 1);
}

/* It looks, and the events of what it sees come only then: one record, with an author. */
static void test_late(void **state)
{
	const struct timespec moment = {.tv_nsec = 150 * NS_PER_MS};
	struct running *r = *state;

	end(r, true);
	testroot_write(r->root, "etc/hosts", "127.0.0.1 localhost\n10.0.0.1 db\n");
	start(r);
	push_people();
	push_begin("hosts");
	push_end("hosts");
	nanosleep(&moment, NULL);
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/hosts", METHOD_APPEND, ATTRIBUTION_FULL);
	nanosleep(&moment, NULL);
	assert_int_equal(consume(&r->capture), 0);
	assert_int_equal(tell(r).count, 1);
}

/* It is another one with each look: it is recorded when it stays. */
static void test_restless(void **state)
{
	const struct timespec moment = {.tv_nsec = 150 * NS_PER_MS};
	struct running *r = *state;

	end(r, false);
	testroot_write(r->root, "etc/hosts", "one\n");
	start(r);
	testroot_write(r->root, "etc/hosts", "two\n");
	nanosleep(&moment, NULL);
	assert_int_equal(consume(&r->capture), 0);
	assert_true(suspects_next_ns(&r->capture) != UINT64_MAX);
	assert_unseen(r, 1, "/etc/hosts", METHOD_UNKNOWN);
	assert_true(suspects_next_ns(&r->capture) == UINT64_MAX);
	/* And back to what it was, before anybody is sure. */
	end(r, false);
	testroot_write(r->root, "etc/hosts", "three\n");
	start(r);
	testroot_write(r->root, "etc/hosts", "two\n");
	nanosleep(&moment, NULL);
	assert_int_equal(consume(&r->capture), 0);
	assert_int_equal(tell(r).count, 1);
	assert_true(suspects_next_ns(&r->capture) == UINT64_MAX);
}

/* Stopped, so that nobody sees what happens. */
static void test_unseen(void **state)
{
	struct running *r = *state;

	end(r, false);
	testroot_write(r->root, "etc/hosts", "127.0.0.2 localhost\n");
	start(r);
	assert_unseen(r, 1, "/etc/hosts", METHOD_UNKNOWN);
	end(r, false);
	testroot_write(r->root, "etc/new", "x\n");
	start(r);
	assert_unseen(r, 2, "/etc/new", METHOD_CREATE);
	end(r, false);
	assert_int_equal(unlink("etc/new"), 0);
	start(r);
	assert_unseen(r, 3, "/etc/new", METHOD_DELETE);
	end(r, false);
	start(r);
	assert_int_equal(tell(r).count, 3);
}

static void test_lost(void **state)
{
	struct running *r = *state;

	testroot_write(r->root, "etc/fstab", "# anything\n");
	assert_int_equal(consume(&r->capture), 0);
	assert_int_equal(tell(r).count, 0);
	played.lost = 1;
	r->capture.looked_ns = 0;
	assert_int_equal(consume(&r->capture), 0);
	assert_unseen(r, 1, "/etc/fstab", METHOD_UNKNOWN);
	/* Not again so soon. */
	testroot_write(r->root, "etc/fstab", "# something\n");
	played.lost = 2;
	assert_int_equal(consume(&r->capture), 0);
	assert_int_equal(tell(r).count, 1);
	assert_true(chores_next_ns(&r->capture) != UINT64_MAX);
}

static void ask(struct running *r, uint64_t number, char **patterns)
{
	const struct request request = {number, patterns};
	_cleanup_free_ char *text = NULL;
	size_t len;

	assert_int_equal(request_format(&request, &text, &len), 0);
	assert_int_equal(fs_replace(r->root->fd, REQUEST_DIR "/" REQUEST_NAME, text, len, 0644), 0);
}

static uint64_t files_of(struct running *r, const char *pattern, uint64_t *ret_request)
{
	_cleanup_(free_ledger) struct ledger *l = NULL;
	struct ledger_watch *watches;
	uint64_t files = UINT64_MAX;
	size_t count;

	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_watches(l, &watches, &count, ret_request), 0);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(watches[i].path, pattern))
			files = watches[i].problem ? UINT64_MAX - 1 : watches[i].files;
	ledger_watches_free(watches, count);
	return files;
}

static void test_request(void **state)
{
	struct running *r = *state;
	char srv[] = "/srv", all[] = "/*";
	char *both[] = {srv, all, NULL}, *none[] = {NULL};
	uint64_t request;

	ask(r, 1, both);
	uv_run(&r->daemon.loop, UV_RUN_NOWAIT);
	assert_int_equal(files_of(r, "/srv", &request), 1);
	assert_int_equal(request, 1);
	assert_int_equal(files_of(r, "/*", &request), UINT64_MAX - 1);
	/* What was there before has no record; what comes while nobody looks has one. */
	assert_int_equal(tell(r).count, 0);
	end(r, false);
	testroot_write(r->root, "srv/other.conf", "b = 1\n");
	start(r);
	assert_unseen(r, 1, "/srv/other.conf", METHOD_CREATE);
	ask(r, 2, none);
	uv_run(&r->daemon.loop, UV_RUN_NOWAIT);
	assert_int_equal(files_of(r, "/srv", &request), UINT64_MAX);
	assert_int_equal(request, 2);
	assert_int_equal(tell(r).count, 1);
}

static bool store_holds(struct running *r, const char *text)
{
	static const char *const names[] = {"trace.sqlite", "trace.sqlite-wal", "secret.sqlite",
					    "secret.sqlite-wal"};
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = NULL, *bytes = NULL;
		size_t len = 0;

		assert_true(asprintf(&path, STORE_DIR "/%s", names[i]) > 0);
		if (fs_read(r->root->fd, path, 64 * 1024 * 1024, &bytes, &len) == 0)
			found |= memmem(bytes, len, text, strlen(text)) != NULL;
	}
	return found;
}

static void test_secrets(void **state)
{
	struct running *r = *state;
	_cleanup_(free_ledger) struct ledger *l = NULL;
	_cleanup_(record_deinit) struct record record = {};
	struct ledger_image *images;
	size_t count;
	bool cut;

	push_people();
	push_begin("shadow");
	testroot_write(r->root, "etc/shadow", "root:$6$salt$hushhushhush:19001:0:99999:7:::\n");
	push_end("shadow");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/shadow", METHOD_IN_PLACE, ATTRIBUTION_FULL);
	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_show(l, tell(r).id, &record, &images, &count, &cut), 0);
	ledger_images_free(images, count);
	assert_int_equal(record.field_count, 2);
	assert_string_equal(record.fields[0].account, "root");
	assert_string_equal(record.fields[0].field, "password");
	assert_null(record.diff);
	assert_false(record.new.hashed);
	assert_false(store_holds(r, "secretsecret"));
	assert_false(store_holds(r, "hushhushhush"));
	/* The search would find it. */
	assert_true(store_holds(r, "/etc/shadow"));
}

/* A store that is none is set aside, and a new one begun. */
static void test_damaged(void **state)
{
	struct running *r = *state;
	_cleanup_(free_ledger) struct ledger *l = NULL;
	_cleanup_(ledger_status_deinit) struct ledger_status status = {};

	end(r, false);
	testroot_write(r->root, "var/lib/leonhard/filetrace/trace.sqlite", "this is no database");
	start(r);
	assert_int_equal(access("var/lib/leonhard/filetrace/damaged-trace.sqlite", F_OK), 0);
	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_status(l, &status), 0);
	assert_non_null(status.problem);
	assert_int_equal(status.files, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_edit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restless, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unseen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_request, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secrets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
	};

	never_readable = eventfd(0, EFD_CLOEXEC);
	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
