/*
 * The machine, the book and the journal together; see keeper.h.
 */
#include "pwrapis/writer/keeper.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/writer/journal.h"
#include "pwrapis/writer/leases.h"

struct keeper {
	struct keeper_world world;
	struct leases *leases;
	struct journal *journal;
	bool note_missing; /* in the journal */
	unsigned unknown;
};

/* ---- the machine ---- */

/* An index, by its name: it may have become another one, or outlived what it stood for. */
static int index_of(struct keeper *k, unsigned item, const char *name, unsigned *ret_index)
{
	return machine_recall(k->world.machine, power_item(item)->domain, name, ret_index);
}

/* A value that can be compared: nothing behind the end of a text. */
static int tidy_value(struct power_value *value)
{
	size_t len = strnlen(value->text, sizeof(value->text));

	if (!isfinite(value->number) || len == sizeof(value->text))
		return -EBADMSG;
	memset(value->text + len, 0, sizeof(value->text) - len);
	return 0;
}

/* What there is to put back. */
static int on_read(void *data, unsigned item, const char *name, struct power_value *ret_value)
{
	struct keeper *k = data;
	struct power_value value = {};
	unsigned index;
	int r = index_of(k, item, name, &index);

	if (r == 0)
		r = machine_state(k->world.machine, item, index, &value);
	if (r == 0)
		r = tidy_value(&value);
	if (r == 0)
		*ret_value = value;
	return r;
}

static int on_check(void *data, unsigned item, const char *name, const struct power_value *value)
{
	struct keeper *k = data;
	unsigned index;
	int r = index_of(k, item, name, &index);

	return r < 0 ? r : machine_check(k->world.machine, item, index, value);
}

static int on_write(void *data, unsigned item, const char *name, const struct power_value *value)
{
	struct keeper *k = data;
	unsigned index;
	int r = index_of(k, item, name, &index);

	return r < 0 ? r : machine_write(k->world.machine, item, index, value);
}

static int on_hold(void *data, unsigned item, const char *name, const struct power_value *value,
		   int *ret_fd)
{
	struct keeper *k = data;
	unsigned index;
	int r = index_of(k, item, name, &index);

	return r < 0 ? r : machine_hold(k->world.machine, item, index, value, ret_fd);
}

/*
 * What is read back may be rounded to what the hardware can do. Windows of time are so to quarters
 * of a power of two (RAPL), powers and frequencies by far less; what is switched is not.
 */
static double on_rounding(void *data, unsigned item)
{
	static const double rounding[] = {
		[POWER_HERTZ] = 0.02,	   [POWER_WATTS] = 0.02,	[POWER_JOULES] = 0.02,
		[POWER_KELVIN] = 0.02,	   [POWER_SECONDS] = 0.2,	[POWER_FRACTION] = 0.02,
		[POWER_PER_SECOND] = 0.02, [POWER_BITS_PER_SECOND] = 0, [POWER_LIST] = 0,
	};

	return rounding[power_item(item)->unit];
}

static void on_conflict(void *data, unsigned item, const char *name, const struct power_value *last,
			const struct power_value *found)
{
	const struct keeper *k = data;

	if (k->world.conflict)
		k->world.conflict(k->world.data, power_item(item)->name, name, last, found);
}

/* ---- the journal ---- */

static const uint32_t kinds[] = {
	[LEASES_TRIED] = JOURNAL_TRIED,
	[LEASES_HELD] = JOURNAL_HELD,
	[LEASES_FREE] = JOURNAL_FREE,
};

static void entry_of(const struct leases_note *note, struct journal_entry *ret_entry)
{
	struct journal_entry e = {.kind = kinds[note->state],
				  .original = *note->original,
				  .last = *note->last,
				  .tried = *note->tried};

	strncpy(e.item, power_item(note->item)->name, sizeof(e.item) - 1);
	strncpy(e.name, note->name, sizeof(e.name) - 1);
	*ret_entry = e;
}

/*
 * Only what is tried has to be on the disk: what was noted stays in the kernel's memory when we are
 * killed, and when the kernel goes the journal is void.
 */
static int on_note(void *data, const struct leases_note *note)
{
	struct keeper *k = data;
	struct journal_entry e;
	int r;

	entry_of(note, &e);
	r = journal_append(k->journal, &e, note->state == LEASES_TRIED);
	if (r < 0 && note->state != LEASES_TRIED)
		k->note_missing = true;
	return r;
}

