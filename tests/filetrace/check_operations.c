/*
 * Each way to modify content, names and metadata gives exactly the events it should, and whatever
 * fails or is elsewhere gives none.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/def.h"
#include "probe.h"

static int early_fd = -1; /* opened before anything was under watch */

static int must_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	MUST(fd >= 0);
	return fd;
}

/* ---- content ---- */

static void do_append(void)
{
	int fd = must_open("w/f", O_WRONLY | O_APPEND);

	MUST(write(fd, "x", 1) == 1);
	close(fd);
}

static void do_rewrite(void)
{
	int fd = must_open("w/f", O_WRONLY | O_TRUNC);

	MUST(write(fd, "x", 1) == 1 && write(fd, "y", 1) == 1);
	close(fd);
}

static void do_create(void)
{
	int fd = must_open("w/new", O_WRONLY | O_CREAT | O_EXCL);

	MUST(write(fd, "x", 1) == 1);
	close(fd);
}

static void do_create_there(void)
{
	close(must_open("w/f", O_WRONLY | O_CREAT));
}

static void do_pwrite(void)
{
	int fd = must_open("w/f", O_RDWR);

	MUST(pwrite(fd, "x", 1, 3) == 1);
	close(fd);
}

static void do_writev(void)
{
	char text[] = "ab";
	struct iovec part = {.iov_base = text, .iov_len = 2};
	int fd = must_open("w/f", O_RDWR);

	MUST(writev(fd, &part, 1) == 2);
	close(fd);
}

static void do_twice(void)
{
	do_append();
	do_append();
}

static void do_two_files(void)
{
	int a = must_open("w/f", O_WRONLY), b = must_open("w/f", O_WRONLY);

	MUST(write(b, "x", 1) == 1);
	close(b);
	MUST(write(a, "x", 1) == 1);
	close(a);
}

static void do_leave_open(void)
{
	int fd = must_open("w/f", O_WRONLY);

	MUST(write(fd, "x", 1) == 1);
}

static void do_sendfile(void)
{
	int from = must_open("o/source", O_RDONLY), to = must_open("w/f", O_WRONLY);

	MUST(sendfile(to, from, NULL, 4) == 4);
	close(to);
	close(from);
}

static void do_splice(void)
{
	int to = must_open("w/f", O_WRONLY), ends[2];

	MUST(pipe(ends) == 0 && write(ends[1], "abcd", 4) == 4);
	MUST(splice(ends[0], NULL, to, NULL, 4, 0) == 4);
	close(to);
}

static void do_copy_range(void)
{
	int from = must_open("o/source", O_RDONLY), to = must_open("w/f", O_WRONLY);

	MUST(copy_file_range(from, NULL, to, NULL, 4, 0) == 4);
	close(to);
	close(from);
}

static void do_fallocate(void)
{
	int fd = must_open("w/f", O_WRONLY);

	MUST(fallocate(fd, 0, 0, 8192) == 0);
	close(fd);
}

static void do_ftruncate(void)
{
	int fd = must_open("w/f", O_WRONLY);

	MUST(ftruncate(fd, 1) == 0);
	close(fd);
}

static void do_truncate(void)
{
	MUST(truncate("w/f", 1) == 0);
}

static void do_map(void)
{
	int fd = must_open("w/f", O_RDWR);
	char *p = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	MUST(p != MAP_FAILED);
	close(fd);
	*p = 'm';
	MUST(munmap(p, 1) == 0);
}

static void do_map_then_protect(void)
{
	int fd = must_open("w/f", O_RDWR);
	char *p = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);

	MUST(p != MAP_FAILED);
	close(fd);
	MUST(mprotect(p, 1, PROT_READ | PROT_WRITE) == 0);
	*p = 'm';
}

static void do_map_private(void)
{
	int fd = must_open("w/f", O_RDWR);
	char *p = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED);
	*p = 'm';
}

