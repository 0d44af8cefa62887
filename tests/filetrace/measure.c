/*
 * What files that are not under watch cost, with the programs attached, a thousand other files
 * under watch, and without: nanoseconds, the least of some rounds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/def.h"
#include "probe.h"

enum { ROUNDS = 5, COUNT = 1000, WATCHES = 1000 };

static int file;

static void one_pwrite(void)
{
	MUST(pwrite(file, "x", 1, 0) == 1);
}

static void one_open(void)
{
	int fd = open("o/source", O_RDWR | O_CLOEXEC);

	MUST(fd >= 0);
	close(fd);
}

static void one_create(void)
{
	int fd = open("o/made", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	MUST(fd >= 0);
	close(fd);
	MUST(unlink("o/made") == 0);
}

/* What most programs do that save a file. */
static void one_save(void)
{
	static const char bytes[1024];
	int fd = open("o/new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	MUST(fd >= 0 && write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
	close(fd);
	MUST(rename("o/new", "o/saved") == 0 && unlink("o/saved") == 0);
}

static void one_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	MUST(pid > 0 && waitpid(pid, NULL, 0) == pid);
}

static const struct {
	const char *name;
	void (*run)(void);
	unsigned count;
} works[] = {
	{"pwrite of 1 byte", one_pwrite, COUNT},    {"open and close", one_open, COUNT},
	{"create and unlink", one_create, COUNT},   {"create to unlink", one_save, COUNT},
	{"fork and exit", one_process, COUNT / 20},
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static double least(void (*run)(void), unsigned count)
{
	double best = 1e18;

	for (int i = 0; i < ROUNDS; i++) {
		double start = now_ns(), spent;

		for (unsigned k = 0; k < count; k++)
			run();
		spent = (now_ns() - start) / count;
		if (spent < best)
			best = spent;
	}
	return best;
}

/* Measures whenever it is asked to: in a process of its own, which is the same with the programs
 * and without, since the price of fork() grows with its memory. */
static _Noreturn void worker(int asked, int answer)
{
	double spent[ARRAY_SIZE(works)];
	char byte;

	while (read(asked, &byte, 1) == 1) {
		for (size_t i = 0; i < ARRAY_SIZE(works); i++)
			spent[i] = least(works[i].run, works[i].count);
		MUST(write(answer, spent, sizeof(spent)) == sizeof(spent));
	}
	_exit(0);
}

static void ask(const int ends[4], double ret_spent[ARRAY_SIZE(works)])
{
	size_t len = sizeof(*ret_spent) * ARRAY_SIZE(works);

	MUST(write(ends[1], "x", 1) == 1 && read(ends[2], ret_spent, len) == (ssize_t)len);
}

static void watch_files(void)
{
	char path[16];

	for (int i = 0; i < WATCHES; i++) {
		struct ft_key key;
		int fd;

		snprintf(path, sizeof(path), "w/%d", i);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		MUST(fd >= 0 && source_lsm.watch_inode(capture_source, fd, &key) == 0);
		close(fd);
	}
}

void measure(const char *dir)
{
	double without[ARRAY_SIZE(works)], with[ARRAY_SIZE(works)];
	int ends[4];

	MUST(chdir(dir) == 0 && (file = open("o/source", O_RDWR | O_CLOEXEC)) >= 0);
	MUST(pipe2(ends, O_CLOEXEC) == 0 && pipe2(ends + 2, O_CLOEXEC) == 0);
	if (fork() == 0) {
		close(ends[1]);
		worker(ends[0], ends[3]);
	}
	ask(ends, without);
	MUST(capture_start(NULL, 1 << 20, NULL) == 0);
	watch_files();
	capture_take(0);
	capture_forget();
	capture_watch_dir("w", FT_DIR_ALL | FT_DIR_DEEP);
	ask(ends, with);
	for (size_t i = 0; i < ARRAY_SIZE(works); i++)
		printf("%-20s %8.0f ns without, %8.0f ns with: %+.1f %%\n", works[i].name,
		       without[i], with[i], (with[i] - without[i]) / without[i] * 100);
	capture_take(0);
	MUST(capture_count == 0);
	capture_stop(false);
}
