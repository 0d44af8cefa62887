/*
 * How long somebody has to wait for the next attempt to log in: per user name, and per address.
 *
 * Some failures are free; each one after them doubles the wait, from a second up to a bound, and a
 * quiet time forgives all. An attempt is charged when it begins, so that many at once do not count
 * as one. Both tables are of fixed size and forget who has been quiet for longest. Knows no clock.
 */
#ifndef WEBD_LIMIT_H
#define WEBD_LIMIT_H

#include <stddef.h>
#include <stdint.h>

enum { LIMIT_ENTRIES = 512, LIMIT_KEY_MAX = 64 };

struct limit_entry {
	char key[LIMIT_KEY_MAX]; /* "": unused */
	unsigned failures;
	uint64_t last_ns;
};

struct limit {
	unsigned free; /* failures that cost nothing */
	uint64_t longest_ns, forgive_ns;
	struct limit_entry entries[LIMIT_ENTRIES];
};

/* What is left of the wait, 0 for none. */
uint64_t limit_wait_ns(const struct limit *l, const char *key, uint64_t now_ns);
void limit_charge(struct limit *l, const char *key, uint64_t now_ns);
/* It was a good one: forgives all, or takes back one charge only. */
void limit_forgive(struct limit *l, const char *key);
void limit_take_back(struct limit *l, const char *key);

/* The key of an address: itself, or of IPv6 the network of 64 bits, which is one customer's. */
void limit_address_key(const char *address, char ret_key[LIMIT_KEY_MAX]);

#endif
