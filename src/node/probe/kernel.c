/*
 * Trials of system calls; see kernel.h.
 */
#include "node/probe/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fanotify.h>
#include <linux/if_tun.h>
#include <linux/io_uring.h>
#include <linux/landlock.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/io.h"
#include "node/probe/trial.h"

enum { RING_ENTRIES = 4, SPIN_ROUNDS = 1000 * 1000 };

/* Of newer headers than some: only faults of user space, which needs no capability. */
enum { FAULTS_OF_USER = 1 };

/* A child that opens @path: its exit status is the error. */
static pid_t open_in_child(const char *path)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(open(path, O_RDONLY | O_CLOEXEC) < 0 ? errno : 0);
	return pid;
}

/* Takes the question whether the file may be opened, and answers no. */
static int answer_no(int group)
{
	struct fanotify_event_metadata event;
	struct fanotify_response response = {.response = FAN_DENY};
	ssize_t n = read(group, &event, sizeof(event));

	if (n != sizeof(event) || !(event.mask & FAN_OPEN_PERM))
		return n < 0 ? -errno : -EPROTO;
	response.fd = event.fd;
	n = write(group, &response, sizeof(response));
	close(event.fd);
	return n == sizeof(response) ? 0 : -EIO;
}

/* Asks to be asked about one file of our own, which a child then opens. */
static int refuse_open(int group)
{
	_cleanup_close_ int fd = memfd_create("leonhard-probe", MFD_CLOEXEC);
	char path[64];
	int status, r;
	pid_t pid;

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, path) < 0)
		return -errno;
	pid = open_in_child(path);
	r = pid < 0 ? -errno : answer_no(group);
	if (r < 0)
		return r;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == EPERM ? 0 : -EPROTO;
}

void trial_fanotify(struct finding *f, const void *data)
{
	_cleanup_close_ int group =
		fanotify_init(FAN_CLOEXEC | FAN_CLASS_CONTENT, O_RDONLY | O_CLOEXEC);
	int r;

	finding_detail(f, "to be asked before a file is opened (fanotify)");
	if (group < 0) {
		trial_failed(f, -errno, "fanotify_init with FAN_CLASS_CONTENT");
		return;
	}
	r = refuse_open(group);
	if (r < 0)
		trial_failed(f, r, "fanotify_init works; refusing to open a file of the probe");
	else
		finding_set(f, POWER_YES, "a child of the probe was refused to open a file");
}

/* The probe may do it when others may not. */
static void tell_who_may(struct finding *f)
{
	_cleanup_free_ char *text = NULL;

	if (io_read_file(AT_FDCWD, "/proc/sys/kernel/io_uring_disabled", 64, &text, NULL) == 0 &&
	    text[0] == '1')
		finding_detail(f, ", for the privileged and one group only");
}

void trial_io_uring(struct finding *f, const void *data)
{
	struct io_uring_params p = {};
	_cleanup_close_ int fd = syscall(SYS_io_uring_setup, RING_ENTRIES, &p);

	finding_detail(f, "system calls in batches (io_uring)");
	tell_who_may(f);
	if (fd < 0)
		trial_failed(f, -errno, "io_uring_setup");
	else
		finding_set(f, POWER_YES, "io_uring_setup made a ring, features 0x%x", p.features);
}

void trial_landlock(struct finding *f, const void *data)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	finding_detail(f, "processes that confine themselves (Landlock)");
	if (abi < 0) {
		trial_failed(f, -errno, "landlock_create_ruleset");
		return;
	}
	finding_detail(f, ", ABI %ld", abi);
	finding_set(f, POWER_YES, "landlock_create_ruleset says version %ld", abi);
}

void trial_perf_cycles(struct finding *f, const void *data)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.exclude_kernel = 1,
	};
	_cleanup_close_ int fd =
		syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	uint64_t cycles = 0;

	finding_detail(f, "counters of the processor (cycles)");
	if (fd < 0) {
		trial_failed(f, -errno, "perf_event_open for cycles");
		return;
	}
	for (volatile int i = 0; i < SPIN_ROUNDS; i++)
		;
	if (read(fd, &cycles, sizeof(cycles)) != sizeof(cycles))
		trial_failed(f, -errno, "perf_event_open works; reading the count");
	else if (cycles < SPIN_ROUNDS)
		finding_set(f, POWER_NO, "counted %llu cycles in a loop of %d rounds",
			    (unsigned long long)cycles, SPIN_ROUNDS);
	else
		finding_set(f, POWER_YES, "counted %llu cycles in a loop of %d rounds",
			    (unsigned long long)cycles, SPIN_ROUNDS);
}

void trial_tun(struct finding *f, const void *data)
{
	struct ifreq request = {.ifr_name = "leonhard%d", .ifr_flags = IFF_TUN | IFF_NO_PI};
	_cleanup_close_ int fd = -1;

	finding_detail(f, "network interfaces of programs (tun)");
	if (unshare(CLONE_NEWNET) < 0) {
		trial_failed(f, -errno, "making a network namespace");
		f->state = POWER_UNKNOWN;
		return;
	}
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		trial_failed(f, -errno, "opening /dev/net/tun");
	else if (ioctl(fd, TUNSETIFF, &request) < 0)
		trial_failed(f, -errno, "/dev/net/tun opens; making an interface");
	else
		finding_set(f, POWER_YES, "made an interface in a network namespace of its own");
}

void trial_userfaultfd(struct finding *f, const void *data)
{
	struct uffdio_api api = {.api = UFFD_API};
	_cleanup_close_ int fd = syscall(SYS_userfaultfd, O_CLOEXEC | FAULTS_OF_USER);

	finding_detail(f, "page faults handled by programs (userfaultfd)");
	if (fd < 0)
		trial_failed(f, -errno, "userfaultfd");
	else if (ioctl(fd, UFFDIO_API, &api) < 0)
		trial_failed(f, -errno, "userfaultfd opens; UFFDIO_API");
	else
		finding_set(f, POWER_YES, "UFFDIO_API answered, features 0x%llx",
			    (unsigned long long)api.features);
}
