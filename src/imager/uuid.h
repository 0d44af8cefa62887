/*
 * Identities that follow from a content: the same text and word give the same UUID, anywhere.
 */
#ifndef IMAGER_UUID_H
#define IMAGER_UUID_H

#include <stddef.h>
#include <stdint.h>

#define UUID_TEXT_LEN 36

/* In the order of the text form, RFC 9562 section 4. */
struct uuid {
	uint8_t bytes[16];
};

/*
 * A UUID of version 8 (RFC 9562, section 5.8), made from SHA-256 over @domain, a NUL byte and
 * @len bytes of @text. @domain keeps identities of several things in one image apart.
 */
int uuid_derive(const char *domain, const void *text, size_t len, struct uuid *ret_uuid);

void uuid_format(const struct uuid *uuid, char ret_text[UUID_TEXT_LEN + 1]);

#endif
