/*
 * Reading a process; see fanread.h. Where something cannot be read, the rest still is.
 */
#include "filetrace/fanread.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/time.h"
#include "filetrace/hashmap.h"

enum { TEXT_MAX = 64 * 1024 }; /* of a file in /proc */

static int read_text(int dirfd, const char *name, char **ret_text)
{
	_cleanup_close_ int fd = -1;
	int r = fs_open_beneath(dirfd, name, O_RDONLY, 0, &fd);

	return r < 0 ? r : io_read_fd(fd, TEXT_MAX, ret_text, NULL);
}

/* A number that may be "not set", which is how it is also told when it cannot be read. */
static uint32_t read_id(int dirfd, const char *name)
{
	_cleanup_free_ char *text = NULL;
	uint64_t v;

	if (read_text(dirfd, name, &text) < 0)
		return FT_UNSET;
	text[strcspn(text, "\n")] = '\0';
	return parse_u64(text, 0, UINT32_MAX, &v) < 0 ? FT_UNSET : v;
}

/* The name that sysfs has for a terminal that is no pseudo-terminal. */
static void read_tty(int root_fd, const struct proctext *text, char ret_name[FT_TTY_BYTES])
{
	_cleanup_close_ int fd = -1;
	char path[64], target[256];
	const char *name;
	ssize_t len;

	proctext_pts(text->tty_major, text->tty_minor, ret_name);
	if (*ret_name || !text->tty_major)
		return;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", text->tty_major, text->tty_minor);
	if (fs_open(root_fd, path, O_PATH | O_NOFOLLOW, 0, &fd) < 0)
		return;
	len = readlinkat(fd, "", target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	name = strrchr(target, '/');
	if (name)
		snprintf(ret_name, FT_TTY_BYTES, "%.*s", FT_TTY_BYTES - 1, name + 1);
}

static void read_cgroup(int dirfd, char ret_path[FT_CGROUP_BYTES])
{
	_cleanup_free_ char *text = NULL;

	if (read_text(dirfd, "cgroup", &text) == 0)
		proctext_cgroup(text, ret_path);
}

static void read_exe(int dirfd, char state, struct ft_image *image)
{
	char path[4096];
	ssize_t len = readlinkat(dirfd, "exe", path, sizeof(path));
	size_t cut;

	if (len < 0) {
		if (errno == ENOENT && state != 'Z')
			image->flags |= FT_IMAGE_KERNEL;
		return;
	}
	cut = len >= FT_EXE_BYTES ? len - (FT_EXE_BYTES - 1) : 0;
	if (cut)
		image->flags |= FT_IMAGE_EXE_CUT;
	memcpy(image->exe, path + cut, len - cut);
}

static void read_args(int dirfd, struct fan_reading *r)
{
	_cleanup_close_ int fd = -1;
	size_t len = 0;
	char more;

	if (fs_open_beneath(dirfd, "cmdline", O_RDONLY, 0, &fd) < 0 ||
	    io_read_up_to(fd, r->args, sizeof(r->args), &len) < 0 || len == 0) {
		r->image.flags |= FT_IMAGE_NO_ARGS;
		return;
	}
	if (len == sizeof(r->args) && read(fd, &more, 1) == 1)
		r->image.flags |= FT_IMAGE_ARGS_CUT;
	r->args[len - (len == sizeof(r->args))] = '\0';
	r->image.args_bytes = len;
}

static uint64_t ticks_to_ns(uint64_t ticks)
{
	return ticks * (NS_PER_S / sysconf(_SC_CLK_TCK));
}

static int read_stat(int root_fd, int32_t pid, int *ret_dirfd, struct proctext *ret_text)
{
	_cleanup_close_ int dirfd = -1;
	_cleanup_free_ char *text = NULL;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	r = fs_open(root_fd, path, O_RDONLY | O_DIRECTORY, 0, &dirfd);
	if (r == 0)
		r = read_text(dirfd, "stat", &text);
	if (r == 0)
		r = proctext_stat(text, ret_text);
	if (r == 0)
		*ret_dirfd = take_fd(&dirfd);
	return r;
}

/* A descriptor of /proc/PID is of that process, whoever has its number later. */
int fan_reading_read(int root_fd, int32_t pid, struct fan_reading *r)
{
	_cleanup_close_ int dirfd = -1;
	_cleanup_free_ char *status = NULL;
	int e = read_stat(root_fd, pid, &dirfd, &r->text);

	if (e == 0)
		e = read_text(dirfd, "status", &status);
	if (e == 0)
		e = proctext_euid(status, &r->actor.uid);
	if (e < 0)
		return e;
	r->actor.pid = r->actor.tid = pid;
	r->actor.login_uid = read_id(dirfd, "loginuid");
	r->actor.session = read_id(dirfd, "sessionid");
	read_tty(root_fd, &r->text, r->actor.tty);
	read_cgroup(dirfd, r->actor.cgroup);
	r->image.flags = FT_IMAGE_LATE;
	read_exe(dirfd, r->text.state, &r->image);
	read_args(dirfd, r);
	r->image.pid = pid;
	r->image.uid = r->actor.uid;
	r->image.start_ns = r->image.exec_ns = ticks_to_ns(r->text.start_ticks);
	memcpy(r->image.comm, r->text.comm, sizeof(r->image.comm));
	r->program = hashmap_hash(r->image.exe, strlen(r->image.exe), 0);
	r->program = hashmap_hash(r->args, r->image.args_bytes, r->program);
	return 0;
}

bool fan_reading_is_of(int32_t pid, int pidfd)
{
	_cleanup_free_ char *text = NULL;
	char path[64];
	int32_t now;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	return io_read_file(AT_FDCWD, path, TEXT_MAX, &text, NULL) == 0 &&
	       proctext_pid(text, &now) == 0 && now == pid;
}
