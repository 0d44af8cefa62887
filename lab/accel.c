/*
 * Whether guests run under KVM here; see accel.h.
 */
#include "lab/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"
#include "lab/guest.h"

#define CACHE "kvm-probe"
#define CACHE_BYTES_MAX 1024

static int run_true(struct loop *l)
{
	struct lab_exec e = {.argv = (char *[]){(char *)"true", NULL}};
	int r, status;

	r = loop_wait_ready(l);
	if (r == 0)
		r = loop_run(l, &e, (const int[]){-1, -1, -1}, &status);
	return r < 0 ? r : status == 0 ? 0 : -ENODEV;
}

static void poll_guest(void *data, struct pollset *ps)
{
	guest_poll(data, ps);
}

int accel_probe(struct loop *l, const struct artifacts *a)
{
	struct options o = {.cpus = 1, .mem_bytes = UINT64_C(256) << 20, .kernel_only = true};
	struct qemu_setup setup = {
		.options = &o, .kernel = a->kernel, .initramfs = a->initramfs, .kvm = true};
	struct loop probe = {.signal_fd = l->signal_fd, .poll = poll_guest};
	struct guest g;
	int r = guest_start(&g, &setup, -1);

	if (r < 0)
		return -ENODEV;
	probe.session = &g.session;
	probe.data = &g;
	loop_set_timeout(&probe, ACCEL_PROBE_MS);
	r = run_true(&probe);
	l->signal = probe.signal;
	guest_deinit(&g);
	return r == 0 || r == -EINTR ? r : -ENODEV;
}

static bool device_usable(void)
{
	_cleanup_close_ int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	return fd >= 0;
}

/* The file that would be executed for @name. */
static int stat_in_path(const char *name, struct stat *ret_stat)
{
	_cleanup_free_ char *path = strdup(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	char *rest = path, *directory;

	while (rest && (directory = strsep(&rest, ":"))) {
		_cleanup_free_ char *file = NULL;

		if (asprintf(&file, "%s/%s", directory, name) < 0)
			return -ENOMEM;
		if (stat(file, ret_stat) == 0)
			return 0;
	}
	return -ENOENT;
}

/* What the answer depends on: this boot of the host, QEMU, and the kernel. */
static int make_key(const struct artifacts *a, char **ret_key)
{
	_cleanup_free_ char *boot = NULL;
	struct stat qemu, kernel;
	int r = io_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 256, &boot, NULL);

	if (r < 0)
		return r;
	boot[strcspn(boot, "\n")] = '\0';
	r = stat_in_path("qemu-system-x86_64", &qemu);
	if (r < 0)
		return r;
	if (stat(a->kernel, &kernel) < 0)
		return -errno;
	if (asprintf(ret_key,
		     "%s %" PRIu64 ":%" PRIu64 " %" PRId64 " %" PRIu64 ":%" PRIu64 " %" PRId64,
		     boot, (uint64_t)qemu.st_dev, (uint64_t)qemu.st_ino, (int64_t)qemu.st_mtime,
		     (uint64_t)kernel.st_dev, (uint64_t)kernel.st_ino,
		     (int64_t)kernel.st_mtime) < 0)
		return -ENOMEM;
	return 0;
}

/* The kept answer: "KEY yes" or "KEY no". -ENOENT when there is none for this key. */
static int read_answer(int dirfd, const char *key, bool *ret_kvm)
{
	_cleanup_free_ char *text = NULL;
	size_t n = strlen(key);
	int r = io_read_file(dirfd, CACHE, CACHE_BYTES_MAX, &text, NULL);

	if (r < 0)
		return -ENOENT;
	if (strncmp(text, key, n) != 0 || text[n] != ' ')
		return -ENOENT;
	*ret_kvm = strcmp(text + n + 1, "yes\n") == 0;
	return 0;
}

static void keep_answer(int dirfd, const char *key, bool kvm)
{
	_cleanup_free_ char *text = NULL;
	int n = asprintf(&text, "%s %s\n", key, kvm ? "yes" : "no");

	/* Without the file the next lab asks again. */
	if (n > 0)
		io_replace_file(dirfd, CACHE, text, n, 0600);
	else
		text = NULL;
}

int accel_choose(struct loop *l, const struct options *o, const struct artifacts *a, int dirfd,
		 bool *ret_kvm)
{
	_cleanup_free_ char *key = NULL;
	int r;

	if (o->accel != ACCEL_AUTO || !device_usable() || access(a->initramfs, R_OK) < 0 ||
	    make_key(a, &key) < 0) {
		*ret_kvm = o->accel == ACCEL_KVM;
		return 0;
	}
	if (read_answer(dirfd, key, ret_kvm) == 0)
		return 0;
	fprintf(stderr, "lab-run: trying once whether guests run under KVM\n");
	r = accel_probe(l, a);
	if (r == -EINTR)
		return r;
	keep_answer(dirfd, key, r == 0);
	*ret_kvm = r == 0;
	return 0;
}
