/*
 * Processes; see procs.h. They stand in the order of their ids, as /proc lists them, so that a look
 * is one walk along both.
 */
#include "pwrapis/attrib/procs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/time.h"

enum { GONE_LOOKS = 2, TEXT_BYTES = 128, CGROUP_BYTES = 8192 };

struct proc_row {
	pid_t pid;
	uint64_t start_ticks;
	uint64_t leader_ns; /* what its first thread ran; 0: the kernel does not tell */
	uint64_t total_ns; /* that was told of */
	unsigned threads;
	unsigned gone; /* looks in which it was not there */
	struct consumer *consumer; /* held */
};

struct procs {
	int root_fd;
	struct groups *groups;
	struct consumers *consumers;
	struct proc_row *rows, *next; /* of the last look, and the one that is made */
	size_t row_count, next_count;
	size_t at; /* in rows */
	pid_t *pids; /* PROCS_MAX: what is listed */
	size_t pid_count, pid_at;
	bool looked; /* there was a look before this one */
	uint64_t first_ns; /* when that was, since boot: what began before, began before us */
};

/* ---- one process ---- */

int procs_parse_schedstat(const char *text, uint64_t *ret_ns)
{
	char number[24];
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len >= sizeof(number) || (text[len] != ' ' && text[len] != '\n'))
		return -EBADMSG;
	memcpy(number, text, len);
	number[len] = '\0';
	return parse_u64(number, 0, UINT64_MAX, ret_ns) < 0 ? -EBADMSG : 0;
}

/* A file of /proc/PID, at most @max bytes of it and a NUL. */
static int read_file(const struct procs *p, pid_t pid, const char *name, char *text, size_t max)
{
	_cleanup_close_ int fd = -1;
	char path[64];
	size_t len = 0;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	r = fs_open(p->root_fd, path, O_RDONLY | O_NONBLOCK, 0, &fd);
	if (r == 0)
		r = io_read_up_to(fd, text, max, &len);
	text[r == 0 ? len : 0] = '\0';
	return r;
}

/* 0 where the kernel does not tell. */
static uint64_t read_leader(const struct procs *p, pid_t pid)
{
	char text[TEXT_BYTES + 1];
	uint64_t ns;

	if (read_file(p, pid, "schedstat", text, TEXT_BYTES) < 0 ||
	    procs_parse_schedstat(text, &ns) < 0)
		return 0;
	return ns;
}

/* The one it is in, which may be newer than the last look at groups: then the nearest above. */
static struct group *read_group(const struct procs *p, pid_t pid)
{
	char text[CGROUP_BYTES + 1], *path, *slash;
	struct group *group;

	if (read_file(p, pid, "cgroup", text, CGROUP_BYTES) < 0)
		return groups_root(p->groups);
	path = groups_path_in(p->groups, text);
	while (path && *path) {
		group = groups_by_path(p->groups, path);
		if (group)
			return group;
		slash = strrchr(path, '/');
		*slash = '\0';
	}
	return groups_root(p->groups);
}

/* Children of kthreadd, which have no memory of their own. */
static bool is_kernel(const struct proc *proc)
{
	return proc->rss_bytes == 0 && (proc->ppid == 2 || (proc->pid == 2 && proc->ppid == 0));
}

static bool is_same(const struct consumer *c, const struct proc *proc, const struct group *group)
{
	return c->kind == CONSUMER_PROCESS && c->pid == proc->pid && c->uid == proc->uid &&
	       c->group == group && strncmp(c->name, proc->comm, sizeof(c->name)) == 0;
}

/* That of the process as it is now: @old, or another one in its place. */
static struct consumer *make_consumer(struct procs *p, const struct proc *proc,
				      struct consumer *old)
{
	struct group *group;
	struct consumer *c;

	if (is_kernel(proc))
		return consumer_get(p->consumers, CONSUMER_KERNEL, "kernel", 0,
				    groups_root(p->groups));
	group = read_group(p, proc->pid);
	if (old && is_same(old, proc, group))
		return consumer_ref(old);
	c = consumer_new(p->consumers, CONSUMER_PROCESS, proc->comm, group);
	if (c) {
		c->pid = proc->pid;
		c->uid = proc->uid;
	}
	return c;
}

