/*
 * Digests of files with secrets by account; see redact.h and redactint.h.
 */
#include "filetrace/redact.h"

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/redactint.h"

enum { HMAC_BYTES = REDACT_HMAC_TEXT / 2 };

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

/* The names of a line's fields, NULL-terminated. */
const char *const redact_shadow_fields[] = {
	REDACT_ACCOUNT,	  "password",	       "last change",	  "minimum age", "maximum age",
	"warning period", "inactivity period", "expiration date", "reserved",	 NULL,
};

const char *const redact_gshadow_fields[] = {
	REDACT_ACCOUNT, "password", "administrators", "members", NULL,
};

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
	char text[REDACT_HMAC_TEXT + 1];
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
	if (count == REDACT_GSHADOW_FIELDS && !str_starts(name, "shadow"))
		return redact_gshadow_fields;
	if (count == REDACT_SHADOW_FIELDS && !str_starts(name, "gshadow"))
		return redact_shadow_fields;
	return NULL;
}

static int add_line(struct digest *d, const char *path, const char *line, size_t len)
{
	const char *end = line + len, *p = line;
	size_t count, account_len;
	const char *const *fields = fields_of(path, line, len, &count);
	int r = 0;

	if (!fields)
		return add_field(d, "", 0, REDACT_LINE, line, len);
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
