/*
 * Loading programs into the kernel; see bpfload.h.
 */
#include "filetrace/bpfload.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/def.h"
#include "base/time.h"

static int no_message(enum libbpf_print_level level, const char *format, va_list args)
{
	return 0;
}

void bpfload_begin(void)
{
	libbpf_set_print(no_message);
}

int bpfload_refused(void)
{
	return errno == ENOMEM ? -ENOMEM : -EOPNOTSUPP;
}

uint64_t bpfload_first_image(void)
{
	return time_now_ns(CLOCK_BOOTTIME);
}

static int iterate(const struct bpf_link *link)
{
	_cleanup_close_ int fd = bpf_iter_create(bpf_link__fd(link));
	char text[64];
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = read(fd, text, sizeof(text))) != 0)
		if (n < 0 && errno != EINTR)
			return -errno;
	return 0;
}

int bpfload_processes(const struct bpf_program *iter, uint32_t *late_links)
{
	struct bpf_link *link = bpf_program__attach_iter(iter, NULL);
	int r;

	if (!link)
		return -errno;
	r = iterate(link);
	if (r == 0)
		r = iterate(link);
	*late_links = 1;
	if (r == 0)
		r = iterate(link);
	bpf_link__destroy(link);
	return r;
}
