/*
 * Texts of /proc/PID; see proctext.h.
 */
#include "filetrace/proctext.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"

/* proc(5)'s numbers of the fields behind the name. */
enum { STAT_STATE = 3, STAT_PARENT = 4, STAT_TTY = 7, STAT_START = 22 };

/* The unsigned number in field @n of @text, which begins with field 3. */
static int field(const char *text, int n, uint64_t max, uint64_t *ret_value)
{
	uint64_t v;

	for (int i = STAT_STATE; i < n; i++) {
		text = strchr(text, ' ');
		if (!text)
			return -EBADMSG;
		text++;
	}
	if (parse_digits(&text, &v) < 0 || (*text != ' ' && *text != '\n') || v > max)
		return -EBADMSG;
	*ret_value = v;
	return 0;
}

/* "PID (NAME) S PPID …": the name may hold blanks and parentheses, so its end is the last one. */
int proctext_stat(const char *text, struct proctext *ret_process)
{
	const char *name = strchr(text, '('), *end = strrchr(text, ')');
	struct proctext p = {};
	uint64_t parent, tty;
	int r;

	if (!name || !end || end < name || end[1] != ' ' || !end[2])
		return -EBADMSG;
	snprintf(p.comm, sizeof(p.comm), "%.*s", (int)(end - name - 1), name + 1);
	p.state = end[2];
	r = field(end + 2, STAT_PARENT, INT_MAX, &parent);
	if (r == 0)
		r = field(end + 2, STAT_TTY, UINT32_MAX, &tty);
	if (r == 0)
		r = field(end + 2, STAT_START, UINT64_MAX, &p.start_ticks);
	if (r < 0)
		return r;
	p.parent = parent;
	p.tty_major = major(tty);
	p.tty_minor = minor(tty);
	*ret_process = p;
	return 0;
}

/* The line that begins with @key, behind it; NULL when there is none. */
static const char *line_of(const char *text, const char *key)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (str_starts(text, key))
			return text + strlen(key);
	return NULL;
}

/* "Pid:\t42", or "Pid:\t-1" */
int proctext_pid(const char *text, int32_t *ret_pid)
{
	const char *p = line_of(text, "Pid:\t");
	uint64_t v;

	if (p && str_starts(p, "-1")) {
		*ret_pid = -1;
		return 0;
	}
	if (!p || parse_digits(&p, &v) < 0 || *p != '\n' || v > INT_MAX)
		return -EBADMSG;
	*ret_pid = v;
	return 0;
}

/* "Uid:\tREAL\tEFFECTIVE\t…" */
int proctext_euid(const char *text, uint32_t *ret_uid)
{
	const char *p = line_of(text, "Uid:\t");
	uint64_t v;

	if (!p || parse_digits(&p, &v) < 0 || *p++ != '\t' || parse_digits(&p, &v) < 0 ||
	    *p != '\t' || v > UINT32_MAX)
		return -EBADMSG;
	*ret_uid = v;
	return 0;
}

/* "0::/system.slice/ssh.service" */
void proctext_cgroup(const char *text, char ret_path[FT_CGROUP_BYTES])
{
	const char *p = line_of(text, "0::");
	size_t len = p ? strcspn(p, "\n") : 0;

	if (len >= FT_CGROUP_BYTES) {
		p += len - (FT_CGROUP_BYTES - 1);
		len = FT_CGROUP_BYTES - 1;
	}
	memset(ret_path, 0, FT_CGROUP_BYTES);
	if (len)
		memcpy(ret_path, p, len);
}

void proctext_pts(uint32_t major, uint32_t minor, char ret_name[FT_TTY_BYTES])
{
	/* UNIX98_PTY_SLAVE_MAJOR of the kernel, and those behind it. */
	enum { PTS_MAJOR = 136, PTS_MAJORS = 8, PTS_MINORS = 256 };

	memset(ret_name, 0, FT_TTY_BYTES);
	if (major >= PTS_MAJOR && major < PTS_MAJOR + PTS_MAJORS)
		snprintf(ret_name, FT_TTY_BYTES, "pts%u", (major - PTS_MAJOR) * PTS_MINORS + minor);
}

/* "BEGIN-END rw-s OFFSET MAJOR:MINOR INODE …", the device in hexadecimal. */
int proctext_maps(const char *text, const struct ft_key *key)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		unsigned dev_major, dev_minor;
		char line[128], flags[5]; /* what is before the name is shorter */
		uint64_t ino;

		snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
		if (sscanf(line, "%*x-%*x %4s %*x %x:%x %" SCNu64, flags, &dev_major, &dev_minor,
			   &ino) != 4)
			continue;
		if (flags[1] == 'w' && flags[3] == 's' && ino == key->ino &&
		    (dev_major << 20 | dev_minor) == key->dev)
			return 1;
	}
	return 0;
}

/* "flags:\t0100002", octal. */
int proctext_writable(const char *text)
{
	const char *p = line_of(text, "flags:\t");
	unsigned long flags = p ? strtoul(p, NULL, 8) : 0;

	return p && ((flags & O_ACCMODE) == O_WRONLY || (flags & O_ACCMODE) == O_RDWR) &&
	       !(flags & O_PATH);
}
