/*
 * Group "trace": fentry and fexit of vfs_unlink() tell of a file that we remove, through a ring
 * buffer, with our process id, the file's name and the result.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "probe.h"
#include "trace.h"
#include "trace.skel.h"

static const char victim[] = "probe-traced";

/* What came of the victim; of other files of the machine there may be anything. */
struct seen {
	struct unlink_event entry, exit;
	int entries_count, exits_count;
};

static void destroy(struct trace_bpf **skel)
{
	trace_bpf__destroy(*skel);
}

static void free_ring(struct ring_buffer **ring)
{
	ring_buffer__free(*ring);
}

static int on_event(void *data, void *bytes, size_t len)
{
	const struct unlink_event *event = bytes;
	struct seen *seen = data;

	if (len < sizeof(*event) || strcmp(event->name, victim))
		return 0;
	if (event->kind == UNLINK_ENTRY) {
		seen->entry = *event;
		seen->entries_count++;
	} else {
		seen->exit = *event;
		seen->exits_count++;
	}
	return 0;
}

static int remove_victim(void)
{
	_cleanup_close_ int fd = probe_file(victim);

	return fd < 0 || unlink(victim) < 0 ? -errno : 0;
}

void check_trace(void)
{
	_cleanup_(destroy) struct trace_bpf *skel = trace_bpf__open_and_load();
	_cleanup_(free_ring) struct ring_buffer *ring = NULL;
	struct seen seen = {0};

	if (!check_call(skel ? 0 : -errno, "fentry and fexit programs load"))
		return;
	ring = ring_buffer__new(bpf_map__fd(skel->maps.events), on_event, &seen, NULL);
	if (!check_call(ring ? 0 : -errno, "ring buffer opens") ||
	    !check_call(trace_bpf__attach(skel), "fentry and fexit programs attach") ||
	    !check_call(remove_victim(), "a file is removed under them"))
		return;
	check(ring_buffer__consume(ring) >= 2, "ring buffer delivers");
	check(seen.entries_count == 1 && seen.entry.pid == (unsigned)getpid(),
	      "fentry vfs_unlink sees the file and our pid");
	check(seen.exits_count == 1 && seen.exit.pid == (unsigned)getpid() && !seen.exit.result,
	      "fexit vfs_unlink sees the same and the result");
	check(skel->bss->lost == 0, "no event is lost");
	trace_bpf__detach(skel);
	remove_victim();
	ring_buffer__consume(ring);
	check(seen.entries_count == 1 && seen.exits_count == 1, "nothing is seen after detach");
}
