/*
 * A machine for tests; see testmachine.h.
 */
#include "pwrapis/writer/testmachine.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/def.h"
#include "base/str.h"

enum { HOLDS_MAX = 64 };

struct testmachine_state *testmachine;

static int holds[HOLDS_MAX], hold_count;

/* ---- steps ---- */

static void step(void)
{
	if (++testmachine->steps == testmachine->kill_at)
		_exit(TEST_KILLED);
}

static bool is_full(void)
{
	unsigned call = ++testmachine->calls, at = testmachine->full_at;

	return at && (call == at || (testmachine->stays_full && call > at));
}

int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __real_ftruncate64(int fd, off_t len);
int __wrap_ftruncate64(int fd, off_t len);
int __real_renameat(int old_dir, const char *old_name, int new_dir, const char *new_name);
int __wrap_renameat(int old_dir, const char *old_name, int new_dir, const char *new_name);
ssize_t __real_pwrite64(int fd, const void *bytes, size_t len, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t at);
ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);

static int no_room(void)
{
	errno = ENOSPC;
	return -1;
}

/* The disk itself is not waited for: who is killed loses nothing that the kernel has. */
int __wrap_fdatasync(int fd)
{
	int r;

	step();
	r = is_full() ? no_room() : 0;
	step();
	return r;
}

int __wrap_fsync(int fd)
{
	int r;

	step();
	r = is_full() ? no_room() : 0;
	step();
	return r;
}

/* Gives room back, and needs none. */
int __wrap_ftruncate64(int fd, off_t len)
{
	int r;

	step();
	r = __real_ftruncate64(fd, len);
	step();
	return r;
}

int __wrap_renameat(int old_dir, const char *old_name, int new_dir, const char *new_name)
{
	int r;

	step();
	r = is_full() ? no_room() : __real_renameat(old_dir, old_name, new_dir, new_name);
	step();
	return r;
}

/* Half of it is written where the step is in its midst, or no room for the rest. */
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t at)
{
	ssize_t n;

	step();
	n = __real_pwrite64(fd, bytes, len / 2, at);
	step();
	n = is_full() ? no_room() : __real_pwrite64(fd, bytes, len, at);
	step();
	return n;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	ssize_t n;

	if (fd <= STDERR_FILENO)
		return __real_write(fd, bytes, len);
	step();
	n = is_full() ? no_room() : __real_write(fd, bytes, len);
	step();
	return n;
}

/* ---- the table ---- */

static int read_value(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value);
static int check_value(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value);
static int write_value(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value);
static int hold_value(struct machine *m, const struct power_item *item, unsigned index,
		      const struct power_value *value, int *ret_fd);

#define CONTROL(item_name, item_unit)           \
	{.name = item_name,                     \
	 .domain = POWER_POLICY,                \
	 .unit = item_unit,                     \
	 .flags = POWER_SIGNAL | POWER_CONTROL, \
	 .read = read_value,                    \
	 .check = check_value,                  \
	 .write = write_value}

static const struct power_item items[TEST_ITEMS] = {
	[TEST_NUMBER] = CONTROL("test.number", POWER_HERTZ),
	[TEST_TEXT] = CONTROL("test.text", POWER_TEXT),
	[TEST_MIN] = CONTROL("test.min", POWER_HERTZ),
	[TEST_MAX] = CONTROL("test.max", POWER_HERTZ),
	[TEST_COARSE] = CONTROL("test.coarse", POWER_WATTS),
	[TEST_WILD] = CONTROL("test.wild", POWER_WATTS),
	[TEST_SIGNAL] = {.name = "test.signal",
			 .domain = POWER_POLICY,
			 .unit = POWER_WATTS,
			 .flags = POWER_SIGNAL,
			 .read = read_value},
	[TEST_LATENCY] = {.name = "test.latency",
			  .domain = POWER_POLICY,
			  .unit = POWER_SECONDS,
			  .flags = POWER_SIGNAL | POWER_CONTROL | POWER_PER_CLIENT,
			  .read = read_value,
			  .check = check_value,
			  .hold = hold_value},
	[TEST_GUARDED] = {.name = "test.guarded",
			  .domain = POWER_POLICY,
			  .unit = POWER_JOULES,
			  .flags = POWER_SIGNAL | POWER_GUARDED,
			  .read = read_value},
	[TEST_ACT] = {.name = "test.act",
		      .domain = POWER_POLICY,
		      .unit = POWER_HERTZ,
		      .flags = POWER_SIGNAL | POWER_CONTROL | POWER_ACT,
		      .read = read_value,
		      .check = check_value,
		      .write = write_value},
};

size_t power_item_count(void)
{
	return TEST_ITEMS;
}

const struct power_item *power_item(unsigned number)
{
	return number < TEST_ITEMS ? &items[number] : NULL;
}

int power_item_find(const char *name, unsigned *ret_number)
{
	for (unsigned i = 0; i < TEST_ITEMS; i++) {
		if (str_equal(items[i].name, name)) {
			*ret_number = i;
			return 0;
		}
	}
	return -ENOENT;
}

/* ---- the machine ---- */

static const char *const names[TEST_PLACES] = {"policy0", "policy1"};

int machine_refresh(struct machine *m)
{
	return 0;
}

unsigned machine_count(const struct machine *m, enum power_domain domain)
{
	return domain != POWER_POLICY ? 0 : testmachine->gone ? 1 : TEST_PLACES;
}

static unsigned place_of(unsigned index)
{
	return testmachine->swapped ? 1 - index : index;
}

const char *machine_name(const struct machine *m, enum power_domain domain, unsigned index)
{
	return index < machine_count(m, domain) ? names[place_of(index)] : NULL;
}

