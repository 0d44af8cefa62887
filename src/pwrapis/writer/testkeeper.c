/*
 * The keeper of a test; see testkeeper.h.
 */
#include "pwrapis/writer/testkeeper.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/testroot.h"

struct keeper *testkeeper;
int testkeeper_dir_fd = -1;
unsigned testkeeper_conflicts;

int testkeeper_setup_group(void **state)
{
	if (testmachine_init() < 0 || testroot_setup(state) < 0 || mkdir("state", 0700) < 0)
		return -1;
	testkeeper_dir_fd = open("state", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return testkeeper_dir_fd < 0 ? -1 : 0;
}

int testkeeper_teardown_group(void **state)
{
	close(testkeeper_dir_fd);
	return testroot_teardown(state);
}

void testkeeper_reset(void)
{
	testmachine_reset();
	testkeeper_conflicts = 0;
	unlinkat(testkeeper_dir_fd, "journal", 0);
	unlinkat(testkeeper_dir_fd, "journal.new", 0);
}

int testkeeper_setup(void **state)
{
	testkeeper_reset();
	return 0;
}

static void on_conflict(void *data, const char *item, const char *name,
			const struct power_value *last, const struct power_value *found)
{
	testkeeper_conflicts++;
}

struct keeper_start testkeeper_open(void)
{
	const struct keeper_world world = {
		.journal_dir_fd = testkeeper_dir_fd,
		.boot_id = "11111111-2222-3333-4444-555555555555",
		.journal_bytes = TESTKEEPER_JOURNAL_BYTES,
		.conflict = on_conflict,
	};
	struct keeper_start s;

	assert_int_equal(keeper_open(&world, &testkeeper, &s), 0);
	return s;
}

void testkeeper_close(void)
{
	keeper_close(testkeeper);
	testkeeper = NULL;
}

struct writer_request testkeeper_request(unsigned verb, uint64_t lease, unsigned item,
					 unsigned place)
{
	struct writer_request q = {
		.magic = WRITER_MAGIC, .verb = verb, .lease = lease, .item = item, .index = place};

	snprintf(q.name, sizeof(q.name), "policy%u", place);
	return q;
}

static struct writer_reply answer(const struct writer_request *q)
{
	struct writer_reply reply;
	int fd;

	keeper_answer(testkeeper, q, &reply, &fd);
	assert_int_equal(fd, -1);
	return reply;
}

int testkeeper_set(uint64_t lease, unsigned item, unsigned place, double number)
{
	struct writer_request q = testkeeper_request(WRITER_SET, lease, item, place);

	if (item == TEST_TEXT)
		strcpy(q.value.text, "two");
	else
		q.value.number = number;
	return answer(&q).error;
}

struct writer_reply testkeeper_end(uint64_t lease)
{
	const struct writer_request q = testkeeper_request(WRITER_END, lease, 0, 0);

	return answer(&q);
}

struct writer_reply testkeeper_drop(uint64_t lease, unsigned item, unsigned place)
{
	const struct writer_request q = testkeeper_request(WRITER_DROP, lease, item, place);

	return answer(&q);
}

int testkeeper_end_all(void)
{
	unsigned restored, conflicts;

	return keeper_end_all(testkeeper, &restored, &conflicts);
}
