/*
 * Loading, attaching and running the small program; see bpf.h.
 */
#include "node/probe/bpf.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "base/def.h"
#include "node/probe/trial.h"

/* How long an event may take to reach the program. */
enum { PATIENCE_TRIES = 50, LOG_BYTES = 16384 };

/* The last line that the verifier wrote but its statistics, without anything unprintable. */
static void last_line(char *log, char *buf, unsigned size)
{
	char *line, *rest = log;
	const char *last = "";

	while ((line = strsep(&rest, "\n")))
		if (*line && strncmp(line, "processed ", strlen("processed ")) != 0)
			last = line;
	snprintf(buf, size, "%s", last);
	for (char *p = buf; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

int bpf_load(enum bpf_prog_type type, enum bpf_attach_type expected, uint32_t btf_id,
	     const struct bpf_insn *insns, unsigned count, char *log, unsigned size)
{
	static char words[LOG_BYTES];
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = expected,
		    .attach_btf_id = btf_id, .log_buf = words, .log_size = sizeof(words));
	int fd;

	words[0] = log[0] = '\0';
	fd = bpf_prog_load(type, "leonhard_probe", "GPL", insns, count, &opts);
	if (fd < 0)
		last_line(words, log, size);
	return fd;
}

int bpf_counter(void)
{
	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "leonhard_probe", sizeof(uint32_t),
			      sizeof(uint64_t), 1, NULL);
}

uint64_t bpf_counter_read(int map)
{
	uint32_t key = 0;
	uint64_t value;

	return bpf_map_lookup_elem(map, &key, &value) < 0 ? 0 : value;
}

int bpf_trigger_fallocate(struct bpf_run *run)
{
	_cleanup_close_ int fd = memfd_create("leonhard-probe", MFD_CLOEXEC);

	return fd < 0 || fallocate(fd, 0, 0, 4096) < 0 ? -errno : 0;
}

int bpf_trigger_fork(struct bpf_run *run)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) < 0 ? -errno : 0;
}

int bpf_attach_tracing(struct bpf_run *run)
{
	run->link = bpf_raw_tracepoint_open(NULL, run->prog);
	return run->link < 0 ? run->link : 0;
}

static int load(struct bpf_run *run, char *log, unsigned size)
{
	const struct bpf_insn insns[] = {
		INSN_MAP_VALUE(BPF_REG_1, run->map),
		INSN_MOVE(BPF_REG_2, 1),
		INSN_COUNT(BPF_REG_1, BPF_REG_2),
		INSN_MOVE(BPF_REG_0, run->kind->result),
		INSN_EXIT,
	};
	const struct bpf_kind *k = run->kind;
	int id = 0;

	if (k->target)
		id = libbpf_find_vmlinux_btf_id(k->target, k->expected);
	if (id < 0) {
		snprintf(log, size, "the kernel's BTF does not tell of %s", k->target);
		return id;
	}
	run->prog = bpf_load(k->type, k->expected, id, insns, ARRAY_SIZE(insns), log, size);
	return run->prog < 0 ? run->prog : 0;
}

/* The number of times that the program has run, or soon will have. */
static uint64_t wait_for_runs(int map)
{
	static const struct timespec pause = {.tv_nsec = 2 * 1000 * 1000};
	uint64_t count = 0;

	for (int i = 0; i < PATIENCE_TRIES && count == 0; i++) {
		count = bpf_counter_read(map);
		if (count == 0)
			nanosleep(&pause, NULL);
	}
	return count;
}

static void run_loaded(struct finding *f, struct bpf_run *run)
{
	const struct bpf_kind *k = run->kind;
	uint64_t count;
	int r = k->attach(run);

	if (r < 0) {
		trial_failed(f, r, "loaded a program; attaching it %s", k->where);
		return;
	}
	r = k->trigger(run);
	if (r < 0) {
		trial_failed(f, r, "attached a program %s; making it run", k->where);
		return;
	}
	count = wait_for_runs(run->map);
	finding_set(f, count ? POWER_YES : POWER_NO, "loaded a program and attached it %s; it %s",
		    k->where, count ? "ran" : "did not run when it should have");
}

void bpf_trial(struct finding *f, const void *data)
{
	struct bpf_run run = {.kind = data, .map = -1, .prog = -1, .link = -1, .ends = {-1, -1}};
	char log[FINDING_EVIDENCE_MAX / 2] = "";
	int r = run.kind->prepare ? run.kind->prepare(&run) : 0;

	finding_detail(f, "%s", run.kind->detail);
	if (r < 0) {
		trial_failed(f, r, "making a cgroup or namespace for it");
		f->state = POWER_UNKNOWN;
		return;
	}
	run.map = bpf_counter();
	if (run.map < 0) {
		trial_failed(f, run.map, "making a map of one number");
		return;
	}
	r = load(&run, log, sizeof(log));
	if (r < 0)
		trial_failed(f, r, "loading a program%s%s", *log ? ": " : "", log);
	else
		run_loaded(f, &run);
}
