/*
 * Checksums of the CRC family; see crc.h.
 *
 * A CRC is the remainder of the message as a polynomial over GF(2). A table holds for each value
 * of a byte what eight steps of the division make of it, so that a byte costs one look-up. The
 * table is linear: the entry of a ^ b is the entry of a xor the entry of b. Eight entries, those
 * of the powers of two, therefore give all 256, and these eight are a chain: each is one step of
 * the division after its neighbour. The compiler computes them from the polynomial alone.
 *
 * The two CRC-32 take the lowest bit of a byte first: their polynomials are written mirrored, and
 * a step shifts to the right. CRC-16/CCITT takes the highest bit first.
 */
#include "core/crc.h"

#define STEP_RIGHT(c, polynomial) ((c) & 1 ? (c) >> 1 ^ (polynomial) : (c) >> 1)
#define STEP_LEFT(c, polynomial) (((c) & 0x8000 ? (c) << 1 ^ (polynomial) : (c) << 1) & 0xffff)

/* The eight entries, from that of the bit which is taken last: only its last step divides. */
#define CHAIN(name, step, polynomial)                  \
	enum {                                         \
		name##_0 = (polynomial),               \
		name##_1 = step(name##_0, polynomial), \
		name##_2 = step(name##_1, polynomial), \
		name##_3 = step(name##_2, polynomial), \
		name##_4 = step(name##_3, polynomial), \
		name##_5 = step(name##_4, polynomial), \
		name##_6 = step(name##_5, polynomial), \
		name##_7 = step(name##_6, polynomial), \
	}

CHAIN(IEEE, STEP_RIGHT, 0xedb88320U);
CHAIN(CASTAGNOLI, STEP_RIGHT, 0x82f63b78U);
CHAIN(CCITT, STEP_LEFT, 0x1021U);

#define PART(i, bit, value) ((i) & (bit) ? (value) : 0)

#define ENTRY_RIGHT(name, i)                                                           \
	(PART(i, 0x80, name##_0) ^ PART(i, 0x40, name##_1) ^ PART(i, 0x20, name##_2) ^ \
	 PART(i, 0x10, name##_3) ^ PART(i, 0x08, name##_4) ^ PART(i, 0x04, name##_5) ^ \
	 PART(i, 0x02, name##_6) ^ PART(i, 0x01, name##_7))

#define ENTRY_LEFT(name, i)                                                            \
	(PART(i, 0x01, name##_0) ^ PART(i, 0x02, name##_1) ^ PART(i, 0x04, name##_2) ^ \
	 PART(i, 0x08, name##_3) ^ PART(i, 0x10, name##_4) ^ PART(i, 0x20, name##_5) ^ \
	 PART(i, 0x40, name##_6) ^ PART(i, 0x80, name##_7))

#define ENTRIES_4(entry, name, i) \
	entry(name, i), entry(name, (i) + 1), entry(name, (i) + 2), entry(name, (i) + 3)
#define ENTRIES_16(entry, name, i)                                  \
	ENTRIES_4(entry, name, i), ENTRIES_4(entry, name, (i) + 4), \
		ENTRIES_4(entry, name, (i) + 8), ENTRIES_4(entry, name, (i) + 12)
#define ENTRIES_64(entry, name, i)                                     \
	ENTRIES_16(entry, name, i), ENTRIES_16(entry, name, (i) + 16), \
		ENTRIES_16(entry, name, (i) + 32), ENTRIES_16(entry, name, (i) + 48)
#define ENTRIES_256(entry, name)                                                               \
	ENTRIES_64(entry, name, 0), ENTRIES_64(entry, name, 64), ENTRIES_64(entry, name, 128), \
		ENTRIES_64(entry, name, 192)

static const uint32_t ieee[] = {ENTRIES_256(ENTRY_RIGHT, IEEE)};
static const uint32_t castagnoli[] = {ENTRIES_256(ENTRY_RIGHT, CASTAGNOLI)};
static const uint16_t ccitt[] = {ENTRIES_256(ENTRY_LEFT, CCITT)};

_Static_assert(ARRAY_SIZE(ieee) == 256 && ARRAY_SIZE(castagnoli) == 256, "one for each byte");
_Static_assert(ARRAY_SIZE(ccitt) == 256, "one for each byte");

static uint32_t mirrored(const uint32_t table[256], uint32_t crc, const uint8_t *p, size_t len)
{
	crc = ~crc;
	for (; len; len--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
	return ~crc;
}

uint32_t crc_32(uint32_t crc, const void *bytes, size_t len)
{
	return mirrored(ieee, crc, bytes, len);
}

uint32_t crc_32c(uint32_t crc, const void *bytes, size_t len)
{
	return mirrored(castagnoli, crc, bytes, len);
}

uint16_t crc_16_ccitt(uint16_t crc, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (; len; len--)
		crc = crc << 8 ^ ccitt[crc >> 8 ^ *p++];
	return crc;
}
