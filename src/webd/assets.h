/*
 * The files of the console, in memory: what is below /usr/share/leonhard/web when they are read. A
 * request names one exactly or gets none, so no name leads anywhere else.
 *
 * A file NAME.gz beside NAME is the same, compressed before. NAME ends in one of the types that are
 * known here; others are left out.
 */
#ifndef WEBD_ASSETS_H
#define WEBD_ASSETS_H

#include <microhttpd.h>
#include <stddef.h>

#define ASSETS_DIR "/usr/share/leonhard/web"

enum { ASSETS_MAX = 256, ASSETS_DEPTH = 8, ASSET_BYTES_MAX = 1024 * 1024, ASSET_ETAG_MAX = 20 };

struct asset {
	char *path; /* "/app/list.js" */
	const char *type;
	char etag[ASSET_ETAG_MAX]; /* with its quotes */
	/* They own the content. There may be none compressed. */
	struct MHD_Response *plain_response, *gzip_response, *same_response;
};

struct assets {
	struct asset *all; /* by path */
	size_t count;
};

/* What is there; a folder that is missing is empty. */
int assets_load(int root_fd, struct assets *ret_assets);
void assets_deinit(struct assets *a);

/* NULL for none. "/" and "/index.html" are the same. */
const struct asset *assets_find(const struct assets *a, const char *path);

/* The response to a GET of it, borrowed, and its status. */
struct MHD_Response *asset_response(const struct asset *one, const char *accept_encoding,
				    const char *if_none_match, unsigned *ret_status);

#endif
