/*
 * Who did it: images, arguments and parents, whatever processes do that they may not be known.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/def.h"
#include "probe.h"

enum { SHELLS = 200, LONG_BYTES = 40000 };

static const char *program; /* of this process, argument 0 */

/* ---- what runs in processes of their own: capture-probe --do NAME ARGUMENT... ---- */

static void append(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	MUST(fd >= 0 && write(fd, "x", 1) == 1);
	close(fd);
}

static void do_write(char **args)
{
	append("w/f");
}

static void do_write_output(char **args)
{
	MUST(write(STDOUT_FILENO, "x", 1) == 1);
}

/* Another name, other arguments, as they are seen in /proc. */
static void do_disguise(char **args)
{
	for (int i = 0; args[i]; i++)
		memset(args[i], 'z', strlen(args[i]));
	MUST(prctl(PR_SET_NAME, "innocent") == 0);
	append("w/f");
}

/* A process that is gone when its child writes. */
static void do_orphan(char **args)
{
	int ends[2];
	char byte;

	MUST(pipe2(ends, O_CLOEXEC) == 0);
	if (fork() > 0)
		_exit(0);
	close(ends[1]);
	MUST(read(ends[0], &byte, 1) == 0);
	do_exec("write", "orphaned");
}

static const struct {
	const char *name;
	void (*run)(char **args);
} programs[] = {
	{"write", do_write},
	{"write-output", do_write_output},
	{"disguise", do_disguise},
	{"orphan", do_orphan},
};

int do_main(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (!strcmp(programs[i].name, argv[0]))
			programs[i].run(argv + 1);
	return 0;
}

void do_exec(const char *name, const char *argument)
{
	execl("/proc/self/exe", "capture-probe", "--do", name, argument, NULL);
	_exit(98);
}

/* ---- the checks ---- */

static void begin(void)
{
	capture_take(0);
	capture_forget();
}

static uint64_t parent_of(uint64_t id)
{
	const struct seen_image *image = capture_image(id);

	return image ? image->image.parent : 0;
}

static void in_fork(void)
{
	append("w/f");
}

static void check_fork(void)
{
	uint64_t own;
	pid_t pid;

	begin();
	check(run_child(in_fork, &pid) == 0, "a child without a program of its own writes");
	capture_take(pid);
	own = capture_begin.actor.image;
	check(capture_begin.actor.pid == (uint32_t)pid &&
		      capture_begin.actor.tid == (uint32_t)pid && capture_begin.actor.uid == 0,
	      "the actor is the child");
	check(capture_image(own) && capture_image(own)->image.pid == (uint32_t)pid,
	      "its image was sent before");
	check(!strcmp(capture_arg(own, 0), program), "it has our arguments (%s)",
	      capture_arg(own, 0));
	check(capture_image(parent_of(own)) &&
		      capture_image(parent_of(own))->image.pid == (uint32_t)getpid(),
	      "its parent's image is ours");
	check(capture_begin.actor.cgroup[0] == '/', "its control group is told (%s)",
	      capture_begin.actor.cgroup);
	check(capture_begin.size > 0 && capture_end.generation > capture_begin.generation,
	      "size before, and generations");
}

static void in_exec(void)
{
	do_exec("write", "hello world");
}

static void check_exec(void)
{
	const struct seen_image *image;
	char exe[FT_EXE_BYTES] = "";
	pid_t pid;

	begin();
	check(run_child(in_exec, &pid) == 0, "a child with a program of its own writes");
	capture_take(pid);
	image = capture_image(capture_begin.actor.image);
	check(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0 && image &&
		      !strcmp(image->image.exe, exe),
	      "its program is known by its path (%s)", image ? image->image.exe : "");
	check(!strcmp(capture_arg(capture_begin.actor.image, 3), "hello world"),
	      "its arguments are known");
	check(image && parent_of(image->image.id) && image->image.flags == 0 &&
		      capture_image(image->image.parent) &&
		      capture_image(image->image.parent)->image.pid == (uint32_t)getpid(),
	      "its parent is us, and not what it was before it ran the program");
}

static void in_redirected(void)
{
	int fd = open("w/f", O_WRONLY | O_TRUNC | O_CLOEXEC);

	MUST(fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0);
	close(fd);
	do_exec("write-output", "");
}

static void check_redirected(void)
{
	pid_t pid;

	begin();
	check(run_child(in_redirected, &pid) == 0, "one image truncates, the next one writes");
	capture_take(pid);
	check(!strcmp(capture_text, "begin f t, exec, end f wt by another, exit"),
	      "that is one edit (%s)", capture_text);
	check(!strcmp(capture_arg(capture_end.last_image, 2), "write-output") &&
		      capture_end.image == capture_begin.actor.image,
	      "and both are named");
}

static void in_long(void)
{
	static char argument[LONG_BYTES + 1];

	memset(argument, 'a', LONG_BYTES);
	do_exec("write", argument);
}