/* One write through io_uring(7), by a thread of the kernel. */
static void do_io_uring(void)
{
	struct io_uring_params params = {0};
	int fd = must_open("w/f", O_WRONLY), ring = syscall(SYS_io_uring_setup, 1, &params);
	struct io_uring_sqe *entry;
	char *queue;

	MUST(ring >= 0);
	queue = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	entry = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	MUST(queue != MAP_FAILED && entry != MAP_FAILED);
	*entry = (struct io_uring_sqe){
		.opcode = IORING_OP_WRITE,
		.flags = IOSQE_ASYNC,
		.fd = fd,
		.addr = (uintptr_t)"uring",
		.len = 5,
	};
	*(uint32_t *)(queue + params.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	MUST(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1);
	close(fd);
	close(ring);
}

static void do_early(void)
{
	MUST(write(early_fd, "x", 1) == 1);
}

/* A child of ours writes through our descriptor, which stays open here. */
static void do_inherited(void)
{
	int fd = must_open("w/f", O_WRONLY), status;

	if (fork() == 0) {
		MUST(write(fd, "x", 1) == 1);
		_exit(0);
	}
	MUST(wait(&status) > 0 && status == 0);
	close(fd);
}

static void send_fd(int to, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS}};
	char x = 'x';
	struct iovec byte = {.iov_base = &x, .iov_len = 1};
	struct msghdr message = {.msg_iov = &byte,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	MUST(sendmsg(to, &message, 0) == 1);
}

static int receive_fd(int from)
{
	char byte, room[CMSG_SPACE(sizeof(int))];
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = room,
				 .msg_controllen = sizeof(room)};
	int fd;

	MUST(recvmsg(from, &message, 0) == 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* Another process gets the only descriptor, writes, and is the one who closes it. */
static void do_passed(void)
{
	int ends[2], fd, status;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	if (fork() == 0) {
		fd = receive_fd(ends[1]);
		MUST(write(fd, "x", 1) == 1);
		_exit(0);
	}
	fd = must_open("w/f", O_WRONLY);
	send_fd(ends[0], fd);
	close(fd);
	MUST(wait(&status) > 0 && status == 0);
}

static void do_read(void)
{
	char byte;
	int fd = must_open("w/f", O_RDONLY);

	MUST(read(fd, &byte, 1) == 1);
	MUST(write(fd, "x", 1) < 0);
	MUST(ftruncate(fd, 0) < 0);
	close(fd);
}

/* ---- names ---- */

static void do_unlink(void)
{
	MUST(unlink("w/victim") == 0);
	MUST(unlink("w/nothing") < 0);
}

static void do_rename(void)
{
	MUST(rename("w/victim", "w/renamed") == 0);
	MUST(rename("w/nothing", "w/f") < 0);
}

static void do_replace(void)
{
	MUST(rename("w/victim", "w/f") == 0);
}

static void do_move_in(void)
{
	int fd;

	MUST(rename("o/mover", "w/moved") == 0);
	fd = must_open("w/moved", O_WRONLY);
	MUST(write(fd, "x", 1) == 1);
	close(fd);
}

static void do_move_in_fails(void)
{
	int fd;

	MUST(syscall(SYS_renameat2, AT_FDCWD, "o/mover", AT_FDCWD, "w/f", RENAME_NOREPLACE) < 0);
	MUST(mkdir("w/victim2", 0755) == 0);
	MUST(rename("o/mover", "w/victim2") < 0);
	fd = must_open("o/mover", O_WRONLY);
	MUST(write(fd, "x", 1) == 1);
	close(fd);
	MUST(rmdir("w/victim2") == 0);
}

static void do_move_out(void)
{
	MUST(rename("w/victim", "o/gone") == 0);
}

static void do_exchange(void)
{
	MUST(syscall(SYS_renameat2, AT_FDCWD, "w/victim", AT_FDCWD, "o/mover", RENAME_EXCHANGE) ==
	     0);
	close(must_open("w/victim", O_WRONLY | O_TRUNC));
}

static void do_link(void)
{
	MUST(link("w/victim", "o/other") == 0);
	close(must_open("o/other", O_WRONLY | O_TRUNC));
	MUST(unlink("o/other") == 0);
}

static void do_link_in(void)
{
	MUST(link("o/mover", "w/linked") == 0);
	close(must_open("o/mover", O_WRONLY | O_TRUNC));
}

static void do_symlink(void)
{
	MUST(symlink("nowhere", "w/link") == 0);
	MUST(unlink("w/link") == 0);
}

static void do_mknod(void)
{
	MUST(mknod("w/fifo", S_IFIFO | 0600, 0) == 0);
	MUST(mknod("w/plain", S_IFREG | 0600, 0) == 0);
	close(must_open("w/plain", O_WRONLY | O_TRUNC));
}

static void do_tmpfile(void)
{
	int fd = must_open("w", O_TMPFILE | O_RDWR);
	char path[64];

	MUST(write(fd, "x", 1) == 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	MUST(linkat(AT_FDCWD, path, AT_FDCWD, "w/linked", AT_SYMLINK_FOLLOW) == 0);
	MUST(write(fd, "x", 1) == 1);
	close(fd);
}

static void do_directory(void)
{
	int fd;

	MUST(mkdir("w/d", 0755) == 0);
	MUST(mkdir("w/d", 0755) < 0);
	fd = must_open("w/d/in", O_WRONLY | O_CREAT);
	MUST(write(fd, "x", 1) == 1);
	close(fd);
	MUST(rmdir("w/d") < 0);
	MUST(unlink("w/d/in") == 0);
	MUST(rmdir("w/d") == 0);
}

static void do_directory_in(void)
{
	MUST(mkdir("o/d", 0755) == 0);
	MUST(rename("o/d", "w/d") == 0);
	close(must_open("w/d/in", O_WRONLY | O_CREAT));
}

/* ---- metadata ---- */

static void do_chmod(void)
{
	MUST(chmod("w/f", 0600) == 0);
}

static void do_chown(void)
{
	MUST(chown("w/f", 12, 13) == 0);
}

static void do_touch(void)
{
	MUST(utimensat(AT_FDCWD, "w/f", NULL, 0) == 0);
}

static void do_set_time(void)
{
	struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 2}};

	MUST(utimensat(AT_FDCWD, "w/f", times, 0) == 0);
}

