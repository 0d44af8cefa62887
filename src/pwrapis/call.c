/*
 * Calls: a request is judged, served and answered; see call.h.
 */
#include "pwrapis/call.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "pwrapis/measure.h"
#include "pwrapis/ops.h"
#include "pwrapis/ownpid.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/query.h"

static const struct call_code common_codes[] = {
	{EOPNOTSUPP, PWR_ERR_NOT_SUPPORTED}, {ENODEV, PWR_ERR_CPU_OFFLINE},
	{EINVAL, PWR_ERR_INVALIDE_PARAM},    {ERANGE, PWR_ERR_INVALIDE_PARAM},
	{ENOMEM, PWR_ERR_SYS_EXCEPTION},     {ENOBUFS, PWR_ERR_SYS_EXCEPTION},
	{ENOSPC, PWR_ERR_SYS_EXCEPTION},     {ENOTCONN, PWR_ERR_SYS_EXCEPTION},
	{ECONNRESET, PWR_ERR_SYS_EXCEPTION}, {EBUSY, PWR_ERR_SYS_EXCEPTION},
	{0, PWR_ERR_FILE_ACCESS_FAILED},
};

static const struct call_code *find_code(const struct call_code *codes, int error)
{
	while (codes->error && codes->error != error)
		codes++;
	return codes;
}

int call_code(const struct call *c, int r)
{
	const struct call_code *found = c->codes ? find_code(c->codes, -r) : NULL;

	if (!found || !found->error)
		found = find_code(common_codes, -r);
	return found->code;
}

/* ---- data ---- */

void *call_reply(struct call *c, size_t len)
{
	void *reply = calloc(1, len ? len : 1);

	if (!reply)
		return NULL;
	free(c->reply);
	c->reply = reply;
	c->reply_len = len;
	return reply;
}

void call_reply_cut(struct call *c, size_t len)
{
	assert(len <= c->reply_len);
	c->reply_len = len;
}

void call_forget(struct call *c)
{
	struct session *s = c->session;

	if (!c->op)
		return;
	set_leave(s);
	query_free(s->p, c->query);
	measure_free(c->measure);
	free(c->data);
	free(c->reply);
	*c = (struct call){.session = s};
}

static void answer(struct session *s, const struct wire_head *request, int code, const void *data,
		   size_t len)
{
	const struct wire_head head = {
		.major = WIRE_MAJOR,
		.minor = WIRE_MINOR,
		.operation = request->operation,
		.type = WIRE_REPLY,
		.result = code,
		.sequence = request->sequence,
		.task = request->task,
		.data_bytes = len,
		.system = request->system,
	};

	session_send(s, &head, data, len);
}

void call_end(struct call *c, int code)
{
	struct session *s = c->session;

	assert(c->op && code >= 0);
	answer(s, &c->head, code, c->reply, code == PWR_SUCCESS ? c->reply_len : 0);
	call_forget(c);
	session_update(s);
}

/* ---- who may ---- */

static bool is_granted_any(const struct session *s, const struct op *op)
{
	for (int i = 0; i < OP_ITEMS && op->items[i] != ITEM_NONE; i++)
		if (who_is_granted(&s->p->who, &s->peer, item_number(op->items[i])))
			return true;
	return false;
}

static int judge_set(struct call *c, bool needs_token)
{
	struct session *s = c->session;
	bool owner = token_is_owned_by(&s->p->token, s) && c->class >= ACCESS_CONTROL;

	if (owner || (!needs_token && c->class >= ACCESS_CONTROL))
		return PWR_SUCCESS;
	c->granted_only = true;
	if (who_has_grants(&s->p->who, &s->peer))
		return PWR_SUCCESS;
	return c->class >= ACCESS_CONTROL ? PWR_ERR_NOT_AUTHED : PWR_ERR_CONTROL_AUTH_NO_PERMISSION;
}

