/*
 * Waits between attempts; see limit.h.
 */
#include "webd/login/limit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"

static bool is_forgiven(const struct limit *l, const struct limit_entry *e, uint64_t now_ns)
{
	return now_ns >= e->last_ns + l->forgive_ns;
}

static struct limit_entry *find(const struct limit *l, const char *key)
{
	for (size_t i = 0; i < LIMIT_ENTRIES; i++) {
		if (str_equal(l->entries[i].key, key))
			return (struct limit_entry *)&l->entries[i];
	}
	return NULL;
}

uint64_t limit_wait_ns(const struct limit *l, const char *key, uint64_t now_ns)
{
	const struct limit_entry *e = find(l, key);
	uint64_t wait_ns;
	unsigned doublings;

	if (!e || e->failures <= l->free || is_forgiven(l, e, now_ns))
		return 0;
	doublings = e->failures - l->free - 1;
	wait_ns = doublings < 32 ? NS_PER_S << doublings : l->longest_ns;
	if (wait_ns > l->longest_ns)
		wait_ns = l->longest_ns;
	return e->last_ns + wait_ns > now_ns ? e->last_ns + wait_ns - now_ns : 0;
}

/* An unused entry, or the one that has been quiet for longest. */
static struct limit_entry *replace(struct limit *l, const char *key)
{
	struct limit_entry *oldest = &l->entries[0];

	for (size_t i = 0; i < LIMIT_ENTRIES; i++) {
		if (l->entries[i].last_ns < oldest->last_ns)
			oldest = &l->entries[i];
	}
	*oldest = (struct limit_entry){};
	snprintf(oldest->key, sizeof(oldest->key), "%s", key);
	return oldest;
}

void limit_charge(struct limit *l, const char *key, uint64_t now_ns)
{
	struct limit_entry *e = find(l, key);

	if (!e)
		e = replace(l, key);
	else if (is_forgiven(l, e, now_ns))
		e->failures = 0;
	e->failures++;
	e->last_ns = now_ns;
}

void limit_forgive(struct limit *l, const char *key)
{
	struct limit_entry *e = find(l, key);

	if (e)
		*e = (struct limit_entry){};
}

void limit_take_back(struct limit *l, const char *key)
{
	struct limit_entry *e = find(l, key);

	if (e && e->failures)
		e->failures--;
}

void limit_address_key(const char *address, char ret_key[LIMIT_KEY_MAX])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	uint8_t bytes[16];

	snprintf(ret_key, LIMIT_KEY_MAX, "%s", *address ? address : "-");
	if (inet_pton(AF_INET6, address, bytes) != 1)
		return;
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		inet_ntop(AF_INET, bytes + 12, ret_key, LIMIT_KEY_MAX);
		return;
	}
	memset(bytes + 8, 0, 8);
	inet_ntop(AF_INET6, bytes, ret_key, LIMIT_KEY_MAX);
}