static void do_xattr(void)
{
	MUST(setxattr("w/f", "trusted.probe", "1", 1, 0) == 0);
	MUST(removexattr("w/f", "trusted.probe") == 0);
	MUST(removexattr("w/f", "trusted.probe") < 0);
}

static void do_acl(void)
{
	/* Version 2: the owner, user 12, the group, a mask, others. */
	static const struct {
		uint32_t version;
		struct {
			uint16_t tag, bits;
			uint32_t id;
		} entries[5];
	} acl = {2, {{1, 6, -1U}, {2, 6, 12}, {4, 4, -1U}, {16, 6, -1U}, {32, 4, -1U}}};

	MUST(setxattr("w/f", "system.posix_acl_access", &acl, sizeof(acl), 0) == 0);
	MUST(removexattr("w/f", "system.posix_acl_access") == 0);
}

static void do_flags(void)
{
	int fd = must_open("w/f", O_RDONLY), flags = 0;

	MUST(ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0);
	flags |= FS_NODUMP_FL;
	MUST(ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0);
	close(fd);
}

static void do_directory_mode(void)
{
	MUST(chmod("w/sub", 0700) == 0);
}

/* ---- elsewhere ---- */

static void do_elsewhere(void)
{
	int fd = must_open("o/elsewhere", O_WRONLY | O_CREAT | O_TRUNC);

	MUST(write(fd, "x", 1) == 1);
	MUST(fchmod(fd, 0600) == 0);
	close(fd);
	MUST(rename("o/elsewhere", "o/elsewhere2") == 0);
	MUST(unlink("o/elsewhere2") == 0);
	MUST(mkdir("o/dir", 0755) == 0);
	MUST(rmdir("o/dir") == 0);
}

/* Of the directory "n", only the names "one" and "two" are under watch. */
static void do_single_names(void)
{
	int fd = must_open("n/three", O_WRONLY | O_CREAT);

	MUST(write(fd, "x", 1) == 1);
	close(fd);
	fd = must_open("n/one", O_WRONLY | O_CREAT);
	MUST(write(fd, "x", 1) == 1);
	close(fd);
	MUST(rename("n/three", "n/two") == 0);
	close(must_open("n/two", O_WRONLY | O_TRUNC));
	MUST(unlink("n/one") == 0 && unlink("n/two") == 0);
}

