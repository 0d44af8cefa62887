/*
 * The capturing daemon: what its files share. It has one thread and one loop; what it does for one
 * batch of events is one transaction of the store (consume.c).
 *
 * Whatever fails in a batch ends it as a kill would: everything in memory is thrown away, and begun
 * anew from the store and from the ring, where the store says (open.c). So there is one way back
 * from trouble, and it is the one that every start takes.
 */
#ifndef FILETRACE_CAPTURE_H
#define FILETRACE_CAPTURE_H

#include <uv.h>

#include "base/daemon.h"
#include "base/str.h"
#include "core/list.h"
#include "filetrace/capture/images.h"
#include "filetrace/capture/resolve.h"
#include "filetrace/capture/settings.h"
#include "filetrace/capture/watches.h"
#include "filetrace/edit.h"
#include "filetrace/hashmap.h"
#include "filetrace/source.h"
#include "filetrace/store.h"

#define CAPTURE_PIN_DIR "/sys/fs/bpf"

enum { CAPTURE_BOOT_ID_BYTES = 64 };

struct capture {
	struct daemon *daemon;
	const struct settings *settings;
	char boot_id[CAPTURE_BOOT_ID_BYTES];
	int store_fd, lock_fd; /* the folder, and the file whose lock says that somebody writes */

	/* From here on: gone and made anew after a failure. */
	struct store *store;
	const struct source_ops *ops;
	struct source *source;
	struct images *images;
	struct watchset *set;
	struct tree *tree;
	struct resolve *resolve;
	struct edits *edits;
	struct looking *looking; /* who wants to know of each file in a walk; compare.c */
	struct strbuf read; /* the events of this batch, one behind the other */
	uint64_t read_ns; /* the time of the last one */
	int read_failed; /* what ended the reading, or 0 */
	struct list chores; /* to be done at the end of the batch */
	uint64_t lost, looked_ns; /* as of the last look at everything */
	bool look_closely; /* at everything, as soon as it may be */
	bool doubt; /* edits, when the ring is empty */
	struct list suspects, busy_suspects; /* changed by nobody known so far */
	struct hashmap suspects_by_path;
	struct watches watches;
	bool told; /* the status in the store is what it should be */

	uint64_t attributed[ATTRIBUTION_COUNT]; /* records since the start */
	uint64_t tidy_at; /* with how many of them the limits are looked at again */
	const char *problem; /* static, for Health; NULL: none */
	int failed; /* what the last failure was */

	uv_poll_t *events; /* of the source; freed when the loop has closed it */
	uv_timer_t due, again, tidy;
	uv_fs_event_t requests;
	bool initialized;
};

/* open.c: the loop's handles; everything of the second half; the same anew, and after a failure. */
void capture_init(struct capture *c);
void capture_deinit(struct capture *c, bool keep);
int capture_open(struct capture *c);
void capture_restart(struct capture *c);
void capture_fail(struct capture *c, int r, const char *what);

/* choose.c: the best source that works here. */
int choose_source(struct capture *c, bool *ret_adopted);

/* consume.c: one batch; what is over; and when to look next. */
int consume(struct capture *c);
void consume_arm(struct capture *c);
/* All that is there, before anything is compared. */
int consume_all(struct capture *c);
/* Within a batch: takes in what has come since. */
int consume_waiting(struct capture *c);

/* world.c: what edits ask; and a baseline without a record, for what is under watch anew. */
extern const struct edits_ops world_ops;
int world_accept(struct capture *c, const char *path, const struct state *state);

/*
 * chores.c: what an event leads to and cannot be done within it. Paths are copied. What needs a
 * look at everything is done at most every two seconds; chores_next_ns() tells when
 * (CLOCK_BOOTTIME).
 */
int chore_directory(struct capture *c, const char *path, const struct ft_actor *actor);
int chore_resolve(struct capture *c, const char *path, const struct ft_actor *actor);
int chore_mounts(struct capture *c, const struct ft_actor *actor);
int chore_everything(struct capture *c, bool closely);
int chore_lost(struct capture *c, uint64_t lost);
int chores_do(struct capture *c);
uint64_t chores_next_ns(const struct capture *c);
void chores_forget(struct capture *c);

/*
 * compare.c: looks at what is under watch, at @below and under it (NULL: all), and records what is
 * not as its baseline says. @actor: who is behind it, or NULL: that is a matter for suspects.c;
 * @method: how, or METHOD_UNKNOWN.
 * @closely: content is read even where size and times are the same.
 *
 * Edits that go on are left out; so is what an edit has done of which nobody has read the events
 * yet, since they are read before anything is recorded. So it is a part of a batch.
 */
struct looking;
struct compare {
	const char *below;
	const struct ft_actor *actor;
	enum method method;
	bool closely;
};
int compare(struct capture *c, const struct compare *how);
/* What @path was and is, by whom @how says. */
int compare_record(struct capture *c, const struct compare *how, const char *path,
		   const struct state *old, const struct state *new);
/* Of struct resolve_config. */
int compare_file(void *data, const char *path, const struct ft_key *key, int fd);

/*
 * suspects.c: what has changed, and no event says by whom. It is recorded without an author when it
 * is still as it was seen, a moment later, and no event is left that could tell: suspects_settle()
 * is for a batch that has emptied the ring.
 */
int suspect_add(struct capture *c, const char *path, const struct state *state, enum method method);
/* An edit is busy with it, and may have missed something. */
int suspect_add_busy(struct capture *c, const char *path);
int suspects_settle(struct capture *c);
/* When to settle them, CLOCK_BOOTTIME; UINT64_MAX for never. */
uint64_t suspects_next_ns(struct capture *c);
void suspects_forget(struct capture *c);

/* tidy.c: retention, and room to breathe on a full disk. */
void tidy_arm(struct capture *c);
/* Drops what can be dropped before another beginning; for a store that is not open. */
void tidy_emergency(struct capture *c);

#endif
