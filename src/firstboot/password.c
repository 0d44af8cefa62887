/*
 * The administrator's first password; see password.h.
 *
 * Nothing here keeps a copy: what held random bytes, text or the state of the hash is wiped
 * before a function returns, on success and on failure.
 */
#include "firstboot/password.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/def.h"

/* 256 is a multiple of 32: the low bits of a random byte choose without favour. */
_Static_assert(sizeof(PASSWORD_ALPHABET) - 1 == 32, "the alphabet has a power of two characters");
_Static_assert(PASSWORD_HASH_SIZE >= CRYPT_OUTPUT_SIZE, "a hash of libcrypt fits");

void password_spell(const uint8_t bytes[PASSWORD_CHARS], char ret_text[PASSWORD_SIZE])
{
	char *p = ret_text;

	for (size_t i = 0; i < PASSWORD_CHARS; i++) {
		if (i && i % PASSWORD_GROUP == 0)
			*p++ = '-';
		*p++ = PASSWORD_ALPHABET[bytes[i] % 32];
	}
	*p = '\0';
}

int password_new(char ret_text[PASSWORD_SIZE])
{
	uint8_t bytes[PASSWORD_CHARS];
	/* Waits until the kernel has entropy; for so few bytes it is never short. */
	int r = getentropy(bytes, sizeof(bytes)) < 0 ? -errno : 0;

	if (r == 0)
		password_spell(bytes, ret_text);
	explicit_bzero(bytes, sizeof(bytes));
	return r;
}

/* @state is libcrypt's work area; it is large, holds secrets, and belongs to the caller. */
static int hash_with(struct crypt_data *state, const char *text, unsigned cost, char *ret_hash)
{
	char salt[CRYPT_GENSALT_OUTPUT_SIZE], entropy[16];
	const char *hash;

	if (getentropy(entropy, sizeof(entropy)) < 0)
		return -errno;
	errno = 0;
	if (!crypt_gensalt_rn("$y$", cost, entropy, sizeof(entropy), salt, sizeof(salt)))
		return errno ? -errno : -EINVAL;
	hash = crypt_rn(text, salt, state, sizeof(*state));
	if (!hash)
		return errno ? -errno : -EINVAL;
	if (strlen(hash) >= PASSWORD_HASH_SIZE)
		return -EOVERFLOW;
	strcpy(ret_hash, hash);
	return 0;
}

int password_hash(const char *text, unsigned cost, char ret_hash[PASSWORD_HASH_SIZE])
{
	struct crypt_data *state = calloc(1, sizeof(*state));
	int r;

	if (!state)
		return -ENOMEM;
	r = hash_with(state, text, cost, ret_hash);
	explicit_bzero(state, sizeof(*state));
	free(state);
	return r;
}
