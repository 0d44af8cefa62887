/*
 * States as bytes; see statecode.h.
 *
 * The first byte is the kind, and four bits above it for what is there. Then come numbers, seven
 * bits a byte, the lowest first, with the eighth bit set when more follow; numbers that may be
 * negative have their sign in the lowest bit. Then the hashes that there are. A number has one
 * form only, the shortest, so that equal states are equal bytes.
 */
#include "filetrace/statecode.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"

enum {
	KIND_MASK = 0x0f,
	HASHED = 0x10,
	SECRET = 0x20,
	PRIVATE = 0x40,
	ATTRIBUTED = 0x80,
	NUMBERS = 9,
};

static uint64_t fold_sign(int64_t value)
{
	return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unfold_sign(uint64_t value)
{
	return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

static uint8_t *put_number(uint8_t *p, uint64_t value)
{
	while (value >= 0x80) {
		*p++ = (uint8_t)value | 0x80;
		value >>= 7;
	}
	*p++ = value;
	return p;
}

static uint8_t *put_hash(uint8_t *p, const struct sha256 *hash)
{
	memcpy(p, hash->bytes, SHA256_BYTES);
	return p + SHA256_BYTES;
}

size_t statecode_write(const struct state *s, uint8_t ret_bytes[STATECODE_BYTES_MAX])
{
	const uint64_t numbers[NUMBERS] = {
		s->mode,
		s->uid,
		s->gid,
		s->size,
		s->key.ino,
		s->key.dev,
		s->igeneration,
		fold_sign(s->mtime_ns),
		fold_sign(s->ctime_ns),
	};
	uint8_t *p = ret_bytes;

	if (s->kind == STATE_ABSENT)
		return 0;
	*p++ = (s->kind & KIND_MASK) | (s->hashed ? HASHED : 0) | (s->secret ? SECRET : 0) |
	       (s->private ? PRIVATE : 0) | (s->attributed ? ATTRIBUTED : 0);
	for (size_t i = 0; i < NUMBERS; i++)
		p = put_number(p, numbers[i]);
	if (s->hashed)
		p = put_hash(p, &s->sha256);
	if (s->attributed)
		p = put_hash(p, &s->attributes);
	return p - ret_bytes;
}

struct reader {
	const uint8_t *p, *end;
};

static int get_number(struct reader *r, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned shift = 0; r->p < r->end && shift < 64; shift += 7) {
		uint8_t byte = *r->p++;

		/* Bits that do not fit, and a last byte that says nothing. */
		if ((shift == 63 && byte > 1) || (shift && !byte))
			return -EBADMSG;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret_value = value;
			return 0;
		}
	}
	return -EBADMSG;
}

static int get_hash(struct reader *r, bool there, struct sha256 *hash)
{
	if (!there)
		return 0;
	if (r->end - r->p < SHA256_BYTES)
		return -EBADMSG;
	memcpy(hash->bytes, r->p, SHA256_BYTES);
	r->p += SHA256_BYTES;
	return 0;
}

static int take_numbers(struct reader *r, struct state *s)
{
	uint64_t numbers[NUMBERS];

	for (size_t i = 0; i < NUMBERS; i++)
		if (get_number(r, &numbers[i]) < 0)
			return -EBADMSG;
	s->mode = numbers[0];
	s->uid = numbers[1];
	s->gid = numbers[2];
	s->size = numbers[3];
	s->key.ino = numbers[4];
	s->key.dev = numbers[5];
	s->igeneration = numbers[6];
	s->mtime_ns = unfold_sign(numbers[7]);
	s->ctime_ns = unfold_sign(numbers[8]);
	/* What was too large for its field has changed. */
	return s->mode == numbers[0] && s->uid == numbers[1] && s->gid == numbers[2] &&
			       s->key.dev == numbers[5] && s->igeneration == numbers[6]
		       ? 0
		       : -EBADMSG;
}

int statecode_read(const void *bytes, size_t len, struct state *ret_state)
{
	struct reader r = {.p = bytes};
	struct state s = {};
	uint8_t first;

	if (!len) {
		*ret_state = s;
		return 0;
	}
	r.end = r.p + len;
	first = *r.p++;
	s.kind = first & KIND_MASK;
	s.hashed = first & HASHED;
	s.secret = first & SECRET;
	s.private = first & PRIVATE;
	s.attributed = first & ATTRIBUTED;
	if (s.kind == STATE_ABSENT || s.kind >= STATE_KIND_COUNT || take_numbers(&r, &s) < 0 ||
	    get_hash(&r, s.hashed, &s.sha256) < 0 ||
	    get_hash(&r, s.attributed, &s.attributes) < 0 || r.p != r.end)
		return -EBADMSG;
	*ret_state = s;
	return 0;
}
