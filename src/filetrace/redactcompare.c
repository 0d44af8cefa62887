/*
 * What differs between two digests; see redact.h and redactint.h.
 */
#include "filetrace/redact.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/redactint.h"

enum { FIELDS_MAX = 1000 }; /* that are told of one comparison */

struct entry {
	const char *account, *hmac; /* in the digest; the HMAC's length is fixed */
	size_t account_len;
	const char *field; /* static */
	size_t order;
};

struct entries {
	struct entry *entry;
	size_t count;
};

static const char *find_field(const char *name, size_t len)
{
	static const char *const line[] = {REDACT_LINE, NULL};
	static const char *const *const tables[] = {redact_shadow_fields, redact_gshadow_fields,
						    line};

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (const char *const *f = tables[t]; *f; f++)
			if (strlen(*f) == len && !memcmp(*f, name, len))
				return *f;
	return NULL;
}

/* "ACCOUNT FIELD HMAC": the account ends at the first blank, the field at the last. */
static int parse_entry(const char *line, size_t len, struct entry *ret_entry)
{
	struct entry e = {.account = line};
	const char *field = memchr(line, ' ', len), *last = memrchr(line, ' ', len);

	if (!field || field == last || line + len - last != REDACT_HMAC_TEXT + 1)
		return -EBADMSG;
	e.account_len = field++ - line;
	e.field = find_field(field, last - field);
	e.hmac = last + 1;
	if (!e.field || e.account_len >= sizeof(((struct record_field *)0)->account))
		return -EBADMSG;
	*ret_entry = e;
	return 0;
}

static int parse_digest(const char *digest, size_t order, struct entries *ret_entries)
{
	_cleanup_free_ struct entry *entry = NULL;
	size_t count = 0, i = 0;
	int r = 0;

	for (const char *p = digest; *p; p++)
		count += *p == '\n';
	entry = calloc(count + 1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	for (const char *p = digest; r == 0 && *p; p += strcspn(p, "\n") + 1) {
		size_t len = strcspn(p, "\n");

		if (!p[len])
			return -EBADMSG;
		r = parse_entry(p, len, &entry[i]);
		entry[i].order = order + i;
		i++;
	}
	if (r < 0)
		return r;
	*ret_entries = (struct entries){take_ptr(entry), count};
	return 0;
}

static int compare_accounts(const struct entry *a, const struct entry *b)
{
	size_t len = a->account_len < b->account_len ? a->account_len : b->account_len;
	int r = memcmp(a->account, b->account, len);

	return r ? r : (a->account_len > b->account_len) - (a->account_len < b->account_len);
}

static int compare_fields(const struct entry *a, const struct entry *b)
{
	int r = compare_accounts(a, b);

	return r ? r : strcmp(a->field, b->field);
}

static int by_hmac(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int r = compare_fields(x, y);

	return r ? r : memcmp(x->hmac, y->hmac, REDACT_HMAC_TEXT);
}

static int by_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

/* A part of sorted entries: all of one account, or of one field of it. */
static struct entries group(const struct entry *e, size_t count,
			    int (*compare)(const struct entry *a, const struct entry *b))
{
	size_t n = 0;

	while (n < count && compare(e, e + n) == 0)
		n++;
	return (struct entries){(struct entry *)e, n};
}

/* The one that stands first in the file. */
static struct entry first_of(struct entries g)
{
	struct entry first = *g.entry;

	for (size_t i = 1; i < g.count; i++)
		if (g.entry[i].order < first.order)
			first = g.entry[i];
	return first;
}

static bool same_values(struct entries a, struct entries b)
{
	if (a.count != b.count)
		return false;
	for (size_t i = 0; i < a.count; i++)
		if (memcmp(a.entry[i].hmac, b.entry[i].hmac, REDACT_HMAC_TEXT))
			return false;
	return true;
}

/* Goes through two sorted lists in step; *@ret_a and *@ret_b are the next groups, one may be empty.
 * False at the end of both. */
static bool next_pair(struct entries *a, struct entries *b,
		      int (*compare)(const struct entry *a, const struct entry *b),
		      struct entries *ret_a, struct entries *ret_b)
{
	int r = !a->count ? 1 : !b->count ? -1 : compare(a->entry, b->entry);

	if (!a->count && !b->count)
		return false;
	*ret_a = *ret_b = (struct entries){};
	if (r <= 0)
		*ret_a = group(a->entry, a->count, compare);
	if (r >= 0)
		*ret_b = group(b->entry, b->count, compare);
	a->entry += ret_a->count;
	a->count -= ret_a->count;
	b->entry += ret_b->count;
	b->count -= ret_b->count;
	return true;
}

/* Puts one entry for each difference into @found, which has room for all of both. */
static void find_differences(struct entries old, struct entries new, struct entries *found)
{
	struct entries a, b, x, y;

	while (next_pair(&old, &new, compare_accounts, &a, &b)) {
		/* Of an account that came or went it is enough to say so. */
		if (!a.count || !b.count) {
			found->entry[found->count++] = first_of(a.count ? a : b);
			continue;
		}
		while (next_pair(&a, &b, compare_fields, &x, &y))
			if (!same_values(x, y))
				found->entry[found->count++] = first_of(y.count ? y : x);
	}
}

static int make_fields(struct entries *found, struct record_field **ret_fields, size_t *ret_count)
{
	size_t count = found->count < FIELDS_MAX ? found->count : FIELDS_MAX;
	struct record_field *fields = calloc(count + 1, sizeof(*fields));

	if (!fields)
		return -ENOMEM;
	qsort(found->entry, found->count, sizeof(*found->entry), by_order);
	for (size_t i = 0; i < count; i++) {
		memcpy(fields[i].account, found->entry[i].account, found->entry[i].account_len);
		fields[i].field = found->entry[i].field;
	}
	*ret_fields = fields;
	*ret_count = count;
	return 0;
}

static void entries_deinit(struct entries *e)
{
	free(e->entry);
}

int redact_compare(const char *path, const char *old_digest, const char *new_digest,
		   struct record_field **ret_fields, size_t *ret_count)
{
	_cleanup_(entries_deinit) struct entries old = {}, new = {}, found = {};
	int r = parse_digest(new_digest ? new_digest : "", 0, &new);

	/* What is gone comes behind what is there. */
	if (r == 0)
		r = parse_digest(old_digest ? old_digest : "", new.count, &old);
	if (r < 0)
		return r;
	found.entry = calloc(old.count + new.count + 1, sizeof(*found.entry));
	if (!found.entry)
		return -ENOMEM;
	qsort(old.entry, old.count, sizeof(*old.entry), by_hmac);
	qsort(new.entry, new.count, sizeof(*new.entry), by_hmac);
	find_differences(old, new, &found);
	return make_fields(&found, ret_fields, ret_count);
}
