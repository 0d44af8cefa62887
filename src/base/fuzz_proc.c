/*
 * Fuzzes what /proc says of a process: the input is stat, status and cmdline of a process in a
 * folder that plays a machine, with a byte 0xff between.
 *
 * What is taken is within its bounds, and a command line is escaped and no longer than asked for.
 */
#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { PID = 42, COMMAND_MAX = 100 };

static const char *const names[] = {"/proc/42/stat", "/proc/42/status", "/proc/42/cmdline"};

static char path[] = "/tmp/fuzz_proc.XXXXXX";
static int root_fd = -1, fds[ARRAY_SIZE(names)];

static void remove_root(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlinkat(root_fd, names[i] + 1, 0);
	unlinkat(root_fd, "proc/42", AT_REMOVEDIR);
	unlinkat(root_fd, "proc", AT_REMOVEDIR);
	rmdir(path);
}

static void make_root(void)
{
	if (root_fd >= 0)
		return;
	if (!mkdtemp(path) || atexit(remove_root) || fs_open_root(path, &root_fd) < 0 ||
	    fs_mkdir(root_fd, "/proc/42", 0700) < 0)
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (fs_open(root_fd, names[i], O_RDWR | O_CREAT, 0600, &fds[i]) < 0)
			abort();
}

/* Fills a file with the input up to the next 0xff. */
static void fill(int fd, const uint8_t **bytes, size_t *len)
{
	const uint8_t *end = *len ? memchr(*bytes, 0xff, *len) : NULL;
	size_t part = end ? (size_t)(end - *bytes) : *len;

	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    io_write_all(fd, *bytes, part) < 0)
		abort();
	*bytes += part + (end != NULL);
	*len -= part + (end != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_free_ char *command = NULL, *raw = NULL;
	struct proc p;
	size_t raw_len;

	make_root();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		fill(fds[i], &bytes, &len);
	if (proc_read(root_fd, PID, &p) == 0)
		assert(p.pid == PID && p.ppid >= 0 && memchr(p.comm, '\0', sizeof(p.comm)));
	if (proc_read_command(root_fd, PID, COMMAND_MAX, &command) < 0)
		return 0;
	assert(strlen(command) <= COMMAND_MAX);
	assert(str_unescape(command, &raw, &raw_len) == 0);
	return 0;
}
