/*
 * Within redaction: what a digest is.
 *
 * A line of a digest is "ACCOUNT FIELD HMAC": an account has no blanks, a field may have some. The
 * HMAC is of the account, the field and its value, so that equal passwords do not look equal. Each
 * account has a line for itself, of the field "account", whose value is its name. A line of the
 * file that is none of shadow(5) or gshadow(5) has the account "" and the field "line".
 */
#ifndef FILETRACE_REDACTINT_H
#define FILETRACE_REDACTINT_H

#define REDACT_ACCOUNT "account"
#define REDACT_LINE "line"

enum {
	REDACT_HMAC_TEXT = 64, /* hexadecimal digits */
	REDACT_SHADOW_FIELDS = 9,
	REDACT_GSHADOW_FIELDS = 4,
};

/* By their order in a line; NULL-terminated. */
extern const char *const redact_shadow_fields[], *const redact_gshadow_fields[];

#endif