/* The class first, then the token, then what was granted. */
static int judge(struct call *c, const struct op *op)
{
	struct session *s = c->session;

	switch (op->need) {
	case OP_READ:
		return c->class >= ACCESS_OBSERVE || is_granted_any(s, op) ? PWR_SUCCESS
									   : PWR_ERR_NOT_AUTHED;
	case OP_SET:
		return judge_set(c, wire_op(op->operation)->control);
	case OP_TOKEN:
		return c->class >= ACCESS_CONTROL ? PWR_SUCCESS
						  : PWR_ERR_CONTROL_AUTH_NO_PERMISSION;
	case OP_ADMIN:
		if (c->class < ACCESS_ADMIN)
			return PWR_ERR_CONTROL_AUTH_NO_PERMISSION;
		return token_is_owned_by(&s->p->token, s) ? PWR_SUCCESS : PWR_ERR_NOT_AUTHED;
	case OP_OWN:
		return PWR_SUCCESS;
	}
	return PWR_ERR_NOT_AUTHED;
}

/* ---- serving ---- */

static int check_code(int r)
{
	switch (r) {
	case 0:
		return PWR_SUCCESS;
	case -EPERM:
		return PWR_ERR_NOT_AUTHED;
	case -EOPNOTSUPP:
		return PWR_ERR_NOT_SUPPORTED;
	default:
		return PWR_ERR_INVALIDE_PARAM;
	}
}

/* The data of a message, with a NUL behind it. */
static int begin(struct call *c, const struct wire_head *head, const uint8_t *data)
{
	char *copy = malloc((size_t)head->data_bytes + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, head->data_bytes);
	copy[head->data_bytes] = '\0';
	c->head = *head;
	c->data = copy;
	return 0;
}

static void run(struct call *c, const struct op *op)
{
	struct session *s = c->session;
	int code;

	c->op = op;
	beat_look(s->p);
	who_refresh(&s->p->who, uv_now(&s->p->daemon->loop));
	c->class = who_class(&s->p->who, &s->peer);
	code = judge(c, op);
	if (code == PWR_SUCCESS)
		code = op->handle(c);
	if (code != CALL_WAITS)
		call_end(c, code);
}

/* Looked up once for a session, and only for one that calls itself otherwise than we know it. */
static pid_t own_pid(struct session *s)
{
	if (!s->own_pid && ownpid_read(s->p->daemon->root_fd, s->fd, s->peer.pid, &s->own_pid) < 0)
		s->own_pid = -1;
	return s->own_pid;
}

/*
 * Whether a client may call itself so: by the number that its process has here, or in its own PID
 * namespace. What is told of a process that has no number here (of a namespace beside ours) cannot
 * be looked up. Either way it keeps the number that it has begun with.
 */
static bool takes_pid(struct session *s, uint32_t said)
{
	if (!said || said > INT_MAX)
		return false;
	if (!s->said_pid &&
	    (!s->peer.pid || (pid_t)said == s->peer.pid || (pid_t)said == own_pid(s)))
		s->said_pid = said;
	return (pid_t)said == s->said_pid;
}

void call_serve(void *owner)
{
	struct session *s = owner;
	struct wire_head head;
	const uint8_t *data;
	const struct op *op;
	int r;

	if (s->closing || s->call.op || input_peek(&s->in, &head, &data) != 1)
		return;
	r = takes_pid(s, head.system) ? wire_check(&head, head.system) : -EPERM;
	op = r == 0 ? op_find(head.operation) : NULL;
	if (r == 0 && !op)
		r = -EOPNOTSUPP;
	if (r == 0)
		r = begin(&s->call, &head, data);
	input_consume(&s->in);
	if (r == 0) {
		run(&s->call, op);
		return;
	}
	answer(s, &head, r == -ENOMEM ? PWR_ERR_SYS_EXCEPTION : check_code(r), NULL, 0);
	session_update(s);
}
