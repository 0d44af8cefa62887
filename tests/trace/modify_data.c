/*
 * Ways to change the content of a file that is there; of at least a page where it is mapped.
 */
#include "modify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "base/def.h"
#include "base/parse.h"

static int by_write(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY);

	return modify_whole(write(fd, MODIFY_TEXT, MODIFY_LEN), MODIFY_LEN);
}

static int by_append(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_APPEND);

	return modify_whole(write(fd, MODIFY_TEXT, MODIFY_LEN), MODIFY_LEN);
}

static int by_pwrite(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY);

	return modify_whole(pwrite(fd, MODIFY_TEXT, MODIFY_LEN, 3), MODIFY_LEN);
}

static int by_writev(const char *path, const char *other)
{
	const struct iovec parts[] = {{(void *)MODIFY_TEXT, 3},
				      {(void *)(MODIFY_TEXT + 3), MODIFY_LEN - 3}};
	_cleanup_close_ int fd = open(path, O_WRONLY);

	return modify_whole(pwritev2(fd, parts, ARRAY_SIZE(parts), 0, 0), MODIFY_LEN);
}

/* As a shell's ">" does. */
static int by_rewrite(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_TRUNC);

	return modify_whole(write(fd, MODIFY_TEXT, MODIFY_LEN), MODIFY_LEN);
}

static int by_ftruncate(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY);

	return modify_result(ftruncate(fd, 4));
}

static int by_truncate(const char *path, const char *other)
{
	return modify_result(truncate(path, 5));
}

static int by_fallocate(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY);

	return modify_result(fallocate(fd, 0, 0, 20000));
}

static int by_punch(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY);

	return modify_result(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 10, 1000));
}

/* Shared and writable; the file is closed before anything is stored. */
static int map(const char *path, char **ret_memory)
{
	_cleanup_close_ int fd = open(path, O_RDWR);
	char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	*ret_memory = memory;
	return 0;
}

static int by_mmap(const char *path, const char *other)
{
	const struct timespec rest = {.tv_nsec = 300000000};
	char *memory;
	int r = map(path, &memory);

	if (r < 0)
		return r;
	nanosleep(&rest, NULL);
	memcpy(memory, MODIFY_TEXT, MODIFY_LEN);
	return modify_result(munmap(memory, 4096));
}

/* Nothing but the end of the process takes the mapping away. */
static int by_mmap_exit(const char *path, const char *other)
{
	char *memory;
	int r = map(path, &memory);

	if (r == 0)
		memcpy(memory, MODIFY_TEXT, MODIFY_LEN);
	return r;
}

static int by_splice(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY);
	int ends[2];

	if (pipe(ends) < 0 || write(ends[1], MODIFY_TEXT, MODIFY_LEN) < 0)
		return -errno;
	return modify_whole(splice(ends[0], NULL, fd, NULL, MODIFY_LEN, 0), MODIFY_LEN);
}

static int by_sendfile(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY), from = open(other, O_RDONLY);

	return modify_whole(sendfile(fd, from, NULL, MODIFY_LEN), MODIFY_LEN);
}

static int by_copy_file_range(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY), from = open(other, O_RDONLY);

	return modify_whole(copy_file_range(from, NULL, fd, NULL, MODIFY_LEN, 0), MODIFY_LEN);
}

/* Opens it, says so, and writes when standard input ends. */
static int by_held(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_APPEND);
	char byte;

	if (fd < 0 || write(STDOUT_FILENO, "open\n", 5) < 0)
		return -errno;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return modify_whole(write(fd, MODIFY_TEXT, MODIFY_LEN), MODIFY_LEN);
}

/* The other half of by_passed: a descriptor comes by the socket @path. */
static int by_received(const char *path, const char *other)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	uint64_t socket;
	int fd;

	if (parse_u64(path, 0, 1000, &socket) < 0)
		return -EINVAL;
	if (recvmsg(socket, &message, 0) < 0)
		return -errno;
	if (!CMSG_FIRSTHDR(&message))
		return -EBADF;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return modify_whole(write(fd, MODIFY_TEXT, MODIFY_LEN), MODIFY_LEN);
}

static int pass(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte = 0;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return modify_whole(sendmsg(socket, &message, 0), 1);
}

/* One process opens the file, and closes it; another gets it by a socket, and writes. */
static int by_passed(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ends[2], status, r;
	char number[16];
	pid_t pid;

	if (fd < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		snprintf(number, sizeof(number), "%d", ends[1]);
		execl("/proc/self/exe", "modify", "received", number, NULL);
		_exit(127);
	}
	r = pass(ends[0], fd);
	if (r < 0)
		return r;
	close(take_fd(&fd));
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return status == 0 ? 0 : -EIO;
}

/* No change: opened for writing and closed again. */
static int by_nothing(const char *path, const char *other)
{
	_cleanup_close_ int fd = open(path, O_RDWR);

	return modify_result(fd);
}

const struct way data_ways[] = {
	{"write", by_write},
	{"append", by_append},
	{"pwrite", by_pwrite},
	{"writev", by_writev},
	{"rewrite", by_rewrite},
	{"ftruncate", by_ftruncate},
	{"truncate", by_truncate},
	{"fallocate", by_fallocate},
	{"punch", by_punch},
	{"mmap", by_mmap},
	{"mmap-exit", by_mmap_exit},
	{"splice", by_splice},
	{"sendfile", by_sendfile},
	{"copy-file-range", by_copy_file_range},
	{"held", by_held},
	{"received", by_received},
	{"passed", by_passed},
	{"nothing", by_nothing},
	{},
};
