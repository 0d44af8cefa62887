/*
 * Processes as /proc shows them; see proc.h.
 *
 * Everything about one process is read below one descriptor of its directory. That stays the
 * process's own: once it is gone, nothing is found there, whoever has the id by then.
 */
#include "base/proc.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/time.h"

enum {
	STAT_MAX = 4096,
	/* Enough for the first lines, which the id of the user is among. Those behind it grow with
	 * groups and processors, and whoever could make them too long would not be seen. */
	STATUS_START = 4096,
};

/* What proc(5) numbers in /proc/PID/stat, of the fields behind the name. */
enum {
	STAT_STATE = 3,
	STAT_PPID = 4,
	STAT_UTIME = 14,
	STAT_STIME = 15,
	STAT_THREADS = 20,
	STAT_START = 22,
	STAT_RSS = 24,
	STAT_END
};

/* The process is gone: its directory, or what was in it. */
static int gone(int r)
{
	return r == -ENOENT ? -ESRCH : r;
}

static int open_process(int root_fd, pid_t pid, int *ret_fd)
{
	char path[32];

	if (pid <= 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return gone(fs_open(root_fd, path, O_RDONLY | O_DIRECTORY, 0, ret_fd));
}

static int read_file(int dirfd, const char *name, size_t max, char **ret_text)
{
	_cleanup_close_ int fd = -1;
	int r = fs_open_beneath(dirfd, name, O_RDONLY, 0, &fd);

	if (r == 0)
		r = io_read_fd(fd, max, ret_text, NULL);
	return gone(r);
}

/* Reads at most @max bytes; more may follow. */
static int read_start(int dirfd, const char *name, char *buf, size_t max, size_t *ret_len)
{
	_cleanup_close_ int fd = -1;
	int r = fs_open_beneath(dirfd, name, O_RDONLY, 0, &fd);

	if (r == 0)
		r = io_read_up_to(fd, buf, max, ret_len);
	return gone(r);
}

/* Cuts the fields behind the name out of @text: @ret_fields[n] is number n of proc(5). */
static int split_stat(char *text, char *ret_fields[STAT_END])
{
	char *save = NULL, *word = strtok_r(text, " \n", &save);

	for (int n = STAT_STATE; n < STAT_END; n++) {
		if (!word)
			return -EBADMSG;
		ret_fields[n] = word;
		word = strtok_r(NULL, " \n", &save);
	}
	return 0;
}

static int ticks_to_ns(uint64_t ticks, uint64_t *ret_ns)
{
	uint64_t per_s = sysconf(_SC_CLK_TCK);

	if (__builtin_mul_overflow(ticks, NS_PER_S / per_s, ret_ns))
		return -EBADMSG;
	return 0;
}

static int parse_fields(char *fields[STAT_END], struct proc *p)
{
	static const struct {
		int field;
		uint64_t max;
	} numbers[] = {
		{STAT_PPID, INT_MAX},	      {STAT_UTIME, UINT64_MAX / 2},
		{STAT_STIME, UINT64_MAX / 2}, {STAT_START, UINT64_MAX},
		{STAT_RSS, UINT64_MAX},	      {STAT_THREADS, UINT_MAX},
	};
	uint64_t v[ARRAY_SIZE(numbers)];

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (parse_u64(fields[numbers[i].field], 0, numbers[i].max, &v[i]) < 0)
			return -EBADMSG;
	p->state = *fields[STAT_STATE];
	p->ppid = v[0];
	p->start_ticks = v[3];
	p->threads = v[5];
	if (__builtin_mul_overflow(v[4], (uint64_t)sysconf(_SC_PAGESIZE), &p->rss_bytes))
		return -EBADMSG;
	return ticks_to_ns(v[1] + v[2], &p->cpu_ns);
}

/* "PID (NAME) S PPID …": the name may hold blanks and parentheses, so its end is the last one. */
static int parse_stat(char *text, struct proc *p)
{
	char *fields[STAT_END];
	char *name = strchr(text, '('), *end = strrchr(text, ')');
	int r;

	if (!name || !end || end < name)
		return -EBADMSG;
	*end = '\0';
	snprintf(p->comm, sizeof(p->comm), "%s", name + 1);
	r = split_stat(end + 1, fields);
	return r < 0 ? r : parse_fields(fields, p);
}

/* "Uid:\tREAL\tEFFECTIVE…". The owner of /proc/PID is another: root where core dumps are off. */
static int parse_uid(char *text, uid_t *ret_uid)
{
	char *line = strstr(text, "\nUid:"), *word, *end;
	uint64_t v;

	if (!line)
		return -EBADMSG;
	word = line + strlen("\nUid:");
	word += strspn(word, "\t ");
	end = word + strcspn(word, "\t \n");
	/* A number that the text ends in may go on. */
	if (!*end)
		return -EBADMSG;
	*end = '\0';
	if (parse_u64(word, 0, UINT32_MAX, &v) < 0)
		return -EBADMSG;
	*ret_uid = v;
	return 0;
}

int proc_read(int root_fd, pid_t pid, struct proc *ret_proc)
{
	_cleanup_free_ char *stat = NULL;
	_cleanup_close_ int fd = -1;
	char status[STATUS_START + 1] = "";
	struct proc p = {.pid = pid};
	size_t len;
	int r = open_process(root_fd, pid, &fd);

	if (r == 0)
		r = read_file(fd, "stat", STAT_MAX, &stat);
	if (r == 0)
		r = read_start(fd, "status", status, STATUS_START, &len);
	if (r == 0)
		r = parse_stat(stat, &p);
	if (r == 0)
		r = parse_uid(status, &p.uid);
	if (r < 0)
		return r;
	*ret_proc = p;
	return 0;
}

/* Cuts an escaped text to @max bytes, not within a character or an escape. */
static void cut_escaped(char *text, size_t max)
{
	size_t len = strlen(text), at = 0, unit;
	uint32_t codepoint;

	for (; at < len; at += unit) {
		unit = text[at] == '\\' ? strlen("\\xHH")
					: str_utf8_sequence(text + at, len - at, &codepoint);
		if (at + unit > max)
			break;
	}
	text[at] = '\0';
}

int proc_read_command(int root_fd, pid_t pid, size_t max, char **ret_text)
{
	_cleanup_free_ char *raw = malloc(max + !max), *text = NULL;
	_cleanup_close_ int fd = -1;
	size_t len = 0;
	int r = open_process(root_fd, pid, &fd);

	if (r < 0)
		return r;
	if (!raw)
		return -ENOMEM;
	/* A byte is never shorter when it is escaped: what is behind @max of them is not needed. */
	r = read_start(fd, "cmdline", raw, max, &len);
	if (r < 0)
		return r;
	while (len && !raw[len - 1])
		len--;
	for (size_t i = 0; i < len; i++)
		if (!raw[i])
			raw[i] = ' ';
	r = str_escape(raw, len, &text);
	if (r < 0)
		return r;
	cut_escaped(text, max);
	*ret_text = take_ptr(text);
	return 0;
}

int proc_read_exe(int root_fd, pid_t pid, char **ret_path)
{
	_cleanup_close_ int fd = -1, still = -1;
	char path[PATH_MAX];
	ssize_t len;
	int r = open_process(root_fd, pid, &fd);

	if (r < 0)
		return r;
	len = readlinkat(fd, "exe", path, sizeof(path));
	if (len >= 0)
		return str_escape(path, len, ret_path);
	if (errno != ENOENT)
		return -errno;
	/* Neither a thread of the kernel nor a process that is gone has one. */
	r = fs_open_beneath(fd, "stat", O_RDONLY, 0, &still);
	return r < 0 ? gone(r) : -ENOENT;
}
