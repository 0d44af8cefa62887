/*
 * The agent as the first process; see init.h.
 *
 * A kernel without one of the file systems still makes a guest that can run commands, so nothing
 * here is fatal.
 */
#include "lab/init.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/def.h"

static const struct {
	const char *type, *path, *options;
	unsigned mode;
	unsigned long flags;
} mounts[] = {
	{"proc", "/proc", NULL, 0555, MS_NOSUID | MS_NOEXEC | MS_NODEV},
	{"sysfs", "/sys", NULL, 0555, MS_NOSUID | MS_NOEXEC | MS_NODEV},
	{"devtmpfs", "/dev", "mode=0755", 0755, MS_NOSUID},
	{"devpts", "/dev/pts", "mode=0620,ptmxmode=0666", 0755, MS_NOSUID | MS_NOEXEC},
	{"tmpfs", "/dev/shm", "mode=1777", 01777, MS_NOSUID | MS_NODEV},
	{"tmpfs", "/run", "mode=0755", 0755, MS_NOSUID | MS_NODEV},
	{"tmpfs", "/tmp", "mode=1777", 01777, MS_NOSUID | MS_NODEV},
	{"cgroup2", "/sys/fs/cgroup", NULL, 0755, MS_NOSUID | MS_NOEXEC | MS_NODEV},
	{"bpf", "/sys/fs/bpf", "mode=0700", 0700, MS_NOSUID | MS_NOEXEC | MS_NODEV},
	{"securityfs", "/sys/kernel/security", NULL, 0755, MS_NOSUID | MS_NOEXEC | MS_NODEV},
	{"debugfs", "/sys/kernel/debug", NULL, 0700, MS_NOSUID | MS_NOEXEC | MS_NODEV},
	{"tracefs", "/sys/kernel/tracing", NULL, 0700, MS_NOSUID | MS_NOEXEC | MS_NODEV},
};

static const struct {
	const char *target, *path;
} links[] = {
	{"/proc/self/fd", "/dev/fd"},
	{"/proc/self/fd/0", "/dev/stdin"},
	{"/proc/self/fd/1", "/dev/stdout"},
	{"/proc/self/fd/2", "/dev/stderr"},
};

static int loopback_up(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return -errno;
	return 0;
}

void init_setup(void)
{
	int r;

	umask(0);
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		mkdir(mounts[i].path, mounts[i].mode);
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, mounts[i].flags,
			  mounts[i].options) < 0 &&
		    errno != EBUSY)
			fprintf(stderr, "lab-agent: %s: %s\n", mounts[i].path, strerror(errno));
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlink(links[i].target, links[i].path) < 0 && errno != EEXIST)
			fprintf(stderr, "lab-agent: %s: %s\n", links[i].path, strerror(errno));
	umask(022);
	r = loopback_up();
	if (r < 0)
		fprintf(stderr, "lab-agent: lo: %s\n", strerror(-r));
	if (sethostname("lab", strlen("lab")) < 0)
		fprintf(stderr, "lab-agent: host name: %s\n", strerror(errno));
}

void init_poweroff(void)
{
	sync();
	reboot(RB_POWER_OFF);
}
