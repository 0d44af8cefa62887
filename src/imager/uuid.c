/*
 * Identities from contents; see uuid.h.
 */
#include "uuid.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"

static void ctx_freep(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

int uuid_derive(const char *domain, const void *text, size_t len, struct uuid *ret_uuid)
{
	_cleanup_(ctx_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char digest[EVP_MAX_MD_SIZE];

	if (!ctx)
		return -ENOMEM;
	if (EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestUpdate(ctx, domain, strlen(domain) + 1) != 1 ||
	    EVP_DigestUpdate(ctx, text, len) != 1 || EVP_DigestFinal_ex(ctx, digest, NULL) != 1)
		return -EIO;
	memcpy(ret_uuid->bytes, digest, sizeof(ret_uuid->bytes));
	ret_uuid->bytes[6] = (ret_uuid->bytes[6] & 0x0f) | 0x80;
	ret_uuid->bytes[8] = (ret_uuid->bytes[8] & 0x3f) | 0x80;
	return 0;
}

void uuid_format(const struct uuid *uuid, char ret_text[UUID_TEXT_LEN + 1])
{
	char *p = ret_text;

	for (size_t i = 0; i < sizeof(uuid->bytes); i++)
		p += sprintf(p, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			     uuid->bytes[i]);
}
