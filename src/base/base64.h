/*
 * Base64 (RFC 4648, section 4): bytes travel so in JSON.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

/* The text, padded and NUL-terminated, the caller's. -ENOMEM. */
int base64_encode(const void *bytes, size_t len, char **ret_text);

/* The bytes of @len characters, with a NUL behind them, the caller's. -EINVAL for what is not the
 * one form that the bytes have: without padding, with other characters, with bits left over. */
int base64_decode(const char *text, size_t len, char **ret_bytes, size_t *ret_len);

#endif
