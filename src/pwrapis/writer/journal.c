/*
 * The journal; see journal.h.
 *
 *	0	header: magic, version, size of a record, boot, checksum
 *	64	records of 1064 bytes: checksum, kind, sequence, texts, values
 *
 * Records lie where their number says, whether those before them are whole or not. They are written
 * by offset, so that what a failed append has left is written over by the next one.
 */
#include "pwrapis/writer/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "core/crc.h"

#define FILE_NAME "journal"
#define ASIDE_NAME "damaged-journal"

static const char magic[8] = {'L', 'P', 'W', 'R', 'J', 'R', 'N', 'L'};

enum { VERSION = 2 };

struct header {
	char magic[8];
	uint32_t version, record_bytes;
	char boot_id[JOURNAL_BOOT_BYTES];
	uint32_t reserved, crc; /* of all before it */
};

struct record {
	uint32_t crc; /* of all behind it */
	uint32_t kind;
	uint64_t sequence;
	char item[POWER_NAME_BYTES], name[POWER_NAME_BYTES];
	struct power_value original, last, tried;
};

_Static_assert(sizeof(struct header) == JOURNAL_HEADER_BYTES, "docs/format/power-journal.md");
_Static_assert(sizeof(struct record) == JOURNAL_RECORD_BYTES, "docs/format/power-journal.md");

struct journal {
	int dir_fd;
	int fd; /* -1: it was replaced, and could not be opened: appends fail until it is again */
	bool begun; /* the file is this boot's; else the first append makes it so */
	struct header header;
	uint64_t end; /* where the next record goes */
	uint64_t sequence; /* of the last one */
};

/* ---- form ---- */

static uint32_t header_crc(const struct header *h)
{
	return crc_32c(CRC_32C_START, h, offsetof(struct header, crc));
}

static uint32_t record_crc(const struct record *r)
{
	return crc_32c(CRC_32C_START, &r->kind, sizeof(*r) - offsetof(struct record, kind));
}

static void header_init(struct header *h, const char *boot_id)
{
	*h = (struct header){.version = VERSION, .record_bytes = JOURNAL_RECORD_BYTES};
	memcpy(h->magic, magic, sizeof(magic));
	strncpy(h->boot_id, boot_id, sizeof(h->boot_id) - 1);
	h->crc = header_crc(h);
}

static void record_init(struct record *r, const struct journal_entry *e, uint64_t sequence)
{
	*r = (struct record){.kind = e->kind,
			     .sequence = sequence,
			     .original = e->original,
			     .last = e->last,
			     .tried = e->tried};
	memcpy(r->item, e->item, sizeof(r->item));
	memcpy(r->name, e->name, sizeof(r->name));
	r->crc = record_crc(r);
}

static bool text_good(const char *text, size_t bytes)
{
	return memchr(text, '\0', bytes);
}

static bool value_good(const struct power_value *v)
{
	return isfinite(v->number) && text_good(v->text, sizeof(v->text));
}

static bool record_good(const struct record *r)
{
	return r->crc == record_crc(r) && r->kind >= JOURNAL_TRIED && r->kind < JOURNAL_KINDS &&
	       text_good(r->item, sizeof(r->item)) && text_good(r->name, sizeof(r->name)) &&
	       value_good(&r->original) && value_good(&r->last) && value_good(&r->tried);
}

static int header_check(const void *bytes, size_t len, const char *boot_id)
{
	struct header h;

	if (len < sizeof(h))
		return -EBADMSG;
	memcpy(&h, bytes, sizeof(h));
	if (memcmp(h.magic, magic, sizeof(magic)) || h.version != VERSION ||
	    h.record_bytes != JOURNAL_RECORD_BYTES || h.crc != header_crc(&h) ||
	    !text_good(h.boot_id, sizeof(h.boot_id)))
		return -EBADMSG;
	return str_equal(h.boot_id, boot_id) ? 0 : -ESTALE;
}

static int hand_out(const struct record *r, journal_fn fn, void *data)
{
	struct journal_entry e = {
		.kind = r->kind, .original = r->original, .last = r->last, .tried = r->tried};

	memcpy(e.item, r->item, sizeof(e.item));
	memcpy(e.name, r->name, sizeof(e.name));
	return fn(data, &e);
}

int journal_parse(const void *bytes, size_t len, const char *boot_id, journal_fn fn, void *data,
		  struct journal_found *ret_found)
{
	struct journal_found found = {};
	int r = len ? header_check(bytes, len, boot_id) : 0;

	for (size_t at = sizeof(struct header); r == 0 && at < len; at += sizeof(struct record)) {
		struct record record;

		/* What the last append has left of itself. */
		if (len - at < sizeof(record))
			break;
		memcpy(&record, (const char *)bytes + at, sizeof(record));
		/* A sequence that does not rise is what a file system has left of an older one. */
		if (!record_good(&record) || record.sequence <= found.sequence) {
			found.damaged++;
			continue;
		}
		found.records++;
		found.sequence = record.sequence;
		r = hand_out(&record, fn, data);
	}
	if (r == 0)
		*ret_found = found;
	return r;
}

/* ---- the file ---- */

