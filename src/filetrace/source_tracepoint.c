/*
 * The source "tracepoint": files by fanotify, processes by BPF programs on tracepoints.
 *
 * The programs (bpf/tracepoint.bpf.c) know each program that a process runs, its arguments and its
 * parents, from its beginning, and for a while after its end. An event of fanotify names a process;
 * who that was is looked up in their maps, and the images are put into the queue ahead of the
 * event. Nothing is pinned.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/time.h"
#include "filetrace/bpf/tracepoint.h"
#include "filetrace/bpf/filter.h"
#include "filetrace/bpf/image.h"
#include "filetrace/bpf/tracepoint.skel.h"
#include "filetrace/bpfload.h"
#include "filetrace/fansource.h"
#include "filetrace/sources.h"

enum { SENT_MAX = 16384 };

#define GONE_NS (60 * NS_PER_S) /* so long may an event wait to be read */

static const char *const cannot_see[] = {
	"Of a process that runs another program before its event is read, and did not "
	"write, the later program is named: fanotify does not say when something happened.",
	"The user and the session are those of the moment when the event is read or the "
	"process ended.",
	"Stores through a mapping are seen when it is unmapped or its process ends, not "
	"before.",
	"What is made in a new directory in its first moments is recorded without who made "
	"it.",
	"Several changes by one process that follow each other quickly are one.",
	"The number that proves that nobody wrote meanwhile grows with each event that is "
	"seen, not before each modification: a change within the moment of reading is "
	"noticed afterwards.",
	"Whether times, attributes or an ACL were changed is not told apart. Flags (chattr)"
	" and mounts are not seen to change.",
	"Names that a file gets outside of what is under watch are not seen; what is "
	"written through them is.",
	"Nothing is seen while the daemon does not run; it is found by comparing, without "
	"who did it.",
	NULL,
};

static const char no_types[] = "the kernel has no type information (BTF)",
		  no_load[] = "the kernel refuses programs on tracepoints",
		  no_attach[] = "the kernel does not attach programs on tracepoints";

/* An image that was put into the queue. */
struct sent {
	struct hashmap_link link;
	uint64_t id;
};

struct images {
	struct tracepoint_bpf *skel;
	struct fan *fan;
	struct hashmap sent;
	struct sent *room; /* SENT_MAX of them */
};

/* ---- images ---- */

static bool was_sent(const struct images *i, uint64_t id)
{
	struct hashmap_link *l = hashmap_first(&i->sent, hashmap_hash(&id, sizeof(id), 0));

	for (; l; l = hashmap_next(l))
		if (hashmap_item(l, struct sent, link)->id == id)
			return true;
	return false;
}

/* When there is no more room all is forgotten: to be told of an image twice does no harm. */
static void note_sent(struct images *i, uint64_t id)
{
	struct sent *s;

	if (i->sent.count == SENT_MAX)
		for (size_t k = 0; k < SENT_MAX; k++)
			hashmap_remove(&i->sent, &i->room[k].link);
	s = &i->room[i->sent.count];
	s->id = id;
	hashmap_add(&i->sent, &s->link, hashmap_hash(&id, sizeof(id), 0));
}

static int read_image(const struct images *i, uint64_t id, struct image *ret_image)
{
	if (!id)
		return -ESRCH;
	return bpf_map__lookup_elem(i->skel->maps.images, &id, sizeof(id), ret_image,
				    sizeof(*ret_image), 0) < 0
		       ? -ESRCH
		       : 0;
}

/* The bytes of the arguments that are there. */
static uint32_t read_args(const struct images *i, uint64_t program, uint32_t len, char *args)
{
	struct args_key key = {.program = program};

	len = len < FT_ARGS_BYTES ? len : FT_ARGS_BYTES;
	for (; key.chunk * FT_ARGS_CHUNK < len; key.chunk++)
		if (bpf_map__lookup_elem(i->skel->maps.args, &key, sizeof(key),
					 args + key.chunk * FT_ARGS_CHUNK, FT_ARGS_CHUNK, 0) < 0)
			return key.chunk * FT_ARGS_CHUNK;
	return len;
}

static void send_one(struct images *i, const struct image *v)
{
	_cleanup_free_ char *args = calloc(1, FT_ARGS_BYTES);
	struct program program = {0};
	struct ft_image image = {0};

	if (!args)
		return;
	memcpy(&image, v, IMAGE_HEAD);
	/* One that has just gone leaves an image without a path. */
	bpf_map__lookup_elem(i->skel->maps.programs, &v->program, sizeof(v->program), &program,
			     sizeof(program), 0);
	memcpy(image.exe, program.exe, sizeof(image.exe) - 1);
	image.flags |= program.flags;
	image.args_bytes = read_args(i, v->program, program.args_bytes, args);
	fan_procs_send(&i->fan->procs, &image, args);
	note_sent(i, image.id);
}

/* Sends what was not yet sent of an image and its ancestors, the outermost first. */
static void send_line(struct images *i, uint64_t id)
{
	uint64_t line[FT_ANCESTRY + 1];
	struct image v;
	size_t count = 0;

	while (count < ARRAY_SIZE(line) && !was_sent(i, id) && read_image(i, id, &v) == 0) {
		line[count++] = id;
		id = v.parent;
	}
	while (count)
		if (read_image(i, line[--count], &v) == 0)
			send_one(i, &v);
}

/* ---- who ---- */

