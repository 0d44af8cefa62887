/*
 * Base64 (RFC 4648, section 4), written only.
 */
#ifndef FILETRACE_BASE64_H
#define FILETRACE_BASE64_H

#include <stddef.h>

/* The text, padded and NUL-terminated, the caller's. -ENOMEM. */
int base64_encode(const void *bytes, size_t len, char **ret_text);

#endif
