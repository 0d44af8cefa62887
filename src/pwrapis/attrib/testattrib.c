/*
 * A machine for tests of attribution; see testattrib.h.
 */
#include "pwrapis/attrib/testattrib.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"

/* ---- a machine ---- */

/* Whole or as it was, for whoever reads meanwhile. */
static void write_whole(const struct testroot *t, const char *path, const char *text)
{
	char fresh[320], final[320];

	snprintf(fresh, sizeof(fresh), "%s.new", path);
	testroot_write(t, fresh, text);
	snprintf(fresh, sizeof(fresh), "%s/%s.new", t->path, path);
	snprintf(final, sizeof(final), "%s/%s", t->path, path);
	assert_int_equal(rename(fresh, final), 0);
}

void testattrib_group(const struct testroot *t, const char *path, uint64_t us)
{
	char file[256], text[128];

	snprintf(file, sizeof(file), "sys/fs/cgroup%s/cpu.stat", path);
	snprintf(text, sizeof(text), "usage_usec %llu\nuser_usec 1\n", (unsigned long long)us);
	write_whole(t, file, text);
}

void testattrib_remove_group(const struct testroot *t, const char *path)
{
	char file[256];

	snprintf(file, sizeof(file), "%s/sys/fs/cgroup%s/cpu.stat", t->path, path);
	assert_int_equal(unlink(file), 0);
	*strrchr(file, '/') = '\0';
	assert_int_equal(rmdir(file), 0);
}

uint64_t testattrib_id(const struct testroot *t, const char *path)
{
	char file[256];
	struct stat st;

	snprintf(file, sizeof(file), "%s/sys/fs/cgroup%s", t->path, path);
	assert_int_equal(stat(file, &st), 0);
	return st.st_ino;
}

void testattrib_process(const struct testroot *t, const struct play *p)
{
	char file[128], text[512];
	uint64_t ticks = p->ns / TICK_NS;

	snprintf(file, sizeof(file), "proc/%d/stat", p->pid);
	snprintf(text, sizeof(text),
		 "%d (%s) S %d 1 1 0 -1 0 0 0 0 0 %llu 0 0 0 20 0 %u 0 %llu 1000 %d 0\n", p->pid,
		 p->name, p->ppid, (unsigned long long)ticks, p->threads,
		 (unsigned long long)p->start, p->ppid == 2 ? 0 : 3);
	write_whole(t, file, text);
	snprintf(file, sizeof(file), "proc/%d/status", p->pid);
	write_whole(t, file, "Name:\tx\nUid:\t1000\t0\t0\t0\n");
	snprintf(file, sizeof(file), "proc/%d/schedstat", p->pid);
	snprintf(text, sizeof(text), "%llu 0 0\n",
		 (unsigned long long)(p->threads > 1 ? p->ns / 2 : p->ns));
	write_whole(t, file, text);
	snprintf(file, sizeof(file), "proc/%d/cgroup", p->pid);
	snprintf(text, sizeof(text), "0::%s\n", p->group);
	write_whole(t, file, text);
}

void testattrib_remove_process(const struct testroot *t, int pid)
{
	static const char *const files[] = {"stat", "status", "schedstat", "cgroup", ""};
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/proc/%d/%s", t->path, pid, files[i]);
		if (*files[i])
			assert_int_equal(unlink(path), 0);
		else
			assert_int_equal(rmdir(path), 0);
	}
}

void testattrib_begin(const struct testroot *t, struct attrib **a)
{
	testroot_clear(t);
	testroot_write(t, "sys/fs/cgroup/cgroup.controllers", "cpu\n");
	testroot_write(t, "proc/uptime", "1 1\n");
	assert_int_equal(attrib_new(t->fd, TESTATTRIB_CPUS, a), 0);
}

/* ---- looks ---- */

static uint64_t clock_ns;

void testattrib_look(struct attrib *a, const struct probe_end *ends, size_t count,
		     const uint64_t *energy_uj)
{
	struct attrib_measure m = {.begin_ns = clock_ns, .end_ns = clock_ns + NS_PER_S};
	enum attrib_step step;

	clock_ns += NS_PER_S;
	m.metered = energy_uj != NULL;
	m.energy_uj = energy_uj ? *energy_uj : 0;
	assert_int_equal(attrib_begin(a), 0);
	while ((step = attrib_step(a)) != ATTRIB_DONE)
		for (size_t i = 0; step == ATTRIB_ENDS && i < count; i++)
			attrib_ended(a, &ends[i]);
	assert_int_equal(attrib_close(a, &m), 0);
}

void testattrib_ask(struct attrib *a, enum attrib_by by, struct attrib_answer *ret_answer)
{
	uint64_t ns = 0, uj = 0;

	assert_int_equal(attrib_answer(a, NS_PER_S, by, ret_answer), 0);
	for (size_t i = 0; i < ret_answer->count; i++) {
		ns += ret_answer->rows[i].ns;
		uj += ret_answer->rows[i].uj;
	}
	assert_int_equal(ns, ret_answer->ns);
	assert_int_equal(uj, ret_answer->uj);
}

const struct attrib_row *testattrib_row(const struct attrib_answer *answer, enum consumer_kind kind,
					const char *name, const char *group)
{
	for (size_t i = 0; i < answer->count; i++) {
		const struct consumer *c = answer->rows[i].consumer;

		if (c->kind == kind && (!name || str_equal(c->name, name)) &&
		    (!group || (c->group && str_equal(c->group->path, group))))
			return &answer->rows[i];
	}
	return NULL;
}

uint64_t testattrib_ns(const struct attrib_answer *answer, enum consumer_kind kind,
		       const char *name, const char *group)
{
	const struct attrib_row *row = testattrib_row(answer, kind, name, group);

	return row ? row->ns : 0;
}
