/*
 * Compression; see squeeze.h.
 */
#include "filetrace/squeeze.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/def.h"

struct squeeze {
	ZSTD_CCtx *context;
};

/* Small tables: what is compressed are small texts, and the writer is to stay small itself. */
static int configure(ZSTD_CCtx *context)
{
	static const struct {
		ZSTD_cParameter parameter;
		int value;
	} values[] = {
		{ZSTD_c_compressionLevel, 3}, {ZSTD_c_windowLog, 18},	{ZSTD_c_hashLog, 14},
		{ZSTD_c_chainLog, 14},	      {ZSTD_c_checksumFlag, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (ZSTD_isError(
			    ZSTD_CCtx_setParameter(context, values[i].parameter, values[i].value)))
			return -ENOMEM;
	return 0;
}

int squeeze_new(struct squeeze **ret_squeeze)
{
	struct squeeze *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->context = ZSTD_createCCtx();
	if (!s->context || configure(s->context) < 0) {
		squeeze_free(s);
		return -ENOMEM;
	}
	*ret_squeeze = s;
	return 0;
}

void squeeze_free(struct squeeze *s)
{
	if (!s)
		return;
	ZSTD_freeCCtx(s->context);
	free(s);
}

int squeeze_bytes(struct squeeze *s, const void *bytes, size_t len, void **ret_frame,
		  size_t *ret_len)
{
	size_t bound = ZSTD_compressBound(len), n;
	_cleanup_free_ void *frame = malloc(bound);

	if (!frame)
		return -ENOMEM;
	n = ZSTD_compress2(s->context, frame, bound, bytes, len);
	if (ZSTD_isError(n))
		return -ENOMEM;
	*ret_frame = take_ptr(frame);
	*ret_len = n;
	return 0;
}

int squeeze_expand(const void *frame, size_t frame_len, size_t len, char **ret_bytes)
{
	_cleanup_free_ char *bytes = NULL;

	if (ZSTD_getFrameContentSize(frame, frame_len) != len)
		return -EBADMSG;
	bytes = malloc(len + 1);
	if (!bytes)
		return -ENOMEM;
	/* A frame may lie about its size; the buffer is the bound then. */
	if (ZSTD_decompress(bytes, len, frame, frame_len) != len)
		return -EBADMSG;
	bytes[len] = '\0';
	*ret_bytes = take_ptr(bytes);
	return 0;
}
