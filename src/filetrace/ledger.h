/*
 * Reading the store (store.h), for those who answer: without a right to write it, beside the
 * writer.
 *
 * Everything read by one call is of one moment. Names are as they are kept: bytes. -ENOENT while
 * there is no store yet; -EBADMSG for one that makes no sense.
 */
#ifndef FILETRACE_LEDGER_H
#define FILETRACE_LEDGER_H

#include "filetrace/record.h"

struct ledger;

/* @dirfd: the folder of the store. Opens the database when it is first there. */
int ledger_new(int dirfd, struct ledger **ret_ledger);
void ledger_free(struct ledger *l);

struct ledger_filter {
	const char *path; /* a path; ending in "/": all below; with *, ? or [: a glob; NULL: any */
	int64_t user; /* effective or login user; -1: any */
	int64_t since_ns, until_ns; /* CLOCK_REALTIME, both inclusive; 0: any */
	int64_t before, after; /* ids, exclusive; 0: any */
	bool ascending; /* from the oldest on */
};

/* An image of a process, with its arguments. */
struct ledger_image {
	struct ft_image image;
	char *args; /* NUL-terminated strings, image.args_bytes; owned */
};

/* What is told for each record: without diff; with the program of its process (NULL: not known). */
struct ledger_row {
	struct record record;
	const char *exe; /* borrowed for the call; NULL for none */
};

/*
 * Up to @limit of those that fit @filter. *@ret_more: there are others. A non-zero result of @fn
 * ends it and is returned. An unusual filter does not read the whole store without an end: at most
 * 200,000 records are looked at, and *@ret_more is true then.
 */
int ledger_list(struct ledger *l, const struct ledger_filter *filter, unsigned limit,
		int (*fn)(void *data, const struct ledger_row *row), void *data, bool *ret_more);

/* One record with diff and fields; the image of its process first, then its ancestors, the nearest
 * first. *@ret_cut: some of them are not known. All the caller's; ledger_images_free(). */
int ledger_show(struct ledger *l, int64_t id, struct record *ret_record,
		struct ledger_image **ret_images, size_t *ret_count, bool *ret_cut);
void ledger_images_free(struct ledger_image *images, size_t count);

/* As of store_get_content(). */
int ledger_content(struct ledger *l, const struct sha256 *sha256, char **ret_bytes,
		   size_t *ret_len);

struct ledger_watch {
	char *path, *problem; /* owned; problem NULL: none */
	bool user;
	uint64_t files;
};
int ledger_watches(struct ledger *l, struct ledger_watch **ret_watches, size_t *ret_count,
		   uint64_t *ret_request);
void ledger_watches_free(struct ledger_watch *watches, size_t count);

struct ledger_status {
	char *backend, *problem; /* owned; problem NULL: none */
	char **cannot_see; /* str_vector_free() */
	uint64_t lost, files, attributed[ATTRIBUTION_COUNT];
	int64_t oldest, newest; /* ids; 0 when there is none */
	uint64_t records, store_bytes;
};
int ledger_status(struct ledger *l, struct ledger_status *ret_status);
void ledger_status_deinit(struct ledger_status *s);

#endif
