/*
 * Group "events": tracepoints of three kinds, a kprobe and an iterator see what this process does.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/def.h"
#include "events.skel.h"
#include "probe.h"

static const char missing[] = "probe-missing";

enum { UNUSUAL_UMASK = 0123 };

static void destroy(struct events_bpf **skel)
{
	events_bpf__destroy(*skel);
}

/* A child that does nothing; its id, or a negative errno. */
static pid_t fork_and_wait(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) < 0)
		return -errno;
	return pid;
}

/* The whole text of an iterator, up to @size bytes. */
static int read_iterator(struct bpf_link *link, char *buf, size_t size)
{
	_cleanup_close_ int fd = bpf_iter_create(bpf_link__fd(link));
	size_t done = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = read(fd, buf + done, size - 1 - done)) > 0)
		done += n;
	buf[done] = '\0';
	return n < 0 ? -errno : 0;
}

static void check_iterator(struct events_bpf *skel)
{
	static char text[256 * 1024];
	char line[64];

	if (!check_call(read_iterator(skel->links.list_tasks, text, sizeof(text)),
			"iterator over tasks is read"))
		return;
	snprintf(line, sizeof(line), "\n%d bpf-probe\n", getpid());
	check(!strncmp(text, "1 ", 2), "iterator starts with process 1");
	check(strstr(text, line) != NULL, "iterator lists this process by pid and name");
}

void check_events(void)
{
	_cleanup_(destroy) struct events_bpf *skel = events_bpf__open_and_load();
	mode_t mask;
	pid_t child;

	if (!check_call(skel ? 0 : -errno, "tracepoint, kprobe and iterator programs load"))
		return;
	skel->bss->watched = getpid();
	if (!check_call(events_bpf__attach(skel), "they attach"))
		return;
	child = fork_and_wait();
	check(child > 0 && skel->bss->forked_pid == (__u32)child,
	      "typed tracepoint sched_process_fork sees our child");
	check(child > 0 && skel->bss->exited_pid == (__u32)child,
	      "raw tracepoint sched_process_exit sees it go");
	mask = umask(UNUSUAL_UMASK);
	check(skel->bss->umask_value == UNUSUAL_UMASK, "tracepoint sys_enter_umask sees its value");
	umask(mask);
	check(unlink(missing) < 0 && skel->bss->unlink_calls == 1 &&
		      !strcmp(skel->bss->unlinked_name, missing),
	      "kprobe do_unlinkat sees the path");
	check_iterator(skel);
}