/* Who could write here could make us write to the machine. */
static bool is_ours(const struct stat *st, mode_t type)
{
	return (st->st_mode & S_IFMT) == type && st->st_uid == geteuid() &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static int open_file(int dir_fd, int flags, int *ret_fd)
{
	_cleanup_close_ int fd =
		openat(dir_fd, FILE_NAME, flags | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!is_ours(&st, S_IFREG))
		return -EPERM;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int read_file(struct journal *j, char **ret_bytes, size_t *ret_len)
{
	struct stat st;
	int r;

	if (fstat(j->dir_fd, &st) < 0)
		return -errno;
	if (!is_ours(&st, S_IFDIR))
		return -EPERM;
	r = open_file(j->dir_fd, O_CREAT, &j->fd);
	return r < 0 ? r : io_read_fd(j->fd, JOURNAL_BYTES_MAX, ret_bytes, ret_len);
}

/* Where the first record goes that is not there, or not whole. */
static uint64_t end_of(uint64_t len)
{
	if (len < sizeof(struct header))
		return sizeof(struct header);
	return len - (len - sizeof(struct header)) % sizeof(struct record);
}

static int set_aside(const struct journal *j)
{
	return renameat(j->dir_fd, FILE_NAME, j->dir_fd, ASIDE_NAME) < 0 ? -errno : 0;
}

/*
 * Another boot's, or none: the file begins anew. On a full disk that is left to the first append,
 * which tells; who has nothing to note can do without.
 */
static void begin_anew(struct journal *j)
{
	j->end = sizeof(struct header);
	(void)journal_replace(j, NULL, 0);
}

/* What is in the file, of this boot; then it can be added to. */
static int take_in(struct journal *j, journal_fn fn, void *data, bool *ret_damaged)
{
	_cleanup_free_ char *bytes = NULL;
	struct journal_found found = {};
	size_t len = 0;
	int r = read_file(j, &bytes, &len);

	if (r == 0)
		r = journal_parse(bytes, len, j->header.boot_id, fn, data, &found);
	*ret_damaged = r == -EBADMSG || r == -EFBIG || found.damaged;
	if (r == -EBADMSG || r == -EFBIG) {
		r = set_aside(j);
		len = 0;
	} else if (r == -ESTALE) {
		len = r = 0;
	}
	if (r < 0)
		return r;
	j->sequence = found.sequence;
	if (len == 0) {
		begin_anew(j);
		return 0;
	}
	j->begun = true;
	j->end = end_of(len);
	if (j->end < len && ftruncate(j->fd, j->end) < 0)
		return -errno;
	return 0;
}

int journal_open(int dir_fd, const char *boot_id, journal_fn fn, void *data,
		 struct journal **ret_journal, bool *ret_damaged)
{
	_cleanup_(journal_close_p) struct journal *j = calloc(1, sizeof(*j));
	bool damaged = false;
	int r;

	if (!j)
		return -ENOMEM;
	j->fd = -1;
	j->dir_fd = dir_fd;
	header_init(&j->header, boot_id);
	r = take_in(j, fn, data, &damaged);
	if (r < 0)
		return r;
	*ret_journal = take_ptr(j);
	*ret_damaged = damaged;
	return 0;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	cleanup_close_p(&j->fd);
	free(j);
}

void journal_close_p(struct journal **j)
{
	journal_close(*j);
}

static int write_at(int fd, const void *bytes, size_t len, uint64_t at)
{
	const char *p = bytes;

	while (len) {
		ssize_t n = pwrite(fd, p, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p += n;
		len -= n;
		at += n;
	}
	return 0;
}

int journal_append(struct journal *j, const struct journal_entry *entry, bool sync)
{
	struct record record;
	int r = j->begun ? 0 : journal_replace(j, NULL, 0);

	if (r < 0)
		return r;
	record_init(&record, entry, j->sequence + 1);
	r = write_at(j->fd, &record, sizeof(record), j->end);
	if (r == 0 && sync && fdatasync(j->fd) < 0)
		r = -errno;
	if (r < 0) {
		/* Where this fails too, the next record goes over what is left. */
		(void)!ftruncate(j->fd, j->end);
		return r;
	}
	j->end += sizeof(record);
	j->sequence++;
	return 0;
}

int journal_clear(struct journal *j)
{
	if (j->begun && j->fd < 0)
		return journal_replace(j, NULL, 0);
	if (j->begun && ftruncate(j->fd, sizeof(struct header)) < 0)
		return -errno;
	j->end = sizeof(struct header);
	return 0;
}

/* The file that has our name now, to go on at its end. */
static int reopen(struct journal *j)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r = open_file(j->dir_fd, 0, &fd);

	if (r == 0 && fstat(fd, &st) < 0)
		r = -errno;
	cleanup_close_p(&j->fd);
	j->fd = -1;
	if (r < 0)
		return r;
	j->fd = take_fd(&fd);
	j->end = end_of(st.st_size);
	return 0;
}

int journal_replace(struct journal *j, const struct journal_entry *entries, size_t count)
{
	size_t len = sizeof(struct header) + count * sizeof(struct record);
	_cleanup_free_ char *bytes = malloc(len);
	int r, k;

	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, &j->header, sizeof(j->header));
	for (size_t i = 0; i < count; i++) {
		struct record record;

		record_init(&record, &entries[i], j->sequence + 1 + i);
		memcpy(bytes + sizeof(struct header) + i * sizeof(record), &record, sizeof(record));
	}
	r = io_replace_file(j->dir_fd, FILE_NAME, bytes, len, 0600);
	j->sequence += count;
	/* Also when it failed: it may have been replaced, and only that not be on the disk. */
	k = reopen(j);
	j->begun = j->begun || (r == 0 && k == 0);
	return r < 0 ? r : k;
}

uint64_t journal_bytes(const struct journal *j)
{
	return j->end;
}
