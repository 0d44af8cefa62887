/*
 * Group "sched_ext": a scheduler made of BPF programs takes over the machine, runs a few
 * processes, and gives it back.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/def.h"
#include "base/io.h"
#include "fifo.h"
#include "fifo.skel.h"
#include "probe.h"

enum { ROUNDS = 200, PATIENCE_MS = 20000 };

/* Processes that wait for the end of a pipe, then work and go; and our end of it. */
struct crew {
	pid_t pids[FIFO_WATCHED];
	int gate;
};

static void destroy(struct fifo_bpf **skel)
{
	fifo_bpf__destroy(*skel);
}

static void destroy_link(struct bpf_link **link)
{
	bpf_link__destroy(*link);
}

/* Whether /sys/kernel/sched_ext/@file holds @text, now or soon: the kernel switches over behind
 * the back of who asked for it. */
static bool sched_ext_is(const char *file, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/kernel/sched_ext/%s", file);
	for (int ms = 0; ms < PATIENCE_MS; ms += 10) {
		_cleanup_free_ char *value = NULL;

		if (io_read_file(AT_FDCWD, path, 4096, &value, NULL) < 0)
			return false;
		value[strcspn(value, "\n")] = '\0';
		if (!strcmp(value, text))
			return true;
		probe_pause();
	}
	return false;
}

static _Noreturn void work(int start, int gate)
{
	char byte;

	close(gate);
	if (read(start, &byte, 1) != 0)
		_exit(1);
	for (int i = 0; i < ROUNDS; i++) {
		for (volatile int spin = 0; spin < 10000; spin++)
			;
		sched_yield();
	}
	_exit(0);
}

static int hire(struct crew *ret_crew)
{
	struct crew crew = {0};
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	crew.gate = ends[1];
	for (size_t i = 0; i < FIFO_WATCHED; i++) {
		crew.pids[i] = fork();
		if (crew.pids[i] == 0)
			work(ends[0], ends[1]);
	}
	close(ends[0]);
	*ret_crew = crew;
	return 0;
}

/* Lets them work; how many came back with success. */
static int dismiss(struct crew *crew)
{
	int good = 0;

	close(crew->gate);
	for (size_t i = 0; i < FIFO_WATCHED; i++) {
		int status = -1;

		if (crew->pids[i] > 0 && waitpid(crew->pids[i], &status, 0) == crew->pids[i])
			good += status == 0;
	}
	return good;
}

static int watched_seen(const struct fifo_bpf *skel)
{
	int seen = 0;

	for (size_t i = 0; i < FIFO_WATCHED; i++)
		seen += skel->bss->queued[i] > 0;
	return seen;
}

static void check_running(struct fifo_bpf *skel, struct crew *crew)
{
	check(sched_ext_is("state", "enabled"), "sched_ext state is enabled");
	check(sched_ext_is("root/ops", "leonhard_fifo"), "sched_ext names the scheduler");
	check(dismiss(crew) == FIFO_WATCHED, "%d processes run to their end under it",
	      FIFO_WATCHED);
	check(watched_seen(skel) == FIFO_WATCHED, "it has queued each of them");
}

void check_fifo(void)
{
	_cleanup_(destroy) struct fifo_bpf *skel = fifo_bpf__open_and_load();
	_cleanup_(destroy_link) struct bpf_link *link = NULL;
	struct crew crew;

	if (!check_call(skel ? 0 : -errno, "sched_ext scheduler loads") ||
	    !check(sched_ext_is("state", "disabled"), "sched_ext state is disabled at first") ||
	    !check_call(hire(&crew), "sched_ext test processes start"))
		return;
	for (size_t i = 0; i < FIFO_WATCHED; i++)
		skel->bss->watched[i] = crew.pids[i];
	link = bpf_map__attach_struct_ops(skel->maps.fifo);
	if (!check_call(link ? 0 : -errno, "sched_ext scheduler attaches")) {
		dismiss(&crew);
		return;
	}
	check_running(skel, &crew);
	check_call(bpf_link__destroy(take_ptr(link)), "sched_ext scheduler is unloaded");
	check(sched_ext_is("state", "disabled"), "sched_ext state is disabled again");
	check(skel->bss->exit_kind == FIFO_EXIT_UNLOADED,
	      "it was unloaded by us and not thrown out (%d)", skel->bss->exit_kind);
}
