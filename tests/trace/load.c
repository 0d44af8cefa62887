/*
 * load files DIR COUNT: small files, one after the other: made, written, renamed, removed
 * load pwrite FILE COUNT: one byte, again and again, at the same place
 * load edits DIR WRITERS SECONDS: processes that rewrite DIR/0, DIR/1, … as quickly as they can
 * load noise DIR SECONDS: a process bound to each processor, each doing as "files" does
 *
 * The first two print the nanoseconds that one of COUNT took, the others how many there were. What
 * an edit writes is never the same twice. Linked statically, to run in any guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/time.h"

enum { CHILDREN_MAX = 64, SECONDS_MAX = 600, FILE_BYTES = 1024 };

static int small_file(int dir)
{
	static const char bytes[FILE_BYTES];
	int fd = openat(dir, "load.new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, bytes, sizeof(bytes));
	close(fd);
	if (n != sizeof(bytes) || renameat(dir, "load.new", dir, "load") < 0 ||
	    unlinkat(dir, "load", 0) < 0)
		return -errno;
	return 0;
}

static int print_each(uint64_t start_ns, uint64_t count)
{
	printf("%.1f\n", (double)(time_now_ns(CLOCK_MONOTONIC) - start_ns) / count);
	return 0;
}

static int run_files(const char *path, const uint64_t *numbers)
{
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t start_ns = 0;

	/* The first tenth only warms up. */
	for (uint64_t i = 0; i < numbers[0] + numbers[0] / 10; i++) {
		int r = small_file(dir);

		if (r < 0)
			return r;
		if (i == numbers[0] / 10)
			start_ns = time_now_ns(CLOCK_MONOTONIC);
	}
	return print_each(start_ns, numbers[0]);
}

static int run_pwrite(const char *path, const uint64_t *numbers)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	uint64_t start_ns = 0;

	for (uint64_t i = 0; i < numbers[0] + numbers[0] / 10; i++) {
		if (pwrite(fd, "x", 1, 0) != 1)
			return -errno;
		if (i == numbers[0] / 10)
			start_ns = time_now_ns(CLOCK_MONOTONIC);
	}
	return print_each(start_ns, numbers[0]);
}

/* What a child does until @end_ns; *@count is shared memory. */
typedef int (*child_fn)(int dir, unsigned number, uint64_t end_ns, uint64_t *count);

static int edit(int dir, unsigned number, uint64_t end_ns, uint64_t *count)
{
	char name[16], text[64];

	snprintf(name, sizeof(name), "%u", number);
	while (time_now_ns(CLOCK_MONOTONIC) < end_ns) {
		int fd = openat(dir, name, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0644);
		int len = snprintf(text, sizeof(text), "writer %u\nedit %" PRIu64 "\n", number,
				   *count + 1);

		if (fd < 0 || write(fd, text, len) != len)
			return -errno;
		close(fd);
		++*count;
	}
	return 0;
}

static int make_noise(int dir, unsigned number, uint64_t end_ns, uint64_t *count)
{
	_cleanup_close_ int own = -1;
	char name[32];
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(number, &cpus);
	snprintf(name, sizeof(name), "noise%u", number);
	if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	own = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own < 0 || sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		return -errno;
	while (time_now_ns(CLOCK_MONOTONIC) < end_ns) {
		int r = small_file(own);

		if (r < 0)
			return r;
		++*count;
	}
	return 0;
}

static int wait_for(unsigned children, const uint64_t *counts)
{
	uint64_t sum = 0;
	bool failed = false;

	for (unsigned i = 0; i < children; i++) {
		int status;

		if (wait(&status) < 0)
			return -errno;
		failed = failed || status != 0;
	}
	for (unsigned i = 0; i < children; i++)
		sum += counts[i];
	printf("%" PRIu64 "\n", sum);
	return failed ? -EIO : 0;
}

static int run_children(const char *path, unsigned children, uint64_t seconds, child_fn fn)
{
	const uint64_t end_ns = time_now_ns(CLOCK_MONOTONIC) + seconds * NS_PER_S;
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t *counts = mmap(NULL, CHILDREN_MAX * sizeof(*counts), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (dir < 0 || counts == MAP_FAILED)
		return -errno;
	for (unsigned i = 0; i < children; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return -errno;
		if (pid == 0)
			_exit(fn(dir, i, end_ns, &counts[i]) < 0);
	}
	return wait_for(children, counts);
}

static int run_edits(const char *path, const uint64_t *numbers)
{
	if (numbers[0] > CHILDREN_MAX || numbers[1] > SECONDS_MAX)
		return -ERANGE;
	return run_children(path, numbers[0], numbers[1], edit);
}

static int run_noise(const char *path, const uint64_t *numbers)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (cpus > CHILDREN_MAX || numbers[0] > SECONDS_MAX)
		return -ERANGE;
	return run_children(path, cpus, numbers[0], make_noise);
}

static const struct load {
	const char *name;
	int numbers;
	int (*run)(const char *path, const uint64_t *numbers);
} loads[] = {
	{"files", 1, run_files},
	{"pwrite", 1, run_pwrite},
	{"edits", 2, run_edits},
	{"noise", 1, run_noise},
};

static const struct load *find(int argc, char **argv, uint64_t *ret_numbers)
{
	for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
		if (argc != loads[i].numbers + 3 || strcmp(argv[1], loads[i].name) != 0)
			continue;
		for (int n = 0; n < loads[i].numbers; n++)
			if (parse_u64(argv[n + 3], 1, INT_MAX, &ret_numbers[n]) < 0)
				return NULL;
		return &loads[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t numbers[2];
	const struct load *load = find(argc, argv, numbers);
	int r;

	if (!load) {
		fprintf(stderr, "usage: load files DIR COUNT | pwrite FILE COUNT |"
				" edits DIR WRITERS SECONDS | noise DIR SECONDS\n");
		return 2;
	}
	r = load->run(argv[2], numbers);
	if (r < 0)
		fprintf(stderr, "load: %s\n", strerror(-r));
	return r < 0;
}
