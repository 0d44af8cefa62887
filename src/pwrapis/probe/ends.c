/*
 * Loading the program that tells of ends; see ends.h. What libbpf says about it is not printed: why
 * there is none is told by its error.
 */
#include "pwrapis/probe/ends.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>

#include "base/def.h"
#include "pwrapis/probe/ends.skel.h"
#include "pwrapis/probeproto.h"

struct ends {
	struct ends_bpf *skel;
};

static int no_message(enum libbpf_print_level level, const char *format, va_list args)
{
	return 0;
}

/* Loads and attaches: 0, -ENOMEM, -EPERM without the capabilities, or -EOPNOTSUPP. */
static int load(struct ends *e)
{
	int r;

	libbpf_set_print(no_message);
	e->skel = ends_bpf__open();
	if (!e->skel)
		return errno == ENOMEM ? -ENOMEM : -EOPNOTSUPP;
	bpf_map__set_max_entries(e->skel->maps.ring, PROBE_RING_BYTES);
	r = ends_bpf__load(e->skel);
	if (r == 0)
		r = ends_bpf__attach(e->skel);
	if (r == -ENOMEM || r == -EPERM)
		return r;
	return r < 0 ? -EOPNOTSUPP : 0;
}

int ends_open(struct ends **ret_ends)
{
	struct ends *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	r = load(e);
	if (r < 0)
		ends_close(e);
	else
		*ret_ends = e;
	return r;
}

void ends_close(struct ends *e)
{
	if (!e)
		return;
	ends_bpf__destroy(e->skel);
	free(e);
}

int ends_fd(const struct ends *e)
{
	return bpf_map__fd(e->skel->maps.ring);
}
