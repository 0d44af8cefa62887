/*
 * Group "lsm": programs on LSM hooks refuse to open and to remove one file, and only while they
 * are attached.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "base/io.h"
#include "lsm.skel.h"
#include "probe.h"

static const char marked[] = "probe-marked", plain[] = "probe-plain";

static void destroy(struct lsm_bpf **skel)
{
	lsm_bpf__destroy(*skel);
}

/* Whether the comma-separated list of active modules holds "bpf". */
static bool bpf_is_active(void)
{
	_cleanup_free_ char *list = NULL;
	char *name, *rest;

	if (io_read_file(AT_FDCWD, "/sys/kernel/security/lsm", 4096, &list, NULL) < 0)
		return false;
	rest = list;
	while ((name = strsep(&rest, ",\n")))
		if (!strcmp(name, "bpf"))
			return true;
	return false;
}

static int try_open(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static int try_unlink(const char *path)
{
	return unlink(path) < 0 ? -errno : 0;
}

static void check_denied(struct lsm_bpf *skel)
{
	check(try_open(marked) == -EPERM, "lsm denies opening a marked file");
	check(skel->bss->opens_denied == 1, "lsm file_open was run once for it");
	check(try_unlink(marked) == -EPERM, "lsm denies removing a marked file");
	check(skel->bss->unlinks_denied == 1, "lsm inode_unlink was run once for it");
	check(try_open(plain) == 0 && try_unlink(plain) == 0, "lsm leaves another file alone");
}

void check_lsm(void)
{
	_cleanup_(destroy) struct lsm_bpf *skel = NULL;
	_cleanup_close_ int fd = probe_file(marked), other = probe_file(plain);
	__u32 mark = 1;

	if (!check(bpf_is_active(), "lsm list holds bpf") ||
	    !check(fd >= 0 && other >= 0, "lsm test files can be made"))
		return;
	skel = lsm_bpf__open_and_load();
	if (!check_call(skel ? 0 : -errno, "lsm programs load") ||
	    !check_call(bpf_map_update_elem(bpf_map__fd(skel->maps.marks), &fd, &mark, BPF_ANY),
			"lsm marks an inode") ||
	    !check_call(lsm_bpf__attach(skel), "lsm programs attach"))
		return;
	check_denied(skel);
	lsm_bpf__detach(skel);
	check(try_open(marked) == 0, "lsm allows opening after detach");
	check(try_unlink(marked) == 0, "lsm allows removing after detach");
}
