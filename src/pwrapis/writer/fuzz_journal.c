/*
 * Fuzzes the reader of the journal: the input is a file, whose checksums are put right when its
 * first byte is odd, so that what lies behind them is reached.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/crc.h"
#include "pwrapis/writer/journal.h"

#define BOOT "11111111-2222-3333-4444-555555555555"

/* Every text ends, and every number is one. */
static int look(void *data, const struct journal_entry *e)
{
	size_t *sum = data;

	*sum += strlen(e->item) + strlen(e->name) + strlen(e->original.text) +
		strlen(e->last.text) + strlen(e->tried.text);
	if (!isfinite(e->original.number) || !isfinite(e->last.number) ||
	    !isfinite(e->tried.number) || !e->kind || e->kind >= JOURNAL_KINDS)
		abort();
	return 0;
}

static void put_crc(uint8_t *to, const uint8_t *bytes, size_t len)
{
	uint32_t crc = crc_32c(CRC_32C_START, bytes, len);

	memcpy(to, &crc, sizeof(crc));
}

static void put_right(uint8_t *bytes, size_t len)
{
	if (len < JOURNAL_HEADER_BYTES)
		return;
	put_crc(bytes + JOURNAL_HEADER_BYTES - 4, bytes, JOURNAL_HEADER_BYTES - 4);
	for (size_t at = JOURNAL_HEADER_BYTES; len - at >= JOURNAL_RECORD_BYTES;
	     at += JOURNAL_RECORD_BYTES)
		put_crc(bytes + at, bytes + at + 4, JOURNAL_RECORD_BYTES - 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct journal_found found = {};
	uint8_t *copy;
	size_t sum = 0;

	if (!len)
		return 0;
	copy = malloc(len);
	if (!copy)
		return 0;
	memcpy(copy, bytes + 1, len - 1);
	if (*bytes & 1)
		put_right(copy, len - 1);
	journal_parse(copy, len - 1, BOOT, look, &sum, &found);
	free(copy);
	return 0;
}