static int recall(void *data, const struct journal_entry *e)
{
	static const enum leases_state states[JOURNAL_KINDS] = {
		[JOURNAL_TRIED] = LEASES_TRIED,
		[JOURNAL_HELD] = LEASES_HELD,
		[JOURNAL_FREE] = LEASES_FREE,
	};
	struct keeper *k = data;
	struct leases_note note = {
		.state = states[e->kind],
		.name = e->name,
		.original = &e->original,
		.last = &e->last,
		.tried = &e->tried,
	};

	if (power_item_find(e->item, &note.item) < 0 ||
	    !(power_item(note.item)->flags & POWER_CONTROL)) {
		k->unknown += e->kind == JOURNAL_HELD;
		return 0;
	}
	return leases_recall(k->leases, &note);
}

struct collect {
	struct journal_entry *entries;
	size_t count;
};

static void collect(void *data, const struct leases_note *note)
{
	struct collect *c = data;

	entry_of(note, &c->entries[c->count++]);
}

static int write_anew(struct keeper *k)
{
	size_t count = leases_spot_count(k->leases);
	_cleanup_free_ struct journal_entry *entries = calloc(count + 1, sizeof(*entries));
	struct collect c = {.entries = entries};

	if (!entries)
		return -ENOMEM;
	leases_notes(k->leases, collect, &c);
	return journal_replace(k->journal, entries, c.count);
}

static bool is_large(const struct keeper *k)
{
	uint64_t live = leases_spot_count(k->leases) * (uint64_t)JOURNAL_RECORD_BYTES;

	return journal_bytes(k->journal) > k->world.journal_bytes &&
	       journal_bytes(k->journal) > 2 * live;
}

/* What fails here is done later; nothing that is noted is lost. */
static void tidy(struct keeper *k)
{
	bool empty = leases_spot_count(k->leases) == 0;
	int r = 0;

	if (empty && journal_bytes(k->journal) > JOURNAL_HEADER_BYTES)
		r = journal_clear(k->journal);
	else if (!empty && (k->note_missing || is_large(k)))
		r = write_anew(k);
	k->note_missing = r < 0;
}

/* ---- the whole ---- */

static const struct leases_ops ops = {
	.read = on_read,
	.check = on_check,
	.write = on_write,
	.hold = on_hold,
	.note = on_note,
	.rounding = on_rounding,
	.conflict = on_conflict,
};

static int start(struct keeper *k, struct keeper_start *ret_start)
{
	struct keeper_start s = {};
	struct leases_count count;
	int r = leases_new(&ops, k, &k->leases);

	if (r == 0)
		r = journal_open(k->world.journal_dir_fd, k->world.boot_id, recall, k, &k->journal,
				 &s.damaged);
	if (r < 0)
		return r;
	s.error = leases_settle(k->leases, &count);
	s.restored = count.restored;
	s.conflicts = count.conflicts;
	s.unknown = k->unknown;
	tidy(k);
	*ret_start = s;
	return 0;
}

int keeper_open(const struct keeper_world *world, struct keeper **ret_keeper,
		struct keeper_start *ret_start)
{
	struct keeper *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return -ENOMEM;
	k->world = *world;
	r = start(k, ret_start);
	if (r < 0) {
		keeper_close(k);
		return r;
	}
	*ret_keeper = k;
	return 0;
}

void keeper_close(struct keeper *k)
{
	if (!k)
		return;
	leases_free(k->leases);
	journal_close(k->journal);
	free(k);
}

int keeper_end_all(struct keeper *k, unsigned *ret_restored, unsigned *ret_conflicts)
{
	struct leases_count count;
	int r = leases_end_all(k->leases, &count);

	tidy(k);
	*ret_restored = count.restored;
	*ret_conflicts = count.conflicts;
	return r;
}

bool keeper_is_behind(const struct keeper *k)
{
	return k->note_missing || leases_owed_count(k->leases);
}

int keeper_retry(struct keeper *k)
{
	struct leases_count count;
	int r;

	/* What was gone may be there again, under another index. */
	machine_refresh(k->world.machine);
	r = leases_settle(k->leases, &count);
	tidy(k);
	return r;
}

/* ---- requests ---- */

struct answer {
	struct writer_reply reply;
	int fd; /* that goes with it; -1: none */
};

bool keeper_is_request(const struct writer_request *request, size_t len)
{
	return len == sizeof(*request) && request->magic == WRITER_MAGIC;
}

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

