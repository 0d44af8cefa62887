/*
 * The daemon in a test; see testcapture.h.
 */
#include "filetrace/capture/testcapture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/time.h"
#include "filetrace/request.h"

/* ---- the daemon ---- */

void testcapture_start(struct running *r)
{
	struct capture *c = &r->capture;
	char *problem = NULL;

	*c = (struct capture){.daemon = &r->daemon, .store_fd = -1, .lock_fd = -1};
	r->daemon.root = r->root->path;
	r->daemon.root_fd = r->root->fd;
	r->daemon.conf = calloc(1, settings_table.size);
	assert_int_equal(conf_load(&settings_table, r->root->fd, r->daemon.conf, &problem), 0);
	c->settings = r->daemon.conf;
	strcpy(c->boot_id, r->boot_id);
	assert_int_equal(uv_loop_init(&r->daemon.loop), 0);
	assert_int_equal(fs_mkdir(r->root->fd, STORE_DIR, 0750), 0);
	assert_int_equal(fs_open(r->root->fd, STORE_DIR, O_RDONLY | O_DIRECTORY, 0, &c->store_fd),
			 0);
	capture_init(c);
	assert_int_equal(capture_open(c), 0);
}

/* @keep: as if it were killed, but that its memory is looked at. */
void testcapture_end(struct running *r, bool keep)
{
	capture_deinit(&r->capture, keep);
	uv_run(&r->daemon.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&r->daemon.loop), 0);
	conf_deinit(&settings_table, r->daemon.conf);
	free(r->daemon.conf);
}

void testcapture_configure(struct running *r, const char *text)
{
	void *old = r->daemon.conf;
	char *problem = NULL;

	testroot_write(r->root, "etc/leonhard/filetrace.conf", text);
	r->daemon.conf = calloc(1, settings_table.size);
	assert_int_equal(conf_load(&settings_table, r->root->fd, r->daemon.conf, &problem), 0);
	r->capture.settings = r->daemon.conf;
	capture_restart(&r->capture);
	conf_deinit(&settings_table, old);
	free(old);
}

int testcapture_setup(void **state)
{
	static struct running running;
	const struct testroot *root = *state;

	testroot_clear(root);
	testroot_write(root, "etc/hosts", "127.0.0.1 localhost\n");
	testroot_write(root, "etc/fstab", "# nothing\n");
	testroot_write(root, "etc/shadow", "root:$6$salt$secretsecret:19000:0:99999:7:::\n");
	testroot_write(root, "srv/app.conf", "a = 1\n");
	testroot_write(root, "var/lib/leonhard/trace/.keep", "");
	played_reset();
	running = (struct running){.root = root, .boot_id = TEST_BOOT};
	testcapture_start(&running);
	*state = &running;
	return 0;
}

int testcapture_teardown(void **state)
{
	struct running *r = *state;

	testcapture_end(r, false);
	*state = (void *)r->root;
	return 0;
}

/* ---- what is told ---- */

static int on_row(void *data, const struct ledger_row *row)
{
	struct told *t = data;

	t->count++;
	t->full += row->record.attribution == ATTRIBUTION_FULL;
	t->id = row->record.id;
	snprintf(t->path, sizeof(t->path), "%s", row->record.path);
	t->method = row->record.method;
	t->attribution = row->record.attribution;
	return 0;
}

void free_ledger(struct ledger **l)
{
	ledger_free(*l);
}

/* How many records there are, and the newest. */
struct told testcapture_tell(struct running *r)
{
	_cleanup_(free_ledger) struct ledger *l = NULL;
	const struct ledger_filter all = {.user = -1, .ascending = true};
	struct told t = {};
	bool more;

	assert_int_equal(ledger_new(r->capture.store_fd, &l), 0);
	assert_int_equal(ledger_list(l, &all, 100, on_row, &t, &more), 0);
	return t;
}

void assert_newest(struct running *r, unsigned count, const char *path, enum method method,
		   enum attribution attribution)
{
	struct told t = testcapture_tell(r);

	assert_int_equal(t.count, count);
	assert_string_equal(t.path, path);
	assert_int_equal(t.method, method);
	assert_int_equal(t.attribution, attribution);
}

void testcapture_moment(struct running *r)
{
	const struct timespec moment = {.tv_nsec = 150 * NS_PER_MS};

	nanosleep(&moment, NULL);
	assert_int_equal(consume(&r->capture), 0);
}

void assert_unseen(struct running *r, unsigned count, const char *path, enum method method)
{
	assert_int_equal(testcapture_tell(r).count, count - 1);
	testcapture_moment(r);
	assert_newest(r, count, path, method, ATTRIBUTION_NONE);
}

void testcapture_ask(struct running *r, uint64_t number, char **patterns)
{
	const struct request request = {number, patterns};
	_cleanup_free_ char *text = NULL;
	size_t len;

	assert_int_equal(request_format(&request, &text, &len), 0);
	assert_int_equal(fs_replace(r->root->fd, REQUEST_DIR "/" REQUEST_NAME, text, len, 0644), 0);
}

uint64_t testcapture_files(struct running *r, const char *pattern, uint64_t *ret_request)
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