static void do_mount(void)
{
	MUST(mount("probe", "o", "tmpfs", 0, NULL) == 0);
	MUST(umount2("o", 0) == 0);
}

static const struct operation {
	const char *name;
	void (*run)(void);
	const char *expected;
	/* What a source tells that uses fanotify; NULL: the same, without exit. */
	const char *beside;
} operations[] = {
	{"append", do_append, "begin f w, end f w, exit", NULL},
	{"truncate and write", do_rewrite, "begin f t, end f wt, exit", "begin f w, end f w"},
	{"create", do_create, "create new, begin new w, end new w, exit", NULL},
	{"open with O_CREAT what is there", do_create_there, "", "begin f m, end f m"},
	{"pwrite", do_pwrite, "begin f w, end f w, exit", NULL},
	{"writev", do_writev, "begin f w, end f w, exit", NULL},
	{"two edits", do_twice, "begin f w, end f w, begin f w, end f w, exit",
	 "begin f w, end f w"},
	{"two descriptors", do_two_files, "begin f w, end f w, exit", NULL},
	{"exit with the file open", do_leave_open, "begin f w, end f w, exit", NULL},
	{"sendfile", do_sendfile, "begin f w, end f w, exit", NULL},
	{"splice", do_splice, "begin f w, end f w, exit", NULL},
	{"copy_file_range", do_copy_range, "begin f w, end f wa, exit", "begin f w, end f w"},
	{"fallocate", do_fallocate, "begin f w, end f wa, exit", "begin f w, end f w"},
	{"ftruncate", do_ftruncate, "begin f t, end f t, exit", "begin f w, end f w"},
	{"truncate", do_truncate, "begin f t, end f t, exit", "begin f w, end f w"},
	{"shared mapping", do_map, "begin f m, end f m, exit", NULL},
	{"mapping made writable", do_map_then_protect, "begin f m, end f m, exit", NULL},
	{"private mapping", do_map_private, "", "begin f m, end f m"},
	{"io_uring", do_io_uring, "begin f w, end f w, exit", NULL},
	{"descriptor from before", do_early, "begin f w, end f w, exit", NULL},
	{"inherited descriptor", do_inherited, "begin f w, end f w, exit", NULL},
	{"passed descriptor", do_passed, "begin f w, end f w, exit", NULL},
	{"read, and fail to write", do_read, "", NULL},

	{"unlink", do_unlink, "unlink victim, exit", NULL},
	{"rename", do_rename, "rename victim renamed, exit", NULL},
	{"rename over", do_replace, "rename victim f over f, exit", "rename victim f"},
	{"rename from elsewhere", do_move_in,
	 "rename mover moved, begin moved w, end moved w, exit",
	 "rename  moved, begin moved w, end moved w"},
	{"rename that fails", do_move_in_fails, "mkdir victim2, rmdir victim2, exit", NULL},
	{"rename to elsewhere", do_move_out, "rename victim gone, exit", "rename victim "},
	{"exchange", do_exchange, "exchange victim mover, begin victim t, end victim t, exit",
	 "rename victim , rename  victim, begin victim w, end victim w"},
	{"link", do_link, "link victim other, begin other t, end other t, unlink other, exit",
	 "begin  w, end  w"},
	{"link from elsewhere", do_link_in, "link mover linked, begin mover t, end mover t, exit",
	 "link  linked, begin  w, end  w"},
	{"symlink", do_symlink, "symlink link, unlink link, exit", "create link, unlink link"},
	{"mknod", do_mknod, "create fifo, create plain, begin plain t, end plain t, exit",
	 "create fifo, create plain, begin plain w, end plain w"},
	{"O_TMPFILE and linkat", do_tmpfile, "create linked, begin # w, end # w, exit",
	 "begin # w, end # w, link  linked"},
	{"directory", do_directory,
	 "mkdir d, create in, begin in w, end in w, unlink in, rmdir d, exit", "mkdir d, rmdir d"},
	{"directory from elsewhere", do_directory_in, "rename d d, create in, exit", "rename  d"},

	{"chmod", do_chmod, "meta f m, exit", NULL},
	{"chown", do_chown, "meta f o, exit", NULL},
	{"touch", do_touch, "meta f t, exit", "meta f txa"},
	{"utimensat", do_set_time, "meta f t, exit", "meta f txa"},
	{"xattr", do_xattr, "meta f x, meta f x, exit", "meta f txa"},
	{"acl", do_acl, "meta f a, meta f a, exit", "meta f m"},
	{"flags", do_flags, "meta f f, exit", ""},
	{"chmod of a directory", do_directory_mode, "meta sub m, exit", ""},

	{"elsewhere", do_elsewhere, "", NULL},
	{"single names", do_single_names,
	 "create one, begin one w, end one w, rename three two, begin two t, end two t, "
	 "unlink one, unlink two, exit",
	 "create one, begin one w, end one w, unlink one, rename three two, begin two w, "
	 "end two w, unlink two"},
	{"mounts", do_mount, "mount, unmount, exit", ""},
};

