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

static int random_bytes(void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		p += n;
		len -= n;
	}
	return 0;
}

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
	int r = random_bytes(bytes, sizeof(bytes));

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
	int r = random_bytes(entropy, sizeof(entropy));

	if (r < 0)
		return r;
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
