/*
 * Secrets that no record may hold: passwords of accounts, private keys.
 *
 * What is secret is decided by path and by content, and by content also where a path is new: a file
 * that once was or now is secret has neither content nor hash in the store. Of files with secrets
 * by account (shadow, gshadow, and copies such as shadow-) it is told whose field changed, never a
 * value: what is kept to find that out is a keyed digest per field, with a key that never leaves
 * this machine's store of secrets.
 */
#ifndef FILETRACE_REDACT_H
#define FILETRACE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "filetrace/record.h"

enum redact_kind {
	REDACT_NONE,
	REDACT_ACCOUNTS, /* shadow(5), gshadow(5) */
	REDACT_WHOLE, /* private keys and the like */
};

/* @content may be NULL: by path only. */
enum redact_kind redact_kind(const char *path, const char *content, size_t len);

struct redact_key {
	unsigned char bytes[32];
};

/*
 * A digest of a file with secrets by account: lines of "ACCOUNT FIELD HMAC", without values, to be
 * kept and compared later. The caller's, NUL-terminated. Lines that make no sense count as account
 * "" and are compared as a whole. -ENOMEM, -EIO.
 */
int redact_digest(const struct redact_key *key, const char *path, const char *content, size_t len,
		  char **ret_digest);

/*
 * What differs between two digests (NULL: there was no file). By account, in the order of the new
 * one, what is gone behind it; at most 1000. Of an account that came or went, the field is
 * "account"; of lines that make no sense, "line". The array is the caller's. -EBADMSG for a text
 * that is no digest.
 */
int redact_compare(const char *path, const char *old_digest, const char *new_digest,
		   struct record_field **ret_fields, size_t *ret_count);

#endif
