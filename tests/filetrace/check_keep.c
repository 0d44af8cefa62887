/*
 * What is kept when the holder of the source is killed, what is left when it is closed, and what is
 * known when the ring is full.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/def.h"
#include "probe.h"

enum { EDITS = 100 };

static void in_edit(void)
{
	int fd = open("w/f", O_WRONLY | O_APPEND | O_CLOEXEC);

	MUST(fd >= 0 && write(fd, "x", 1) == 1);
	close(fd);
}

static void edit(void)
{
	pid_t pid;

	if (run_child(in_edit, &pid) != 0)
		check(false, "a child edits");
}

static bool pins_empty(void)
{
	_cleanup_closedir_ DIR *d = opendir(PIN_DIR);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			return false;
	return d != NULL;
}

/* Opens the source, reads one edit and stores it, reads another one and does not; then waits to be
 * killed. */
static void hold(int ready)
{
	uint64_t position;

	/* The report is the other one's. */
	MUST(freopen("/dev/null", "w", stdout));
	MUST(capture_start(PIN_DIR, 1 << 20, NULL) == 0);
	capture_watch_dir("w", FT_DIR_ALL);
	capture_watch_file("w/f");
	edit();
	capture_take(0);
	edit();
	position = source_lsm.position(capture_source);
	MUST(write(ready, &position, sizeof(position)) == sizeof(position));
	pause();
}

static int count_event(void *data, const struct ft_event *event)
{
	unsigned *begins = data;

	*begins += event->type == FT_BEGIN;
	return 0;
}

/* Reads everything without storing it: the number of edits that begin. */
static unsigned count_begins(void)
{
	unsigned begins = 0;

	while (source_lsm.read(capture_source, 7, count_event, &begins) > 0)
		;
	return begins;
}

static bool reopen(const char *why)
{
	bool adopted = false;

	capture_stop(true);
	return check_call(capture_start(PIN_DIR, 1 << 20, &adopted), why) &&
	       check(adopted, "what is pinned goes on");
}

static void check_positions(uint64_t stored)
{
	uint64_t position;

	check(source_lsm.position(capture_source) == stored,
	      "the position is where the other one stopped");
	check(count_begins() == 3, "edits that were not stored come again");
	position = source_lsm.position(capture_source);
	if (!reopen("it opens again"))
		return;
	check(source_lsm.skip(capture_source, position) == 0 && count_begins() == 0,
	      "what was stored elsewhere is skipped");
	check(source_lsm.skip(capture_source, position + 8) == -ERANGE,
	      "a position that is none is refused");
	source_lsm.commit(capture_source);
	edit();
	if (reopen("it opens a third time"))
		check(count_begins() == 1, "only what was not stored comes then");
}

static void check_killed(void)
{
	int ends[2], status;
	uint64_t stored = 0;
	bool adopted = false;
	pid_t pid;

	if (!check(pipe2(ends, O_CLOEXEC) == 0 && pins_empty(), "nothing is pinned at first"))
		return;
	pid = fork();
	if (pid == 0) {
		hold(ends[1]);
		_exit(1);
	}
	check(read(ends[0], &stored, sizeof(stored)) == sizeof(stored), "another one holds it");
	edit();
	check(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid, "it is killed");
	edit();
	check_call(capture_start(PIN_DIR, 1 << 20, &adopted), "the next one opens");
	check(adopted && !pins_empty(), "it adopts what is pinned");
	check_positions(stored);
	capture_stop(false);
	check(pins_empty(), "nothing is left when it is closed");
}

static void check_unpin(void)
{
	check_call(capture_start(PIN_DIR, 1 << 20, NULL), "the source opens");
	capture_stop(true);
	check(mkdir(PIN_DIR "/leonhard-filetrace-0-other", 0700) == 0 &&
		      mkdir(PIN_DIR "/others", 0700) == 0,
	      "there is one of another version, and something else");
	check_call(source_unpin(PIN_DIR), "all is unpinned");
	check(rmdir(PIN_DIR "/others") == 0 && pins_empty(),
	      "nothing is left but what is not ours");
	check(source_unpin(PIN_DIR) == 0 && source_unpin("/nowhere") == 0,
	      "what is not there need not be unpinned");
}

static void check_full(void)
{
	struct source_counts counts;
	struct ft_inode inode = {0};
	struct ft_key key;

	if (!check_call(capture_start(NULL, 4096, NULL), "the source opens with one page"))
		return;
	capture_watch_dir("w", FT_DIR_ALL);
	key = capture_watch_file("w/f");
	for (int i = 0; i < EDITS; i++)
		edit();
	source_lsm.counts(capture_source, &counts);
	check(counts.lost >= EDITS, "events that have no room are counted (%llu)",
	      (unsigned long long)counts.lost);
	check(source_lsm.inode(capture_source, &key, &inode) == 0 &&
		      inode.generation == 1 + EDITS && inode.writer_count == EDITS,
	      "the inode tells of each edit");
	check(inode.edits == 0, "and that none goes on");
	capture_take(0);
	capture_forget();
	edit();
	capture_take(0);
	check(!strcmp(capture_text, "begin f w, end f w, exit"), "then there is room again (%s)",
	      capture_text);
	check(source_lsm.unwatch_inode(capture_source, &key) == 0 &&
		      source_lsm.inode(capture_source, &key, &inode) == -ENOENT,
	      "an inode goes out of watch");
	capture_forget();
	edit();
	capture_take(0);
	check(capture_count == 0, "and is not told of any more");
	capture_stop(false);
}

void check_keep(const char *dir)
{
	if (!check(chdir(dir) == 0, "%s is there", dir))
		return;
	check_killed();
	check_unpin();
	check_full();
}
