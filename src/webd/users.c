/*
 * Names of users by number, and numbers by name.
 *
 * Where names come from may take its time, and this process has one thread for everybody; so the
 * bridge of the session is asked. It belongs to its user: what it says is looked at before it is
 * told, and only that user is told it.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "webd/exchange.h"
#include "webd/handlers.h"
#include "webd/names.h"

/* As text, for the bridge, and taken apart. The query stays as long as the request. */
static int read_question(const struct request *rq, char text[NAMES_QUESTION_MAX],
			 struct names_question *ret_question)
{
	const char *uid = request_query(rq, "uid"), *name = request_query(rq, "name");
	int n;

	if (!uid == !name)
		return -EINVAL;
	n = uid ? snprintf(text, NAMES_QUESTION_MAX, "uid=%s", uid)
		: snprintf(text, NAMES_QUESTION_MAX, "name=%s", name);
	return n < NAMES_QUESTION_MAX ? names_parse_question(text, ret_question) : -EINVAL;
}

static int add(json_t *users, const struct names_one *one)
{
	char uid[NAMES_DIGITS_MAX + 1];

	snprintf(uid, sizeof(uid), "%u", one->uid);
	return json_object_set_new(users, uid, json_stringn(one->name, one->len)) < 0 ? -ENOMEM : 0;
}

/* One about more users than were asked for, or others, is none. */
static int read_answer(const char *text, const struct names_question *q, json_t *users)
{
	size_t max = q->count ? q->count : 1;
	struct names_one one;
	int r;

	for (size_t n = 0; (r = names_next(&text, &one)) > 0; n++) {
		if (n == max || !names_asked(q, &one))
			return -EINVAL;
		r = add(users, &one);
		if (r < 0)
			return r;
	}
	return r;
}

static void answer(struct request *rq, const char *text, size_t len)
{
	char asked[NAMES_QUESTION_MAX];
	struct names_question q;
	json_t *users = json_object();
	int r = users ? read_question(rq, asked, &q) : -ENOMEM;

	if (r == 0)
		r = read_answer(text, &q, users);
	if (r == 0) {
		request_reply(rq, MHD_HTTP_OK, json_pack("{so}", "users", users));
		return;
	}
	json_decref(users);
	if (r == -ENOMEM)
		request_reply(rq, MHD_HTTP_OK, NULL);
	else
		request_error(rq, MHD_HTTP_BAD_GATEWAY, "the session's bridge has sent no names");
}

void handle_users(struct request *rq)
{
	char text[NAMES_QUESTION_MAX];
	struct names_question q;

	if (!exchange_has_room(rq))
		return;
	if (read_question(rq, text, &q) < 0) {
		request_error(rq, MHD_HTTP_BAD_REQUEST,
			      "\"uid\" with at most 64 numbers is wanted, or \"name\" with a name");
		return;
	}
	exchange_begin(rq, NAMES_CHANNEL, text, strlen(text) + 1, answer);
}