/* All that it ever ran. Of one thread what that ran is more exact than ticks; it may have had more,
 * and what those ran is in the ticks alone. */
static uint64_t total_of(const struct proc *proc, uint64_t leader_ns)
{
	return proc->threads == 1 && leader_ns > proc->cpu_ns ? leader_ns : proc->cpu_ns;
}

static void tell(struct proc_row *row, uint64_t total, procs_fn fn, void *data)
{
	uint64_t ns = total > row->total_ns ? total - row->total_ns : 0;

	row->total_ns += ns;
	if (ns && row->consumer)
		fn(data, row->consumer, ns);
}

/* ---- rows ---- */

static struct proc_row *append(struct procs *p, const struct proc_row *row)
{
	if (p->next_count == PROCS_MAX)
		return NULL;
	p->next[p->next_count] = *row;
	return &p->next[p->next_count++];
}

static void drop(struct procs *p, struct proc_row *row)
{
	consumer_unref(p->consumers, take_ptr(row->consumer));
}

/* Not in /proc any more. */
static void keep_gone(struct procs *p, struct proc_row *row)
{
	row->gone++;
	if (row->gone > GONE_LOOKS || !append(p, row))
		drop(p, row);
}

/* One that was not there at the last look: all it ran is new. */
static void add(struct procs *p, const struct proc *proc, uint64_t leader_ns, procs_fn fn,
		void *data)
{
	struct proc_row row =
				{
					.pid = proc->pid,
					.start_ticks = proc->start_ticks,
					.leader_ns = leader_ns,
					.threads = proc->threads,
				},
			*kept;

	row.consumer = make_consumer(p, proc, NULL);
	kept = append(p, &row);
	if (!kept) {
		drop(p, &row);
		return;
	}
	if (p->looked)
		tell(kept, total_of(proc, leader_ns), fn, data);
	else
		kept->total_ns = total_of(proc, leader_ns);
}

static void look_again(struct procs *p, struct proc_row *row, const struct proc *proc,
		       uint64_t leader_ns, procs_fn fn, void *data)
{
	struct consumer *c = make_consumer(p, proc, row->consumer);

	/* What it ran under its old name is the new one's: it was not looked at in between. */
	drop(p, row);
	row->consumer = c;
	row->gone = 0;
	row->leader_ns = leader_ns;
	row->threads = proc->threads;
	tell(row, total_of(proc, leader_ns), fn, data);
	if (!append(p, row))
		drop(p, row);
}

static void look_at(struct procs *p, pid_t pid, struct proc_row *row, procs_fn fn, void *data)
{
	uint64_t leader_ns = row && row->threads > 1 ? 0 : read_leader(p, pid);
	struct proc proc;

	if (row && row->threads == 1 && leader_ns && leader_ns == row->leader_ns) {
		row->gone = 0;
		if (!append(p, row))
			drop(p, row);
		return;
	}
	if (proc_read(p->root_fd, pid, &proc) < 0) {
		if (row)
			keep_gone(p, row);
		return;
	}
	if (row && row->start_ticks == proc.start_ticks) {
		look_again(p, row, &proc, leader_ns, fn, data);
		return;
	}
	if (row)
		keep_gone(p, row);
	add(p, &proc, leader_ns, fn, data);
}

/* ---- a look ---- */

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return x < y ? -1 : x > y;
}

int procs_begin(struct procs *p)
{
	_cleanup_close_ int fd = -1;
	_cleanup_closedir_ DIR *dir = NULL;
	struct dirent *e;
	int r = fs_open(p->root_fd, "/proc", O_RDONLY | O_DIRECTORY, 0, &fd);

	if (r < 0)
		return r;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	take_fd(&fd);
	p->pid_count = p->pid_at = p->at = p->next_count = 0;
	while ((e = readdir(dir)) && p->pid_count < PROCS_MAX) {
		uint64_t pid;

		if (parse_u64(e->d_name, 1, INT32_MAX, &pid) == 0)
			p->pids[p->pid_count++] = pid;
	}
	qsort(p->pids, p->pid_count, sizeof(*p->pids), compare_pids);
	if (!p->looked)
		p->first_ns = time_now_ns(CLOCK_BOOTTIME);
	return 0;
}