int machine_index(const struct machine *m, enum power_domain domain, const char *name,
		  unsigned *ret_index)
{
	for (unsigned i = 0; i < machine_count(m, domain); i++) {
		if (str_equal(names[place_of(i)], name)) {
			*ret_index = i;
			return 0;
		}
	}
	return -ENOENT;
}

int machine_recall(struct machine *m, enum power_domain domain, const char *name,
		   unsigned *ret_index)
{
	return machine_index(m, domain, name, ret_index);
}

struct power_value testmachine_get(unsigned item, unsigned place)
{
	struct power_value value = testmachine->values[item][place];

	if (item == TEST_MIN)
		value.number = fmin(value.number, testmachine->values[TEST_MAX][place].number);
	return value;
}

static int read_value(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	if (testmachine->read_error)
		return testmachine->read_error;
	*ret_value = testmachine_get(item - items, place_of(index));
	return 0;
}

/* As of a range: neither end may cross the other. */
static bool in_range(unsigned item, unsigned place, double number)
{
	if (item == TEST_MIN)
		return number <= testmachine_get(TEST_MAX, place).number;
	if (item == TEST_MAX)
		return number >= testmachine_get(TEST_MIN, place).number;
	return number >= 0 && number <= 1e6;
}

static int check_value(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	static const char *const texts[] = {"one", "two", "three"};

	if (item->unit != POWER_TEXT)
		return in_range(item - items, place_of(index), value->number) ? 0 : -ERANGE;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (str_equal(texts[i], value->text))
			return 0;
	}
	return -EINVAL;
}

void testmachine_put(unsigned item, unsigned place, double number, const char *text)
{
	struct power_value *v = &testmachine->values[item][place];

	*v = (struct power_value){.number = number};
	snprintf(v->text, sizeof(v->text), "%s", text);
}

static void fresh(unsigned item, unsigned place)
{
	testmachine_put(item, place, item == TEST_TEXT ? 0 : 10 * (item + 1) + place,
			item == TEST_TEXT ? "one" : "");
}

static void take(unsigned item, unsigned place, const struct power_value *value)
{
	struct power_value *to = &testmachine->values[item][place];

	*to = *value;
	if (item == TEST_COARSE)
		to->number = floor(value->number * 8) / 8;
	if (item == TEST_ACT)
		fresh(item, place);
	if (item == TEST_WILD && value->number > 65)
		to->number = value->number / 2;
}

static int write_value(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	step();
	testmachine->writes++;
	if (!testmachine->write_error || testmachine->write_lies)
		take(item - items, place_of(index), value);
	step();
	return testmachine->write_error;
}

static int hold_value(struct machine *m, const struct power_item *item, unsigned index,
		      const struct power_value *value, int *ret_fd)
{
	int ends[2];

	if (testmachine->write_error || hold_count == HOLDS_MAX)
		return testmachine->write_error ?: -EMFILE;
	if (pipe(ends) < 0)
		return -errno;
	holds[hold_count++] = ends[0];
	*ret_fd = ends[1];
	return 0;
}

int machine_read(struct machine *m, unsigned item, unsigned index, struct power_value *ret_value)
{
	return items[item].read(m, &items[item], index, ret_value);
}

int machine_open(struct machine *m, unsigned item, unsigned index, int *ret_fd)
{
	int fd;

	if (testmachine->read_error)
		return testmachine->read_error;
	fd = memfd_create("item", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	dprintf(fd, "%.9g", testmachine_get(item, place_of(index)).number);
	*ret_fd = fd;
	return 0;
}

int machine_state(struct machine *m, unsigned item, unsigned index, struct power_value *ret_value)
{
	return machine_read(m, item, index, ret_value);
}

int machine_check(struct machine *m, unsigned item, unsigned index, const struct power_value *value)
{
	return items[item].check(m, &items[item], index, value);
}

int machine_write(struct machine *m, unsigned item, unsigned index, const struct power_value *value)
{
	return items[item].write(m, &items[item], index, value);
}

int machine_hold(struct machine *m, unsigned item, unsigned index, const struct power_value *value,
		 int *ret_fd)
{
	return items[item].hold(m, &items[item], index, value, ret_fd);
}

/* ---- for tests ---- */

int testmachine_init(void)
{
	testmachine = mmap(NULL, sizeof(*testmachine), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (testmachine == MAP_FAILED)
		return -errno;
	testmachine_reset();
	return 0;
}

void testmachine_reset(void)
{
	*testmachine = (struct testmachine_state){};
	for (unsigned item = 0; item < TEST_ITEMS; item++)
		for (unsigned place = 0; place < TEST_PLACES; place++)
			fresh(item, place);
	while (hold_count)
		close(holds[--hold_count]);
}

bool testmachine_is_fresh(void)
{
	struct power_value was[TEST_ITEMS][TEST_PLACES], is[TEST_ITEMS][TEST_PLACES];

	memcpy(is, testmachine->values, sizeof(is));
	for (unsigned item = 0; item < TEST_ITEMS; item++)
		for (unsigned place = 0; place < TEST_PLACES; place++)
			fresh(item, place);
	memcpy(was, testmachine->values, sizeof(was));
	memcpy(testmachine->values, is, sizeof(is));
	return memcmp(was, is, sizeof(is)) == 0;
}

unsigned testmachine_holds(void)
{
	unsigned count = 0;

	for (int i = 0; i < hold_count; i++) {
		struct pollfd p = {.fd = holds[i]};

		count += poll(&p, 1, 0) == 0;
	}
	return count;
}
