/*
 * lab-mkinitramfs AGENT BUSYBOX OUTPUT: the first file system of a guest that has only a kernel.
 *
 * It holds the agent as /init, busybox with a link for each of its applets, the directories that
 * are mounted on, and a console. Both programs must be static. The same inputs make the same file.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"
#include "lab/cpio.h"
#include "lab/spawn.h"

enum { PROGRAM_BYTES_MAX = 256 << 20, LIST_BYTES_MAX = 1 << 20 };

static const struct {
	const char *path;
	uint32_t mode;
} directories[] = {
	{"bin", 0755},	    {"sbin", 0755},	 {"usr", 0755},	 {"usr/bin", 0755},
	{"usr/sbin", 0755}, {"dev", 0755},	 {"etc", 0755},	 {"proc", 0555},
	{"run", 0755},	    {"sys", 0555},	 {"tmp", 01777}, {"root", 0700},
	{"var", 0755},	    {"mnt", 0755},	 {"lib", 0755},	 {"lib64", 0755},
	{"usr/lib", 0755},  {"usr/local", 0755}, {"home", 0755}, {"opt", 0755},
};

static const struct {
	const char *path, *text;
} files[] = {
	{"etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"},
	{"etc/group", "root:x:0:\nnogroup:x:65534:\n"},
	{"etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"},
	{"etc/hostname", "lab\n"},
};

static void add_skeleton(struct cpio *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		cpio_add(c, &(struct cpio_entry){.name = directories[i].path,
						 .mode = S_IFDIR | directories[i].mode});
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		cpio_add(c, &(struct cpio_entry){.name = files[i].path,
						 .mode = S_IFREG | 0644,
						 .data = files[i].text,
						 .len = strlen(files[i].text)});
	cpio_add(c, &(struct cpio_entry){.name = "dev/console",
					 .mode = S_IFCHR | 0600,
					 .device_major = 5,
					 .device_minor = 1});
}

static int add_program(struct cpio *c, const char *name, const char *path)
{
	_cleanup_free_ char *data = NULL;
	size_t len;
	int r = io_read_file(AT_FDCWD, path, PROGRAM_BYTES_MAX, &data, &len);

	if (r < 0)
		return r;
	cpio_add(c, &(struct cpio_entry){
			    .name = name, .mode = S_IFREG | 0755, .data = data, .len = len});
	return 0;
}

/* busybox itself knows its applets, and where they belong. */
static int list_applets(const char *busybox, char **ret_list)
{
	_cleanup_close_ int read_end = -1, write_end = -1;
	struct spawn_helper h = {.argv = (const char *const[]){busybox, "--list-full", NULL},
				 .stdio = {-1, -1, -1},
				 .keep = {-1, -1, -1, -1}};
	char path[64];
	pid_t pid;
	int ends[2], r, status;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	read_end = ends[0];
	h.stdio[1] = write_end = ends[1];
	r = spawn_helper(&h, &pid);
	if (r < 0)
		return r;
	close(take_fd(&write_end));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", read_end);
	r = io_read_file(AT_FDCWD, path, LIST_BYTES_MAX, ret_list, NULL);
	status = spawn_wait(pid);
	return r < 0 ? r : status ? -EIO : 0;
}

static int add_applets(struct cpio *c, const char *busybox)
{
	static const char target[] = "/bin/busybox";
	_cleanup_free_ char *list = NULL;
	int r = list_applets(busybox, &list);
	char *rest = list, *name;

	if (r < 0)
		return r;
	while ((name = strsep(&rest, "\n")))
		if (*name && strcmp(name, target + 1) != 0)
			cpio_add(c, &(struct cpio_entry){.name = name,
							 .mode = S_IFLNK | 0777,
							 .data = target,
							 .len = strlen(target)});
	return 0;
}

static int write_archive(FILE *file, const char *agent, const char *busybox)
{
	struct cpio c;
	int r;

	cpio_init(&c, file);
	add_skeleton(&c);
	r = add_program(&c, "init", agent);
	if (r == 0)
		r = add_program(&c, "bin/busybox", busybox);
	if (r == 0)
		r = add_applets(&c, busybox);
	return r < 0 ? r : cpio_finish(&c);
}

int main(int argc, char **argv)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *temporary = NULL;
	int r;

	if (argc != 4) {
		fprintf(stderr, "Usage: lab-mkinitramfs AGENT BUSYBOX OUTPUT\n");
		return 2;
	}
	if (asprintf(&temporary, "%s.tmp", argv[3]) < 0)
		return 1;
	file = fopen(temporary, "we");
	r = file ? write_archive(file, argv[1], argv[2]) : -errno;
	if (r == 0 && rename(temporary, argv[3]) < 0)
		r = -errno;
	if (r < 0) {
		unlink(temporary);
		fprintf(stderr, "lab-mkinitramfs: %s: %s\n", argv[3], strerror(-r));
	}
	return r < 0;
}
