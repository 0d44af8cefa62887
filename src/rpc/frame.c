/*
 * Messages out of a stream of bytes; see frame.h.
 */
#include "rpc/frame.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "rpc/server.h"

/* One message with its NUL byte fits, and what follows it need not be read byte by byte. */
enum { CAP_MAX = RPC_MESSAGE_MAX + FRAME_FIRST_BYTES };

/* A buffer that is larger than this is made smaller once its content has become small. */
enum { KEEP_BYTES = 64 * 1024 };

void frame_deinit(struct frame *f)
{
	free(f->bytes);
	*f = (struct frame){};
}

static void move_to_front(struct frame *f)
{
	memmove(f->bytes, f->bytes + f->start, frame_len(f));
	f->scanned -= f->start;
	f->end -= f->start;
	f->start = 0;
}

static int grow(struct frame *f)
{
	size_t cap = f->cap ? f->cap * 2 : FRAME_FIRST_BYTES;
	char *grown;

	if (cap > CAP_MAX)
		cap = CAP_MAX;
	if (cap == f->cap)
		return -EMSGSIZE;
	grown = realloc(f->bytes, cap);
	if (!grown)
		return -ENOMEM;
	f->bytes = grown;
	f->cap = cap;
	return 0;
}

int frame_room(struct frame *f, char **ret_room, size_t *ret_len)
{
	int r;

	if (f->end == f->cap && f->start)
		move_to_front(f);
	if (f->end == f->cap) {
		r = grow(f);
		if (r < 0)
			return r;
	}
	*ret_room = f->bytes + f->end;
	*ret_len = f->cap - f->end;
	return 0;
}

void frame_added(struct frame *f, size_t len)
{
	assert(len <= f->cap - f->end);
	f->end += len;
	if (f->start == f->end)
		frame_deinit(f);
}

int frame_peek(struct frame *f, const char **ret_text, size_t *ret_len)
{
	const char *nul;
	size_t len;

	if (f->start == f->end)
		return 0;
	nul = memchr(f->bytes + f->scanned, '\0', f->end - f->scanned);
	f->scanned = nul ? (size_t)(nul - f->bytes) : f->end;
	len = f->scanned - f->start;
	if (len > RPC_MESSAGE_MAX)
		return -EMSGSIZE;
	if (!nul)
		return 0;
	*ret_text = f->bytes + f->start;
	*ret_len = len;
	return 1;
}

/* A large message is gone, and a few bytes of the next would go on holding its memory. */
static void shrink(struct frame *f)
{
	size_t cap = f->cap;
	char *smaller;

	while (cap / 2 >= FRAME_FIRST_BYTES && cap / 4 >= frame_len(f))
		cap /= 2;
	if (f->cap <= KEEP_BYTES || cap == f->cap)
		return;
	move_to_front(f);
	smaller = realloc(f->bytes, cap);
	if (!smaller)
		return;
	f->bytes = smaller;
	f->cap = cap;
}

void frame_consume(struct frame *f)
{
	assert(f->scanned < f->end && f->bytes[f->scanned] == '\0');
	f->start = ++f->scanned;
	if (f->start == f->end)
		frame_deinit(f);
	else
		shrink(f);
}
