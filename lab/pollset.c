/*
 * One turn of a poll loop; see pollset.h.
 */
#include "lab/pollset.h"

#include <assert.h>
#include <errno.h>

void pollset_init(struct pollset *ps)
{
	ps->count = 0;
}

void pollset_add(struct pollset *ps, int fd, short events, pollset_fn fn, void *data)
{
	if (fd < 0 || events == 0)
		return;
	assert(ps->count < POLLSET_MAX);
	ps->fds[ps->count] = (struct pollfd){.fd = fd, .events = events};
	ps->calls[ps->count].fn = fn;
	ps->calls[ps->count].data = data;
	ps->count++;
}

int pollset_turn(struct pollset *ps, int timeout_ms)
{
	int r = poll(ps->fds, ps->count, timeout_ms);

	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	for (unsigned i = 0; r > 0 && i < ps->count; i++) {
		if (!ps->fds[i].revents)
			continue;
		r = ps->calls[i].fn(ps->calls[i].data, ps->fds[i].revents);
		if (r < 0)
			return r;
		r = 1;
	}
	return 0;
}
