/*
 * What real processes use of the processors; see load.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"
#include "load.h"

enum {
	PIDS_MAX = 256,
	TAKE_NS = 50 * 1000 * 1000,
	TEXT_MAX = 64 * 1024,
	NS_PER_TICK = 10 * 1000 * 1000, /* of /proc/PID/stat, by its ABI */
};

struct usage {
	char *group; /* its folder, or NULL */
	uint64_t pids[PIDS_MAX];
	size_t pid_count;
	uint64_t at_ns;
	double used_s[MODEL_CPUS_MAX];
};

void usage_free(struct usage *u)
{
	if (!u)
		return;
	free(u->group);
	free(u);
}

static void usage_free_p(struct usage **u)
{
	usage_free(*u);
}

static int parse_pids(struct usage *u, const char *p)
{
	for (;;) {
		if (u->pid_count == PIDS_MAX || parse_digits(&p, &u->pids[u->pid_count]) < 0)
			return -EINVAL;
		u->pid_count++;
		if (!*p)
			return 0;
		if (*p++ != ',')
			return -EINVAL;
	}
}

/* cgroup v1: nanoseconds of each processor, in one line. */
static int read_percpu(const struct usage *u, double *used, unsigned cpus)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	const char *p;
	uint64_t ns;
	int r;

	if (asprintf(&path, "%s/cpuacct.usage_percpu", u->group) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	r = io_read_file(AT_FDCWD, path, TEXT_MAX, &text, NULL);
	if (r < 0)
		return r;
	p = text;
	for (unsigned i = 0; parse_digits(&p, &ns) == 0; i++, p += *p == ' ')
		used[i % cpus] += ns * 1e-9;
	return 0;
}

/* cgroup v2 tells the sum; each processor gets an even part. */
static int read_stat(const struct usage *u, double *used, unsigned cpus)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	const char *p;
	uint64_t us;
	int r;

	if (asprintf(&path, "%s/cpu.stat", u->group) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	r = io_read_file(AT_FDCWD, path, TEXT_MAX, &text, NULL);
	if (r < 0)
		return r;
	p = strstr(text, "usage_usec ");
	p = p ? p + strlen("usage_usec ") : "";
	if (parse_digits(&p, &us) < 0)
		return -EBADMSG;
	for (unsigned i = 0; i < cpus; i++)
		used[i] = us * 1e-6 / cpus;
	return 0;
}

/* Fields 14 and 15 behind the name, which may hold anything: in the user's part and in the
 * kernel's. A process that has ended uses no more. */
static double read_pid(uint64_t pid)
{
	_cleanup_free_ char *text = NULL;
	uint64_t user = 0, kernel = 0;
	const char *p;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/stat", pid);
	if (io_read_file(AT_FDCWD, path, TEXT_MAX, &text, NULL) < 0)
		return 0;
	p = strrchr(text, ')');
	for (int field = 2; p && field < 14; field++)
		p = strchr(p + 1, ' ');
	if (!p++)
		return 0;
	if (parse_digits(&p, &user) < 0 || *p++ != ' ' || parse_digits(&p, &kernel) < 0)
		return 0;
	return (user + kernel) * (NS_PER_TICK * 1e-9);
}

static int read_used(const struct usage *u, double *used, unsigned cpus)
{
	int r;

	memset(used, 0, cpus * sizeof(*used));
	if (u->group) {
		r = read_percpu(u, used, cpus);
		return r == -ENOENT ? read_stat(u, used, cpus) : r;
	}
	for (size_t i = 0; i < u->pid_count; i++)
		used[i % cpus] += read_pid(u->pids[i]);
	return 0;
}

int usage_open(const char *what, unsigned cpus, struct usage **ret_usage)
{
	_cleanup_(usage_free_p) struct usage *u = calloc(1, sizeof(*u));
	int r = 0;

	if (!u)
		return -ENOMEM;
	if (str_starts(what, "cgroup:"))
		u->group = strdup(what + strlen("cgroup:"));
	else if (str_starts(what, "pids:"))
		r = parse_pids(u, what + strlen("pids:"));
	else
		r = -EINVAL;
	if (r == 0 && !u->group && !u->pid_count)
		r = -ENOMEM;
	if (r == 0)
		r = read_used(u, u->used_s, cpus);
	if (r == 0)
		*ret_usage = take_ptr(u);
	return r;
}

bool usage_take(struct usage *u, uint64_t clock_ns, double *shares, unsigned cpus)
{
	double used[MODEL_CPUS_MAX], seconds = (clock_ns - u->at_ns) * 1e-9;
	bool first = u->at_ns == 0;

	if (!first && clock_ns - u->at_ns < TAKE_NS)
		return false;
	if (read_used(u, used, cpus) < 0)
		return false;
	for (unsigned i = 0; i < cpus; i++) {
		double share = first ? 0 : (used[i] - u->used_s[i]) / seconds;

		shares[i] = share < 0 ? 0 : share > 1 ? 1 : share;
	}
	memcpy(u->used_s, used, cpus * sizeof(*used));
	u->at_ns = clock_ns;
	return true;
}