/* Groups come and go all the time: their name says which is meant, and the index nothing. */
static bool has_name(const struct keeper *k, struct writer_request *q)
{
	enum power_domain domain = power_item(q->item)->domain;

	if (domain == POWER_CGROUP)
		return machine_recall(k->world.machine, domain, q->name, &q->index) == 0;
	return q->index < machine_count(k->world.machine, domain) &&
	       str_equal(machine_name(k->world.machine, domain, q->index), q->name);
}

/* Whether there is such an item with these flags, and both halves mean the same by its index. */
static int check_place(struct keeper *k, struct writer_request *q, unsigned flags)
{
	if (q->item >= power_item_count() || (power_item(q->item)->flags & flags) != flags ||
	    !memchr(q->name, '\0', sizeof(q->name)) || !*q->name)
		return -EINVAL;
	if (has_name(k, q))
		return 0;
	machine_refresh(k->world.machine);
	return has_name(k, q) ? 0 : -ESTALE;
}

/* It does not stay, so that there is nothing to note. */
static int act(struct keeper *k, const struct writer_request *q, const struct power_value *value)
{
	int r = machine_check(k->world.machine, q->item, q->index, value);

	return r < 0 ? r : machine_write(k->world.machine, q->item, q->index, value);
}

static int set(struct keeper *k, struct writer_request *q, struct answer *a)
{
	struct power_value value = q->value;
	int r = check_place(k, q, POWER_CONTROL);

	if (r < 0)
		return r;
	if (tidy_value(&value) < 0 || !is_printable(value.text))
		return -EINVAL;
	if (power_item(q->item)->flags & POWER_ACT)
		return act(k, q, &value);
	if (power_item(q->item)->flags & POWER_PER_CLIENT)
		return leases_hold(k->leases, q->lease, q->item, q->name, &value);
	return leases_set(k->leases, q->lease, q->item, q->name, &value);
}

static int told(int r, const struct leases_count *count, struct answer *a)
{
	a->reply.restored = count->restored;
	a->reply.conflicts = count->conflicts;
	return r;
}

static int end(struct keeper *k, struct writer_request *q, struct answer *a)
{
	struct leases_count count = {};
	int r = leases_end(k->leases, q->lease, &count);

	return told(r, &count, a);
}

/* By its name alone: the index may have gone while the lease held it. */
static int drop(struct keeper *k, struct writer_request *q, struct answer *a)
{
	struct leases_count count = {};
	int r;

	if (!memchr(q->name, '\0', sizeof(q->name)))
		return -EINVAL;
	r = leases_drop(k->leases, q->lease, q->item, q->name, &count);
	return told(r, &count, a);
}

/* What only root may read, and nothing else. */
static int read_guarded(struct keeper *k, struct writer_request *q, struct answer *a)
{
	struct power_value value = {};
	int r = check_place(k, q, POWER_SIGNAL | POWER_GUARDED);

	if (r == 0)
		r = machine_read(k->world.machine, q->item, q->index, &value);
	if (r == 0)
		r = tidy_value(&value);
	if (r == 0)
		a->reply.value = value;
	return r;
}

/* To read it without asking again: no more than a read tells, and nothing can be set by it. */
static int open_guarded(struct keeper *k, struct writer_request *q, struct answer *a)
{
	int r = check_place(k, q, POWER_SIGNAL | POWER_GUARDED);

	return r < 0 ? r : machine_open(k->world.machine, q->item, q->index, &a->fd);
}

static const struct {
	int (*act)(struct keeper *k, struct writer_request *q, struct answer *a);
	bool without_lease;
} verbs[WRITER_VERBS] = {
	[WRITER_SET] = {.act = set},
	[WRITER_END] = {.act = end},
	[WRITER_DROP] = {.act = drop},
	[WRITER_READ] = {.act = read_guarded, .without_lease = true},
	[WRITER_OPEN] = {.act = open_guarded, .without_lease = true},
};

void keeper_answer(struct keeper *k, const struct writer_request *request,
		   struct writer_reply *ret_reply, int *ret_fd)
{
	struct writer_request q = *request;
	struct answer a = {
		.reply = {.magic = WRITER_MAGIC, .error = -EINVAL, .sequence = request->sequence},
		.fd = -1,
	};

	if (q.verb < WRITER_VERBS && verbs[q.verb].act && (q.lease || verbs[q.verb].without_lease))
		a.reply.error = verbs[q.verb].act(k, &q, &a);
	tidy(k);
	*ret_reply = a.reply;
	*ret_fd = a.fd;
}
