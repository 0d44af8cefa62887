/*
 * Digests of files with secrets by account, and what differs between two; see redact.h.
 *
 * A line of a digest is "ACCOUNT FIELD HMAC": an account has no blanks, a field may have some. The
 * HMAC is of the account, the field and its value, so that equal passwords do not look equal. Each
 * account has a line for itself, of the field "account", whose value is its name. A line of the
 * file that is none of shadow(5) or gshadow(5) has the account "" and the field "line".
 */
#include "filetrace/redact.h"

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/def.h"
#include "base/str.h"

enum {
	FIELDS_MAX = 1000, /* that are told of one comparison */
	HMAC_BYTES = 32,
	HMAC_TEXT = 2 * HMAC_BYTES,
	SHADOW_FIELDS = 9,
	GSHADOW_FIELDS = 4,
};

static const char field_account[] = "account", field_line[] = "line";

static const char *const shadow_fields[SHADOW_FIELDS] = {
	field_account,	  "password",	    "last change",     "minimum age", "maximum age",
	"warning period", "inactivity period", "expiration date", "reserved",
};

static const char *const gshadow_fields[GSHADOW_FIELDS] = {
	field_account,
	"password",
	"administrators",
	"members",
};

/* ---- digests ---- */

static void mac_free(EVP_MAC_CTX **ctx)
{
	EVP_MAC_CTX_free(*ctx);
}

static int mac_new(EVP_MAC_CTX **ret_ctx)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

	EVP_MAC_free(mac);
	if (!ctx)
		return -ENOMEM;
	*ret_ctx = ctx;
	return 0;
}

/* With their ends, so that no two fields have the same bytes. */
static int mac_field(EVP_MAC_CTX *ctx, const struct redact_key *key, const char *account,
		     size_t account_len, const char *field, const char *value, size_t len,
		     unsigned char ret_hmac[HMAC_BYTES])
{
	static char sha256[] = "SHA256";
	const OSSL_PARAM params[] = {OSSL_PARAM_utf8_string("digest", sha256, sizeof(sha256) - 1),
				     OSSL_PARAM_END};
	size_t written;

	if (!EVP_MAC_init(ctx, key->bytes, sizeof(key->bytes), params) ||
	    !EVP_MAC_update(ctx, (const unsigned char *)account, account_len) ||
	    !EVP_MAC_update(ctx, (const unsigned char *)"", 1) ||
	    !EVP_MAC_update(ctx, (const unsigned char *)field, strlen(field) + 1) ||
	    !EVP_MAC_update(ctx, (const unsigned char *)value, len) ||
	    !EVP_MAC_final(ctx, ret_hmac, &written, HMAC_BYTES))
		return -EIO;
	return 0;
}

struct digest {
	const struct redact_key *key;
	EVP_MAC_CTX *ctx;
	struct strbuf text;
};

static int add_field(struct digest *d, const char *account, size_t account_len, const char *field,
		     const char *value, size_t len)
{
	unsigned char hmac[HMAC_BYTES];
	char text[HMAC_TEXT + 1];
	int r = mac_field(d->ctx, d->key, account, account_len, field, value, len, hmac);

	for (size_t i = 0; i < HMAC_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", hmac[i]);
	if (r == 0)
		r = strbuf_addf(&d->text, "%.*s %s %s\n", (int)account_len, account, field, text);
	return r;
}

/*
 * Whether it looks like the name of an account, and not like a secret at the wrong place: no blanks
 * and nothing that would have to be escaped, no dollar sign but at the end (Samba's machines).
 */
static bool is_account(const char *name, size_t len)
{
	uint32_t c;

	if (len == 0 || len >= sizeof(((struct record_field *)0)->account))
		return false;
	for (size_t i = 0, n; i < len; i += n) {
		n = str_utf8_sequence(name + i, len - i, &c);
		if (!n || c <= ' ' || c == '\\' || (c >= 0x7f && c < 0xa0) ||
		    (c == '$' && i + 1 < len))
			return false;
	}
	return true;
}

/* The names of the fields of @line, by their number; NULL when it makes no sense. */
static const char *const *fields_of(const char *path, const char *line, size_t len,
				    size_t *ret_count)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	const char *colon = memchr(line, ':', len);
	size_t count = 1;

	if (!colon || !is_account(line, colon - line))
		return NULL;
	for (size_t i = 0; i < len; i++)
		count += line[i] == ':';
	*ret_count = count;
	if (count == GSHADOW_FIELDS && !str_starts(name, "shadow"))
		return gshadow_fields;
	return count == SHADOW_FIELDS && !str_starts(name, "gshadow") ? shadow_fields : NULL;
}

static int add_line(struct digest *d, const char *path, const char *line, size_t len)
{
	const char *end = line + len, *p = line;
	size_t count, account_len;
	const char *const *fields = fields_of(path, line, len, &count);
	int r = 0;

	if (!fields)
		return add_field(d, "", 0, field_line, line, len);
	account_len = (const char *)memchr(line, ':', len) - line;
	for (size_t i = 0; r == 0 && i < count; i++) {
		const char *colon = p < end ? memchr(p, ':', end - p) : NULL;
		const char *field_end = colon ? colon : end;

		r = add_field(d, line, account_len, fields[i], p, field_end - p);
		p = colon ? colon + 1 : end;
	}
	return r;
}

static void digest_deinit(struct digest *d)
{
	mac_free(&d->ctx);
	strbuf_deinit(&d->text);
}

int redact_digest(const struct redact_key *key, const char *path, const char *content, size_t len,
		  char **ret_digest)
{
	_cleanup_(digest_deinit) struct digest d = {.key = key};
	const char *p = content, *end = p + len;
	int r = mac_new(&d.ctx);

	while (r == 0 && p < end) {
		const char *newline = memchr(p, '\n', end - p), *line_end = newline ? newline : end;

		if (line_end > p)
			r = add_line(&d, path, p, line_end - p);
		p = newline ? newline + 1 : end;
	}
	return r < 0 ? r : strbuf_steal(&d.text, ret_digest);
}

/* ---- what differs ---- */

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
	static const struct {
		const char *const *fields;
		size_t count;
	} tables[] = {
		{shadow_fields, SHADOW_FIELDS},
		{gshadow_fields, GSHADOW_FIELDS},
		{(const char *const[]){field_line}, 1},
	};

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t i = 0; i < tables[t].count; i++)
			if (strlen(tables[t].fields[i]) == len &&
			    !memcmp(tables[t].fields[i], name, len))
				return tables[t].fields[i];
	return NULL;
}

/* "ACCOUNT FIELD HMAC": the account ends at the first blank, the field at the last. */
static int parse_entry(const char *line, size_t len, struct entry *ret_entry)
{
	struct entry e = {.account = line};
	const char *field = memchr(line, ' ', len), *last = memrchr(line, ' ', len);

	if (!field || field == last || line + len - last != HMAC_TEXT + 1)
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

	return r ? r : memcmp(x->hmac, y->hmac, HMAC_TEXT);
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
		if (memcmp(a.entry[i].hmac, b.entry[i].hmac, HMAC_TEXT))
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
