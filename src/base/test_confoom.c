/*
 * Memory that runs out at every single allocation in turn, while a configuration is loaded, refused
 * and documented: no crash, no leak, nothing half-done. The linker puts these functions in front.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/testconf.h"
#include "base/testroot.h"

/* How many allocations succeed yet; below zero all do. */
static int left = -1;

static bool refused(void)
{
	if (left == 0) {
		errno = ENOMEM;
		return true;
	}
	left -= left > 0;
	return false;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
int __real_vasprintf(char **ret, const char *format, va_list ap);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);
int __wrap_vasprintf(char **ret, const char *format, va_list ap);
__attribute__((format(printf, 2, 3))) int __wrap_asprintf(char **ret, const char *format, ...);

void *__wrap_malloc(size_t size)
{
	return refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refused() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return refused() ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return refused() ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strdup(const char *s)
{
	return refused() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t n)
{
	return refused() ? NULL : __real_strndup(s, n);
}

__attribute__((format(printf, 2, 0))) int __wrap_vasprintf(char **ret, const char *format,
							   va_list ap)
{
	return refused() ? -1 : __real_vasprintf(ret, format, ap);
}

int __wrap_asprintf(char **ret, const char *format, ...)
{
	va_list ap;
	int r;

	va_start(ap, format);
	r = __wrap_vasprintf(ret, format, ap);
	va_end(ap);
	return r;
}

/* Runs @fn with ever more memory until it has enough; before, it must say -ENOMEM and no more. */
static void starve(const struct testroot *t, int (*fn)(const struct testroot *t), int expected)
{
	int r, tries = 0;

	do {
		left = tries++;
		r = fn(t);
		left = -1;
		assert_true(r == -ENOMEM || r == expected);
	} while (r == -ENOMEM);
	/* So few would mean that the wrapping is off. */
	assert_true(tries > 5);
}

static int load(const struct testroot *t)
{
	struct testconf c = {.number = 4711};
	char *problem = (char *)"untouched";
	int r = conf_load(&testconf_table, t->fd, &c, &problem);

	if (r == 0)
		conf_deinit(&testconf_table, &c);
	else
		assert_int_equal(c.number, 4711);
	if (r < 0)
		free(problem);
	return r;
}

static void test_load(void **state)
{
	testroot_write(*state, "etc/leonhard/demo.conf",
		       "[main]\nnumber = 4\n[other]\nname = x\nname = y\nwords = a b c d\n"
		       "path = /x\nmode = fast\n");
	testroot_write(*state, "etc/leonhard/demo.conf.d/a.conf", "[other]\nwords = e\n");
	starve(*state, load, 0);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{"[main]\nnumber = 1", -ERANGE},
		{"[other]\nname = 123456789", -ERANGE},
		{"[other]\nmode = x", -EINVAL},
		{"[unknown]", -EINVAL},
		{"[main]\nunknown = x", -EINVAL},
		{"nonsense", -EINVAL},
		{"\xff", -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		testroot_write(*state, "etc/leonhard/demo.conf", cases[i].text);
		starve(*state, load, cases[i].r);
	}
}

static int print(const struct testroot *t)
{
	FILE *f = fopen("/dev/null", "we");
	int r;

	if (!f)
		return -errno;
	r = conf_print_man(&testconf_table, f);
	if (r == 0)
		r = conf_print_example(&testconf_table, f);
	fclose(f);
	return r;
}

static void test_print(void **state)
{
	starve(*state, print, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
