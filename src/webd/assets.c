/*
 * The files of the console; see assets.h.
 */
#include "webd/assets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "webd/ask.h"
#include "webd/headers.h"

static const struct {
	const char *ending, *type;
} types[] = {
	{".html", "text/html; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".mjs", "text/javascript; charset=utf-8"},
	{".json", "application/json"},
	{".svg", "image/svg+xml"},
	{".png", "image/png"},
	{".ico", "image/x-icon"},
	{".webmanifest", "application/manifest+json"},
	{".txt", "text/plain; charset=utf-8"},
};

static const char *type_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (str_ends(name, types[i].ending))
			return types[i].type;
	}
	return NULL;
}

/* ---- one file ---- */

static void asset_deinit(struct asset *one)
{
	struct MHD_Response *responses[] = {one->plain_response, one->gzip_response,
					    one->same_response};

	for (size_t i = 0; i < ARRAY_SIZE(responses); i++) {
		if (responses[i])
			MHD_destroy_response(responses[i]);
	}
	free(one->path);
}

/* FNV-1a: the tag only has to differ when the content does, and nobody else chooses contents. */
static void make_etag(struct asset *one, const char *bytes, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	snprintf(one->etag, sizeof(one->etag), "\"%016llx\"", (unsigned long long)hash);
}

/*
 * Pages ask again each time, and get a short answer while nothing has changed. The response takes
 * the bytes, so that they live as long as somebody is still reading them, also after a reload.
 */
static int make_response(const struct asset *one, char *bytes, size_t len, const char *encoding,
			 struct MHD_Response **ret_response)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		len, bytes, len ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);

	char etag[ASSET_ETAG_MAX + 2];

	if (!response) {
		free(bytes);
		return -ENOMEM;
	}
	/* Weak, since it is the same for both encodings. */
	snprintf(etag, sizeof(etag), "W/%s", one->etag);
	if (headers_add(response) < 0 ||
	    !MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, etag) ||
	    !MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache") ||
	    !MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, "Accept-Encoding") ||
	    !MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, one->type) ||
	    (encoding &&
	     !MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, encoding))) {
		MHD_destroy_response(response);
		return -ENOMEM;
	}
	*ret_response = response;
	return 0;
}

static int make_responses(struct asset *one, char *plain, size_t plain_len, char *gzip,
			  size_t gzip_len)
{
	_cleanup_free_ char *left = gzip;
	int r = make_response(one, plain, plain_len, NULL, &one->plain_response);

	if (r == 0)
		r = make_response(one, NULL, 0, NULL, &one->same_response);
	if (r == 0 && gzip)
		r = make_response(one, take_ptr(left), gzip_len, "gzip", &one->gzip_response);
	return r;
}

static int read_beneath(int dir_fd, const char *name, char **ret_bytes, size_t *ret_len)
{
	_cleanup_close_ int fd = -1;
	int r = fs_open_beneath(dir_fd, name, O_RDONLY, 0, &fd);

	return r < 0 ? r : io_read_fd(fd, ASSET_BYTES_MAX, ret_bytes, ret_len);
}

static int read_gzip(int dir_fd, const char *name, char **ret_bytes, size_t *ret_len)
{
	_cleanup_free_ char *compressed = NULL;
	int r;

	if (asprintf(&compressed, "%s.gz", name) < 0)
		return -ENOMEM;
	r = read_beneath(dir_fd, compressed, ret_bytes, ret_len);
	return r == -ENOENT ? 0 : r;
}

static int asset_load(int dir_fd, const char *prefix, const char *name, struct asset *ret_one)
{
	_cleanup_free_ char *plain = NULL, *gzip = NULL;
	struct asset one = {.type = type_of(name)};
	size_t plain_len = 0, gzip_len = 0;
	int r = asprintf(&one.path, "%s/%s", prefix, name) < 0 ? -ENOMEM : 0;

	if (r == 0)
		r = read_beneath(dir_fd, name, &plain, &plain_len);
	if (r == 0)
		r = read_gzip(dir_fd, name, &gzip, &gzip_len);
	if (r == 0) {
		make_etag(&one, plain, plain_len);
		r = make_responses(&one, take_ptr(plain), plain_len, take_ptr(gzip), gzip_len);
	}
	if (r < 0)
		asset_deinit(&one);
	else
		*ret_one = one;
	return r;
}

/* ---- the folder ---- */

static int load_folder(int dir_fd, const char *prefix, unsigned depth, struct assets *a);

static int load_subfolder(int dir_fd, const char *prefix, const char *name, unsigned depth,
			  struct assets *a)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	if (depth == ASSETS_DEPTH)
		return -ELOOP;
	if (asprintf(&path, "%s/%s", prefix, name) < 0)
		return -ENOMEM;
	r = fs_open_beneath(dir_fd, name, O_RDONLY | O_DIRECTORY, 0, &fd);
	return r < 0 ? r : load_folder(fd, path, depth + 1, a);
}

static int load_entry(int dir_fd, const char *prefix, const char *name, unsigned depth,
		      struct assets *a)
{
	struct asset *grown;
	struct stat st;
	int r;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return load_subfolder(dir_fd, prefix, name, depth, a);
	if (!S_ISREG(st.st_mode) || !type_of(name))
		return 0;
	if (a->count == ASSETS_MAX)
		return -ENFILE;
	grown = reallocarray(a->all, a->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	a->all = grown;
	r = asset_load(dir_fd, prefix, name, &a->all[a->count]);
	if (r == 0)
		a->count++;
	return r;
}

static int load_folder(int dir_fd, const char *prefix, unsigned depth, struct assets *a)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = fs_list(dir_fd, "/", &names);

	for (char **name = names; r == 0 && *name; name++) {
		if (**name != '.')
			r = load_entry(dir_fd, prefix, *name, depth, a);
	}
	return r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct asset *)a)->path, ((const struct asset *)b)->path);
}

int assets_load(int root_fd, struct assets *ret_assets)
{
	_cleanup_close_ int fd = -1;
	struct assets a = {};
	int r = fs_open(root_fd, ASSETS_DIR, O_RDONLY | O_DIRECTORY, 0, &fd);

	if (r == 0)
		r = load_folder(fd, "", 0, &a);
	if (r < 0 && r != -ENOENT) {
		assets_deinit(&a);
		return r;
	}
	if (a.count)
		qsort(a.all, a.count, sizeof(*a.all), compare);
	*ret_assets = a;
	return 0;
}

void assets_deinit(struct assets *a)
{
	for (size_t i = 0; i < a->count; i++)
		asset_deinit(&a->all[i]);
	free(a->all);
	*a = (struct assets){};
}

const struct asset *assets_find(const struct assets *a, const char *path)
{
	struct asset key = {.path = str_equal(path, "/") ? (char *)"/index.html" : (char *)path};

	return a->count ? bsearch(&key, a->all, a->count, sizeof(key), compare) : NULL;
}

struct MHD_Response *asset_response(const struct asset *one, const char *accept_encoding,
				    const char *if_none_match, unsigned *ret_status)
{
	*ret_status = MHD_HTTP_OK;
	if (ask_has_etag(if_none_match, one->etag)) {
		*ret_status = MHD_HTTP_NOT_MODIFIED;
		return one->same_response;
	}
	return one->gzip_response && ask_takes_gzip(accept_encoding) ? one->gzip_response
								     : one->plain_response;
}
