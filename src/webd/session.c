/*
 * Sessions; see session.h.
 */
#include "webd/session.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/str.h"

static int make_token(char text[SESSION_TOKEN_TEXT + 1])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[SESSION_TOKEN_BYTES];

	/* So few bytes come whole, or not at all. */
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return errno ? -errno : -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[SESSION_TOKEN_TEXT] = '\0';
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

/* The time it takes depends on nothing but the length. */
static bool token_equal(const char *a, const char *b)
{
	unsigned char differs = 0;

	for (size_t i = 0; i < SESSION_TOKEN_TEXT; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}

static unsigned count_of(const struct sessions *s, const char *user)
{
	unsigned count = 0;

	for (size_t i = 0; i < SESSIONS_MAX; i++)
		count += s->all[i].used && str_equal(s->all[i].user, user);
	return count;
}

static struct session *find_unused(struct sessions *s)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (!s->all[i].used)
			return &s->all[i];
	}
	return NULL;
}

struct session *session_stalest(struct sessions *s, const char *user)
{
	struct session *stalest = NULL;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *one = &s->all[i];

		if (one->used && str_equal(one->user, user) &&
		    (!stalest || one->active_ns < stalest->active_ns))
			stalest = one;
	}
	return stalest;
}

int session_new(struct sessions *s, const char *user, uint64_t now_ns, struct session **ret_session)
{
	struct session *one = find_unused(s);
	int r;

	if (!one)
		return -ENOSPC;
	if (count_of(s, user) >= SESSIONS_PER_USER)
		return -EUSERS;
	if (strlen(user) >= sizeof(one->user))
		return -ENAMETOOLONG;
	*one = (struct session){.begun_ns = now_ns, .active_ns = now_ns};
	r = make_token(one->id);
	if (r == 0)
		r = make_token(one->csrf);
	if (r < 0)
		return r;
	strcpy(one->user, user);
	one->used = true;
	*ret_session = one;
	return 0;
}

void session_end(struct session *s)
{
	explicit_bzero(s, sizeof(*s));
}

uint64_t session_end_ns(const struct sessions *s, const struct session *one)
{
	uint64_t idle_ns = one->active_ns + s->idle_ns;
	uint64_t absolute_ns = one->begun_ns + s->absolute_ns;

	return idle_ns < absolute_ns ? idle_ns : absolute_ns;
}

bool session_over(const struct sessions *s, const struct session *one, uint64_t now_ns)
{
	return now_ns >= session_end_ns(s, one);
}

struct session *session_find(struct sessions *s, const char *id, size_t len, uint64_t now_ns)
{
	struct session *found = NULL;

	if (len != SESSION_TOKEN_TEXT)
		return NULL;
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (s->all[i].used && token_equal(s->all[i].id, id))
			found = &s->all[i];
	}
	return found && !session_over(s, found, now_ns) ? found : NULL;
}

void session_touch(struct session *s, uint64_t now_ns)
{
	s->active_ns = now_ns;
}

bool session_csrf_valid(const struct session *s, const char *token)
{
	return token && strlen(token) == SESSION_TOKEN_TEXT && token_equal(s->csrf, token);
}
