/*
 * The administrator's first password: made, hashed, wiped.
 *
 * The text form is "xxxxx-xxxxx-xxxxx-xxxxx": 20 characters from an alphabet of 32, which is 100
 * bits. Hashes are yescrypt, in the form of crypt(5).
 */
#ifndef FIRSTBOOT_PASSWORD_H
#define FIRSTBOOT_PASSWORD_H

#include <stddef.h>
#include <stdint.h>

enum {
	PASSWORD_CHARS = 20,
	PASSWORD_GROUP = 5,
	/* The characters, a dash between two groups, and the NUL. */
	PASSWORD_SIZE = PASSWORD_CHARS + PASSWORD_CHARS / PASSWORD_GROUP,
	PASSWORD_HASH_SIZE = 384,
};

/* Lower case and digits without the ones people take for another: 0, 1, l, o. */
#define PASSWORD_ALPHABET "abcdefghijkmnpqrstuvwxyz23456789"

/* Spells @bytes; each byte gives one character, each character with the same probability. */
void password_spell(const uint8_t bytes[PASSWORD_CHARS], char ret_text[PASSWORD_SIZE]);

/* A new password from the kernel's random numbers; waits until these are seeded. */
int password_new(char ret_text[PASSWORD_SIZE]);

/* Hashes @text with a salt of its own. @cost as in crypt(5); 0 for the default, tests take 1. */
int password_hash(const char *text, unsigned cost, char ret_hash[PASSWORD_HASH_SIZE]);

#endif