static void end_look(struct procs *p)
{
	struct proc_row *rows = p->rows;

	p->rows = p->next;
	p->row_count = p->next_count;
	p->next = rows;
	p->next_count = 0;
	p->at = 0;
	p->looked = true;
}

/* Whether somebody else has its id since: they stand behind it. */
static bool is_succeeded(const struct procs *p)
{
	return p->at + 1 < p->row_count && p->rows[p->at + 1].pid == p->rows[p->at].pid;
}

/* The one of both that has the lower id. One that could not be read may be there again. */
bool procs_step(struct procs *p, procs_fn fn, void *data)
{
	struct proc_row *row = p->at < p->row_count ? &p->rows[p->at] : NULL;
	pid_t pid = p->pid_at < p->pid_count ? p->pids[p->pid_at] : INT32_MAX;

	if (row && (row->pid < pid || is_succeeded(p))) {
		p->at++;
		keep_gone(p, row);
	} else if (p->pid_at < p->pid_count) {
		p->pid_at++;
		p->at += row && row->pid == pid;
		look_at(p, pid, row && row->pid == pid ? row : NULL, fn, data);
	} else {
		end_look(p);
		return false;
	}
	return true;
}

/* ---- ends ---- */

static struct proc_row *find(struct procs *p, pid_t pid, uint64_t start_ticks)
{
	size_t low = 0, high = p->row_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->rows[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < p->row_count && p->rows[low].pid == pid; low++)
		if (p->rows[low].start_ticks == start_ticks)
			return &p->rows[low];
	return NULL;
}

/* Of a group that nobody knows it is in the rest of the one above. */
static void tell_unseen(struct procs *p, const struct probe_end *end, procs_fn fn, void *data)
{
	struct group *group = groups_by_id(p->groups, end->cgroup);
	struct consumer *c;

	if (!group || !end->runtime_ns || end->start_ns < p->first_ns)
		return;
	c = consumer_get(p->consumers, CONSUMER_ENDED, end->comm, end->uid, group);
	if (!c)
		return;
	fn(data, c, end->runtime_ns);
	consumer_unref(p->consumers, c);
}

void procs_ended(struct procs *p, const struct probe_end *end, procs_fn fn, void *data)
{
	uint64_t ticks = end->start_ns / (NS_PER_S / sysconf(_SC_CLK_TCK));
	struct proc_row *row = find(p, end->pid, ticks);

	if (!p->looked)
		return;
	if (row)
		tell(row, end->runtime_ns, fn, data);
	else
		tell_unseen(p, end, fn, data);
}

/* ---- beginning and end ---- */

int procs_new(int root_fd, struct groups *groups, struct consumers *consumers,
	      struct procs **ret_procs)
{
	struct procs *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	*p = (struct procs){.root_fd = root_fd, .groups = groups, .consumers = consumers};
	p->rows = calloc(PROCS_MAX, sizeof(*p->rows));
	p->next = calloc(PROCS_MAX, sizeof(*p->next));
	p->pids = calloc(PROCS_MAX, sizeof(*p->pids));
	if (!p->rows || !p->next || !p->pids) {
		procs_free(p);
		return -ENOMEM;
	}
	*ret_procs = p;
	return 0;
}

void procs_free(struct procs *p)
{
	if (!p)
		return;
	/* Those before it are in the other list already. */
	for (size_t i = p->at; i < p->row_count; i++)
		drop(p, &p->rows[i]);
	for (size_t i = 0; i < p->next_count; i++)
		drop(p, &p->next[i]);
	free(p->rows);
	free(p->next);
	free(p->pids);
	free(p);
}