static void check_long(void)
{
	const struct seen_image *image;
	pid_t pid;

	begin();
	check(run_child(in_long, &pid) == 0, "a process with %d bytes of arguments", LONG_BYTES);
	capture_take(pid);
	image = capture_image(capture_begin.actor.image);
	check(image && image->args_bytes == FT_ARGS_BYTES &&
		      image->image.args_bytes == FT_ARGS_BYTES &&
		      image->image.flags == FT_IMAGE_ARGS_CUT,
	      "they are cut, and it says so");
	check(image && image->args[FT_ARGS_BYTES - 2] == 'a' && !image->args[FT_ARGS_BYTES - 1] &&
		      !strcmp(capture_arg(image->image.id, 2), "write"),
	      "up to there they are right");
}

static void in_disguise(void)
{
	do_exec("disguise", "guilty");
}

static void check_disguise(void)
{
	pid_t pid;

	begin();
	check(run_child(in_disguise, &pid) == 0, "a process overwrites its arguments and name");
	capture_take(pid);
	check(!strcmp(capture_arg(capture_begin.actor.image, 3), "guilty"),
	      "what it was started with is told (%s)", capture_arg(capture_begin.actor.image, 3));
}

static void in_orphan(void)
{
	do_exec("orphan", "the parent");
}

static void check_orphan(void)
{
	uint64_t own, parent;
	pid_t pid;

	/* Whoever loses its parent becomes ours, so that it can be waited for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	begin();
	check(run_child(in_orphan, &pid) == 0, "a parent ends before its child writes");
	check(wait(NULL) > 0, "the child has ended");
	capture_take(0);
	own = capture_begin.actor.image;
	parent = parent_of(own);
	check(!strcmp(capture_arg(own, 3), "orphaned"), "the child is named");
	check(!strcmp(capture_arg(parent, 3), "the parent") &&
		      capture_image(parent)->image.pid == (uint32_t)pid,
	      "so is the parent");
	check(capture_image(parent_of(parent)) &&
		      capture_image(parent_of(parent))->image.pid == (uint32_t)getpid(),
	      "and we, who started it");
}

/* The same process id twice: clone3(2) gives the one that is asked for. */
static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

static void check_reuse(void)
{
	uint64_t images[2] = {0};
	pid_t wanted = getpid() + 20000;

	for (int i = 0; i < 2; i++) {
		pid_t pid = fork_as(wanted);

		begin();
		if (pid == 0)
			do_exec("write", i ? "second" : "first");
		if (!check(pid == wanted && waitpid(pid, NULL, 0) == pid, "process %d comes",
			   wanted))
			return;
		capture_take(pid);
		images[i] = capture_begin.actor.image;
	}
	check(images[0] != images[1] && !strcmp(capture_arg(images[0], 3), "first") &&
		      !strcmp(capture_arg(images[1], 3), "second"),
	      "a process id that is used again is another image");
}

/* Short-lived shells, each of which writes once and ends. */
static void in_shells(void)
{
	for (int i = 0; i < SHELLS; i++) {
		char command[64];
		pid_t pid = fork();

		snprintf(command, sizeof(command), "echo %d >>w/f", i);
		if (pid == 0) {
			execl("/bin/sh", "sh", "-c", command, NULL);
			_exit(98);
		}
		MUST(pid > 0 && waitpid(pid, NULL, 0) == pid);
	}
}

static unsigned shells_seen;

static void see_shell(const struct ft_begin_event *e)
{
	char command[64];

	snprintf(command, sizeof(command), "echo %u >>w/f", shells_seen);
	shells_seen += !strcmp(capture_arg(e->actor.image, 2), command);
}

static void check_shells(void)
{
	struct source_counts counts;
	pid_t pid;

	begin();
	shells_seen = 0;
	capture_on_begin = see_shell;
	check(run_child(in_shells, &pid) == 0, "%d shells write and end", SHELLS);
	capture_take(pid);
	capture_on_begin = NULL;
	source_lsm.counts(capture_source, &counts);
	check(shells_seen == SHELLS && counts.lost == 0, "each is named by its command (%u)",
	      shells_seen);
}

/* A line of processes, each of which forks the next one and ends, is not kept for ever. */
static void in_line(void)
{
	for (int i = 0; i < 200; i++)
		if (fork() > 0)
			_exit(0);
	append("w/f");
}

static void check_line(void)
{
	unsigned depth = 0;
	pid_t pid;

	begin();
	check(run_child(in_line, &pid) == 0, "200 processes, each the child of the last");
	while (wait(NULL) > 0 || errno == EINTR)
		;
	capture_take(0);
	for (uint64_t id = capture_begin.actor.image; capture_image(id); id = parent_of(id))
		depth++;
	check(depth > FT_ANCESTRY && depth <= 2 * FT_ANCESTRY + 1,
	      "ancestors are told as far as anybody asks (%u)", depth);
}

void check_who(const char *dir)
{
	static char name[4096];

	FILE *f = fopen("/proc/self/cmdline", "re");

	program = f && fread(name, 1, sizeof(name) - 1, f) > 0 ? name : "";
	if (f)
		fclose(f);
	if (!check(chdir(dir) == 0, "%s is there", dir))
		return;
	if (!check_call(capture_start(NULL, 4 << 20, NULL), "the source opens"))
		return;
	capture_watch_dir("w", FT_DIR_ALL);
	capture_watch_file("w/f");
	check_fork();
	check_exec();
	check_redirected();
	check_long();
	check_disguise();
	check_orphan();
	check_reuse();
	check_shells();
	check_line();
	capture_stop(false);
}