/* ---- */

/* What the operations leave, and what they find. */
static const char *const leftovers[] = {
	"w/new",  "w/renamed", "w/moved", "w/linked", "w/link", "w/fifo",  "w/plain",
	"w/d/in", "o/gone",    "o/other", "n/one",    "n/two",	"n/three", "o/elsewhere",
};

static void prepare(void)
{
	static const char *const files[] = {"w/f", "w/victim", "o/mover", "o/source"};

	for (size_t i = 0; i < ARRAY_SIZE(leftovers); i++)
		unlink(leftovers[i]);
	rmdir("w/d");
	mkdir("w", 0755);
	mkdir("o", 0755);
	mkdir("n", 0755);
	mkdir("w/sub", 0755);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int fd = open(files[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		if (fd < 0 || write(fd, "0123456789abcdef", 16) != 16)
			check(false, "%s can be made: %s", files[i], strerror(errno));
		close(fd);
	}
}

/* Numbers of files without a name differ each time. */
static void drop_numbers(char *text)
{
	char *to = text;

	for (const char *p = text; *p; p++)
		if (p == text || *p < '0' || *p > '9' || (to[-1] != '#'))
			*to++ = *p;
	*to = '\0';
}

static void expect(const struct operation *o, char ret_text[256])
{
	const char *text = capture_is_beside() && o->beside ? o->beside : o->expected;
	size_t len = strlen(text), exit_len = strlen(", exit");

	if (capture_is_beside() && len >= exit_len && !strcmp(text + len - exit_len, ", exit"))
		len -= exit_len;
	snprintf(ret_text, 256, "%.*s", (int)len, text);
}

static void check_operation(const struct operation *o, const char *dir)
{
	pid_t pid = 0;
	int status;
	char expected[256];
	bool good;

	expect(o, expected);
	prepare();
	capture_take(0);
	capture_forget();
	status = run_child(o->run, &pid);
	capture_take(pid);
	drop_numbers(capture_text);
	good = status == 0 && !strcmp(capture_text, expected);
	check(good, "%s on %s", o->name, dir);
	if (!good)
		printf("# status %d; expected: %s\n#           but came: %s\n", status, expected,
		       capture_text);
}

static void watch_all(void)
{
	struct ft_key key;

	capture_watch_dir("w", FT_DIR_ALL | FT_DIR_DEEP);
	capture_watch_file("w/f");
	capture_watch_file("w/victim");
	key = capture_watch_dir("n", 0);
	check_call(capture_ops->watch_name(capture_source, &key, "one", 0), "a name is watched");
	check_call(capture_ops->watch_name(capture_source, &key, "two", 0), "another one, too");
}

void check_operations(const char *dir)
{
	struct source_counts counts;

	if (!check(chdir(dir) == 0, "%s is there", dir))
		return;
	prepare();
	early_fd = open("w/f", O_WRONLY | O_CLOEXEC);
	if (!check_call(capture_start(NULL, 1 << 20, NULL), "the source opens"))
		return;
	watch_all();
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		check_operation(&operations[i], dir);
	capture_ops->counts(capture_source, &counts);
	check(counts.lost == 0, "nothing is lost (%llu)", (unsigned long long)counts.lost);
	close(early_fd);
	capture_stop(false);
}