static int find_live(const struct images *i, struct ft_actor *actor)
{
	uint32_t pid = actor->pid;
	struct process p;

	if (bpf_map__lookup_elem(i->skel->maps.procs, &pid, sizeof(pid), &p, sizeof(p), 0) < 0)
		return -ESRCH;
	actor->image = p.image;
	return 0;
}

static int find_gone(const struct images *i, uint32_t pid, struct ft_actor *ret_actor)
{
	struct ft_gone g;

	if (bpf_map__lookup_elem(i->skel->maps.gone, &pid, sizeof(pid), &g, sizeof(g), 0) < 0 ||
	    time_now_ns(CLOCK_BOOTTIME) - g.end_ns > GONE_NS)
		return -ESRCH;
	*ret_actor = g.actor;
	return 0;
}

/* The program that the process ran when it wrote, if it is of this very process. */
static void find_touch(const struct images *i, const struct ft_key *inode, uint64_t start_ns,
		       struct ft_actor *actor)
{
	struct ft_touch_key key = {.inode = *inode, .pid = actor->pid};
	struct image v;
	struct ft_actor a;

	if (bpf_map__lookup_elem(i->skel->maps.touches, &key, sizeof(key), &a, sizeof(a), 0) < 0 ||
	    read_image(i, a.image, &v) < 0 || v.start_ns != start_ns)
		return;
	*actor = a;
	/* It is told once: what comes without a note of its own is of the present program. */
	bpf_map__delete_elem(i->skel->maps.touches, &key, sizeof(key), 0);
}

static int identify(void *data, const struct ft_key *inode, struct ft_actor *actor,
		    uint64_t *ret_start_ns)
{
	struct images *i = data;
	struct image v;
	int r = -ESRCH;

	/* What /proc did not say of a process is known if it has ended. */
	if (actor->uid != FT_UNSET)
		r = find_live(i, actor);
	if (r < 0)
		r = find_gone(i, actor->pid, actor);
	if (r == 0)
		r = read_image(i, actor->image, &v);
	if (r < 0)
		return r;
	*ret_start_ns = v.start_ns;
	find_touch(i, inode, *ret_start_ns, actor);
	send_line(i, actor->image);
	return 0;
}

static void set_watched(void *data, const struct ft_key *key)
{
	struct images *i = data;

	ft_filter_add(i->skel->bss->filter, key->ino);
}

/* ---- opening ---- */

static bool has_types(void)
{
	struct btf *btf = btf__load_vmlinux_btf();

	btf__free(btf);
	return btf;
}

static int load(struct images *i, const char **ret_reason)
{
	bpfload_begin();
	*ret_reason = no_types;
	if (!has_types())
		return -EOPNOTSUPP;
	i->skel = tracepoint_bpf__open();
	if (!i->skel)
		return -errno;
	bpf_program__set_autoattach(i->skel->progs.processes, false);
	i->skel->bss->last_image = bpfload_first_image();
	*ret_reason = no_load;
	if (tracepoint_bpf__load(i->skel) < 0)
		return bpfload_refused();
	*ret_reason = no_attach;
	if (tracepoint_bpf__attach(i->skel) < 0)
		return bpfload_refused();
	if (bpfload_processes(i->skel->progs.processes, &i->skel->bss->late_links) < 0)
		return -EOPNOTSUPP;
	return 0;
}

static void images_free(struct images *i)
{
	if (!i)
		return;
	tracepoint_bpf__destroy(i->skel);
	hashmap_deinit(&i->sent);
	free(i->room);
	free(i);
}

static int images_new(struct fan *f, struct images **ret_images, const char **ret_reason)
{
	struct images *i = calloc(1, sizeof(*i));
	int r;

	if (!i)
		return -ENOMEM;
	i->fan = f;
	i->room = calloc(SENT_MAX, sizeof(*i->room));
	r = i->room ? hashmap_init(&i->sent) : -ENOMEM;
	if (r == 0)
		r = load(i, ret_reason);
	if (r < 0)
		images_free(i);
	else
		*ret_images = i;
	return r;
}

static void tracepoint_close(struct source *s, bool keep)
{
	if (!s)
		return;
	fan_deinit(&s->fan);
	images_free(s->images);
	free(s);
}

static int tracepoint_open(const struct source_config *config, struct source **ret_source,
			   bool *ret_adopted, const char **ret_reason)
{
	struct source *s = calloc(1, sizeof(*s));
	struct images *images = NULL;
	int r;

	if (!s)
		return -ENOMEM;
	r = fan_init(&s->fan, config->root_fd, ret_reason);
	if (r == 0)
		r = images_new(&s->fan, &images, ret_reason);
	s->images = images;
	if (r < 0) {
		tracepoint_close(s, false);
		return r;
	}
	s->fan.data = s->fan.procs.data = images;
	s->fan.watched = set_watched;
	s->fan.procs.identify = identify;
	*ret_source = s;
	*ret_adopted = false;
	return 0;
}

const struct source_ops source_tracepoint = {
	.name = "tracepoint",
	.cannot_see = cannot_see,
	.open = tracepoint_open,
	.close = tracepoint_close,
	.fd = fan_source_fd,
	.read = fan_source_read,
	.commit = fan_source_commit,
	.position = fan_source_position,
	.skip = fan_source_skip,
	.watch_dir = fan_source_watch_dir,
	.watch_name = fan_source_watch_name,
	.watch_inode = fan_source_watch_inode,
	.unwatch_dir = fan_source_unwatch_dir,
	.unwatch_name = fan_source_unwatch_name,
	.unwatch_inode = fan_source_unwatch_inode,
	.inode = fan_source_inode,
	.counts = fan_source_counts,
};
