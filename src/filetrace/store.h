/*
 * The store: records, contents, process images, and what every path was last. SQLite, in WAL mode;
 * one writer, any number of readers (ledger.h) that have no right to write.
 *
 *	trace.sqlite	records, images, contents (zstd, by SHA-256), baselines, watches:
 *			readable by the group of the folder, the service that answers
 *	secret.sqlite	the key and the digests of redact.h: readable by the writer only
 *
 * Everything between store_begin() and store_commit() is there as a whole or not at all, whenever
 * the process is killed; after a loss of power the last transactions may be missing, the file is
 * sound. Functions return 0 or a negative errno: -ENOSPC when the disk is full (what was written in
 * this transaction is gone then, store_begin() anew), -EBADMSG for a file that is no store or is
 * damaged, -EPROTO for one of a later version.
 */
#ifndef FILETRACE_STORE_H
#define FILETRACE_STORE_H

#include "filetrace/record.h"
#include "filetrace/redact.h"

#define STORE_DIR "/var/lib/leonhard/filetrace"

struct store;

/* @dirfd: the folder of the store; files that are missing are made, with mode 0640 and 0600. */
int store_open(int dirfd, struct store **ret_store);
void store_close(struct store *s);
/* Puts the files of a damaged store, which is not open, out of the way: damaged-NAME, in place of
 * an earlier one. */
int store_set_aside(int dirfd);

int store_begin(struct store *s);
int store_commit(struct store *s);
void store_rollback(struct store *s);
/* Commits when @r, of what was done since store_begin() or of that itself, is not negative; else
 * undoes it. The failure, or 0. */
int store_end(struct store *s, int r);

/* ---- what happened ---- */

/* An image of this boot with its arguments (@len bytes, NUL-terminated strings); again is fine. */
int store_put_image(struct store *s, const char *boot_id, const struct ft_image *image,
		    const char *args, size_t len);
/* The fixed part of an image, without its names. -ENOENT. */
int store_get_image(struct store *s, const char *boot_id, uint64_t id, struct ft_image *ret_image);
/* A record; *@ret_id is larger than that of any before, also of those that are gone. */
int store_put_record(struct store *s, const char *boot_id, const struct record *r, int64_t *ret_id);

/* A content is not larger; -EFBIG. */
enum { STORE_CONTENT_BYTES_MAX = 64 * 1024 * 1024 };

/* Content under its hash, compressed; again is fine. */
int store_put_content(struct store *s, const struct sha256 *sha256, const void *bytes, size_t len);
/* -ENOENT when it is not there, or was dropped. The caller's, with a NUL behind it. */
int store_get_content(struct store *s, const struct sha256 *sha256, char **ret_bytes,
		      size_t *ret_len);

/* ---- what paths are ---- */

/* An absent one is forgotten. */
int store_put_baseline(struct store *s, const char *path, const struct state *state);
/* Absent when there is none. */
int store_get_baseline(struct store *s, const char *path, struct state *ret_state);
/* Each that is not absent, by path; @fn may not write. A non-zero result ends it. */
int store_each_baseline(struct store *s,
			int (*fn)(void *data, const char *path, const struct state *state),
			void *data);

/* NULL text: none. In secret.sqlite. */
int store_put_digest(struct store *s, const char *path, const char *digest);
int store_get_digest(struct store *s, const char *path, char **ret_digest);
void store_redact_key(const struct store *s, struct redact_key *ret_key);

/* ---- where we are ---- */

/* The position in the source's ring up to which everything is stored. 0 for another boot. */
int store_put_position(struct store *s, const char *boot_id, uint64_t position);
int store_get_position(struct store *s, const char *boot_id, uint64_t *ret_position);

/*
 * Events of edits that are not finished: the ring has let go of them, and a daemon that is killed
 * begins with them. At most STORE_EVENTS are kept, the newest. Told in the order of their adding.
 */
enum { STORE_EVENTS = 16384 };
int store_put_event(struct store *s, const struct ft_event *event);
/* Those of which @fn says so are still of use, and no others; NULL: none is. */
int store_keep_events(struct store *s, bool (*fn)(void *data, const struct ft_event *event),
		      void *data);
int store_each_event(struct store *s, int (*fn)(void *data, const struct ft_event *event),
		     void *data);

/* What those who ask are told: replaced as a whole. @request: the number of the last request for
 * watches that is in effect. */
struct store_watch {
	const char *path; /* pattern, bytes */
	bool user;
	uint64_t files;
	const char *problem; /* NULL: none */
};
int store_put_watches(struct store *s, const struct store_watch *watches, size_t count,
		      uint64_t request);
/* Whether it was in effect when they were put last: 1, 0 or a negative errno. */
int store_has_watch(struct store *s, const char *path);

/* What runs, for those who ask. */
struct store_status {
	const char *backend;
	const char *const *cannot_see; /* NULL-terminated */
	uint64_t lost;
	uint64_t attributed[ATTRIBUTION_COUNT]; /* records since the start */
	uint64_t files; /* under watch */
	const char *problem; /* NULL: none */
};
int store_put_status(struct store *s, const struct store_status *status);

/* ---- keeping it small ---- */

struct store_limits {
	uint64_t content_bytes; /* of all contents, compressed */
	uint64_t records; /* how many are kept */
	uint64_t age_ns; /* 0: any */
	uint64_t free_bytes; /* of the disk, that are left to others; 8 MiB are set aside beside */
	/* Whether an image of @boot_id may still be named by a record to come: it stays then. NULL:
	 * none may. */
	bool (*lives)(void *data, const char *boot_id, uint64_t image);
	void *data;
};

/*
 * Drops what the limits do not allow, the oldest first and contents before records; never a content
 * that is a path's present one, nor the newest thousand records. At most @work rows at a time: 1
 * when there is more to do, 0 when not. In a transaction of its own.
 */
int store_retain(struct store *s, const struct store_limits *limits, unsigned work);

#endif
