/*
 * Writing a GUID partition table; see gpt.h.
 *
 *   sector 0            protective MBR: one partition of type 0xEE over the whole disk
 *   sector 1            header; sectors 2 to 33 its 128 entries
 *   from 1 MiB          the partition
 *   last 33 sectors     the entries again, and the second header in the very last sector
 *
 * A header has a CRC32 of the entries and of itself (with that field zero). The two headers
 * differ in where they and their entries are. All numbers are little-endian; so are the first
 * three fields of a GUID, unlike in its text form (UEFI, appendix A).
 */
#include "gpt.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/def.h"

#define ENTRY_COUNT 128
#define ENTRY_SECTORS 32
#define REVISION 0x00010000

struct guid {
	uint8_t bytes[16];
};

struct header {
	char signature[8];
	uint32_t revision, header_bytes, header_crc32, reserved;
	uint64_t my_lba, alternate_lba, first_usable_lba, last_usable_lba;
	struct guid disk;
	uint64_t entries_lba;
	uint32_t entry_count, entry_bytes, entries_crc32;
} __attribute__((packed));

struct partition {
	struct guid type, unique;
	uint64_t first_lba, last_lba, attributes;
	uint16_t name[36];
} __attribute__((packed));

struct mbr_partition {
	uint8_t boot, first_chs[3], type, last_chs[3];
	uint32_t first_lba, sector_count;
} __attribute__((packed));

struct mbr {
	uint8_t code[440];
	uint32_t disk_signature;
	uint16_t unknown;
	struct mbr_partition partitions[4];
	uint16_t signature;
} __attribute__((packed));

_Static_assert(sizeof(struct header) == 92, "UEFI 2.10, table 5.5");
_Static_assert(sizeof(struct partition) == 128, "UEFI 2.10, table 5.6");
_Static_assert(sizeof(struct mbr_partition) == 16, "UEFI 2.10, table 5.2");
_Static_assert(sizeof(struct mbr) == GPT_SECTOR_BYTES, "UEFI 2.10, table 5.1");
_Static_assert(ENTRY_COUNT * sizeof(struct partition) == ENTRY_SECTORS * GPT_SECTOR_BYTES,
	       "the entries fill their sectors");

/* The root file system of an x86-64 machine: Discoverable Partitions Specification. */
static const struct uuid root_x86_64 = {{0x4f, 0x68, 0xbc, 0xe3, 0xe8, 0xcd, 0x4d, 0xb1, 0x96, 0xe7,
					 0xfb, 0xca, 0xfd, 0x98, 0x4b, 0x09}};

uint64_t gpt_partition_offset(const struct gpt *gpt)
{
	return GPT_ALIGN_BYTES;
}

uint64_t gpt_partition_size(const struct gpt *gpt)
{
	return gpt->size_bytes - 2 * GPT_ALIGN_BYTES;
}

static struct guid to_guid(const struct uuid *uuid)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	struct guid guid;

	for (size_t i = 0; i < sizeof(order); i++)
		guid.bytes[i] = uuid->bytes[order[i]];
	return guid;
}

static void fill_mbr(const struct gpt *gpt, struct mbr *mbr)
{
	uint64_t sectors = gpt->size_bytes / GPT_SECTOR_BYTES - 1;

	*mbr = (struct mbr){.signature = htole16(0xaa55)};
	mbr->partitions[0] = (struct mbr_partition){
		.first_chs = {0x00, 0x02, 0x00},
		.type = 0xee,
		.last_chs = {0xff, 0xff, 0xff},
		.first_lba = htole32(1),
		.sector_count = htole32(sectors > UINT32_MAX ? UINT32_MAX : sectors),
	};
}

static void fill_partition(const struct gpt *gpt, struct partition *partition)
{
	uint64_t first = gpt_partition_offset(gpt) / GPT_SECTOR_BYTES;
	uint64_t count = gpt_partition_size(gpt) / GPT_SECTOR_BYTES;

	*partition = (struct partition){
		.type = to_guid(&root_x86_64),
		.unique = to_guid(&gpt->partition),
		.first_lba = htole64(first),
		.last_lba = htole64(first + count - 1),
	};
	for (size_t i = 0; gpt->name[i] && i < ARRAY_SIZE(partition->name); i++)
		partition->name[i] = htole16((uint8_t)gpt->name[i]);
}

static void fill_header(const struct gpt *gpt, uint64_t my_lba, uint64_t alternate_lba,
			uint64_t entries_lba, uint32_t entries_crc32, struct header *header)
{
	uint64_t last = gpt->size_bytes / GPT_SECTOR_BYTES - 1;

	*header = (struct header){
		.signature = {'E', 'F', 'I', ' ', 'P', 'A', 'R', 'T'},
		.revision = htole32(REVISION),
		.header_bytes = htole32(sizeof(*header)),
		.my_lba = htole64(my_lba),
		.alternate_lba = htole64(alternate_lba),
		.first_usable_lba = htole64(2 + ENTRY_SECTORS),
		.last_usable_lba = htole64(last - ENTRY_SECTORS - 1),
		.disk = to_guid(&gpt->disk),
		.entries_lba = htole64(entries_lba),
		.entry_count = htole32(ENTRY_COUNT),
		.entry_bytes = htole32(sizeof(struct partition)),
		.entries_crc32 = htole32(entries_crc32),
	};
	header->header_crc32 = htole32(crc32(0, (const Bytef *)header, sizeof(*header)));
}

static int write_at(int fd, const void *data, size_t len, uint64_t lba)
{
	ssize_t n;

	do
		n = pwrite(fd, data, len, lba * GPT_SECTOR_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

int gpt_write(int fd, const struct gpt *gpt)
{
	uint64_t last = gpt->size_bytes / GPT_SECTOR_BYTES - 1;
	struct partition entries[ENTRY_COUNT] = {};
	struct header first, second;
	struct mbr mbr;
	uint32_t crc;
	int r;

	fill_mbr(gpt, &mbr);
	fill_partition(gpt, &entries[0]);
	crc = crc32(0, (const Bytef *)entries, sizeof(entries));
	fill_header(gpt, 1, last, 2, crc, &first);
	fill_header(gpt, last, 1, last - ENTRY_SECTORS, crc, &second);

	r = write_at(fd, &mbr, sizeof(mbr), 0);
	if (r == 0)
		r = write_at(fd, &first, sizeof(first), 1);
	if (r == 0)
		r = write_at(fd, entries, sizeof(entries), 2);
	if (r == 0)
		r = write_at(fd, entries, sizeof(entries), last - ENTRY_SECTORS);
	return r < 0 ? r : write_at(fd, &second, sizeof(second), last);
}
