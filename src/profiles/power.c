/*
 * Putting a profile in force; see power.h.
 *
 * Always in the same four steps: what we had set is released, so that the machine is as it was; it
 * is looked at; the plan is made; and what it says is set, one after the other. A profile that is
 * asked for meanwhile waits for the step, and starts from the first.
 */
#include "profiles/power.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "profiles/plan.h"
#include "rpc/json.h"

#define INTERFACE "io.leonhard.Power"

enum { PAUSE_FIRST_MS = 1000, PAUSE_LAST_MS = 60000 };

static void begin(struct power *x);

static void on_retry(uv_timer_t *timer)
{
	begin(timer->data);
}

/* Twice as long as the last time. */
static void try_later(struct power *x)
{
	uv_timer_start(&x->retry, on_retry, x->pause_ms, 0);
	x->pause_ms = x->pause_ms * 2 < PAUSE_LAST_MS ? x->pause_ms * 2 : PAUSE_LAST_MS;
}

static void disconnect(struct power *x)
{
	rpc_client_close(take_ptr(x->client));
}

/* The end of the steps, or of one of them. */
static void finish(struct power *x, int r)
{
	json_decref(take_ptr(x->sets));
	x->busy = false;
	if (x->again) {
		begin(x);
		return;
	}
	/* What the machine does not take, it will not take later. */
	if (r < 0 && r != -EOPNOTSUPP)
		try_later(x);
	else
		x->pause_ms = PAUSE_FIRST_MS;
	x->ops->applied(x->data, x->wanted, r, r < 0 ? x->reason : NULL);
}

__attribute__((format(printf, 2, 3))) static void give_reason(struct power *x, const char *format,
							      ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(x->reason, sizeof(x->reason), format, ap);
	va_end(ap);
}

static void fail(struct power *x, int r, const char *what)
{
	disconnect(x);
	give_reason(x, "%s: %s", what, strerror(-r));
	finish(x, r);
}

/* What an error of the service means for people. */
static void give_error(struct power *x, const struct rpc_answer *a)
{
	const char *reason = json_string_value(json_object_get(a->parameters, "reason"));
	const json_t *uid = json_object_get(a->parameters, "uid");

	if (str_equal(a->error, INTERFACE ".ControlHeld"))
		give_reason(x, "user %lld has control of power",
			    (long long)json_integer_value(uid));
	else if (str_equal(a->error, "org.varlink.service.PermissionDenied"))
		give_reason(x, "this service lacks the class control in access.conf");
	else
		give_reason(x, "%s", reason ? reason : a->error);
}

/* Whether the answer is one to go on with; if not, the steps are over. */
static bool is_good(struct power *x, int r, const struct rpc_answer *a)
{
	if (!a) {
		fail(x, r, "the power API has gone");
		return false;
	}
	if (a->error) {
		give_error(x, a);
		finish(x, -EIO);
		return false;
	}
	return true;
}

/* ---- setting ---- */

static void set_next(struct power *x);

/* What this machine does not take is passed over. */
static void on_set(struct rpc_client *c, int r, const struct rpc_answer *a, void *data)
{
	struct power *x = data;

	if (!a) {
		fail(x, r, "the power API has gone");
		return;
	}
	if (a->error) {
		give_error(x, a);
		if (str_equal(a->error, INTERFACE ".Refused") ||
		    str_equal(a->error, INTERFACE ".NoSuchPlace"))
			x->refused++;
		else
			x->failed = -EBUSY;
	}
	set_next(x);
}

static void set_one(struct power *x, json_t *set)
{
	int r = json_object_set_new(set, "keep", json_false());

	if (r == 0)
		r = rpc_client_call(x->client, INTERFACE ".Set", set, false, on_set, x);
	else
		r = -ENOMEM;
	if (r < 0)
		fail(x, r, "cannot set");
}

static void set_next(struct power *x)
{
	size_t count = json_array_size(x->sets);

	if (x->failed < 0 || x->again)
		finish(x, x->failed);
	else if (x->next < count)
		set_one(x, json_array_get(x->sets, x->next++));
	else
		finish(x, count && x->refused == count ? -EOPNOTSUPP : 0);
}

/* ---- looking ---- */

static void on_read(struct rpc_client *c, int r, const struct rpc_answer *a, void *data)
{
	struct power *x = data;
	json_t *view;

	if (!is_good(x, r, a))
		return;
	r = plan_view(json_object_get(a->parameters, "readings"), &view);
	if (r == 0) {
		json_decref(x->view);
		x->view = view;
		r = plan_make(x->view, x->ops->choice(x->data, x->wanted), &x->sets);
	}
	if (r < 0) {
		fail(x, r, "cannot look at the machine");
		return;
	}
	x->ops->looked(x->data);
	set_next(x);
}

static int read_machine(struct power *x)
{
	_cleanup_json_ json_t *items = json_array(), *parameters = NULL;

	for (const char *const *item = plan_items; *item; item++)
		json_array_append_new(items, json_string(*item));
	parameters = json_pack("{s:O}", "items", items);
	return parameters ? rpc_client_call(x->client, INTERFACE ".Read", parameters, false,
					    on_read, x)
			  : -ENOMEM;
}

static void on_released(struct rpc_client *c, int r, const struct rpc_answer *a, void *data)
{
	struct power *x = data;

	if (!is_good(x, r, a))
		return;
	r = read_machine(x);
	if (r < 0)
		fail(x, r, "cannot look at the machine");
}

/* ---- the connection ---- */

/* Nothing was on its way: what was in force is so no more. */
static void on_lost(struct rpc_client *c, int r, void *data)
{
	struct power *x = data;

	disconnect(x);
	give_reason(x, "the power API has gone: %s", strerror(-r));
	finish(x, r);
}

static int connect_service(struct power *x)
{
	int r;

	if (x->client)
		return 0;
	r = rpc_client_new(x->loop, x->root, INTERFACE, &x->client);
	if (r == 0)
		rpc_client_on_lost(x->client, on_lost, x);
	return r;
}

static void begin(struct power *x)
{
	int r;

	uv_timer_stop(&x->retry);
	x->busy = true;
	x->again = false;
	x->next = x->refused = x->failed = 0;
	r = connect_service(x);
	if (r == 0)
		r = rpc_client_call(x->client, INTERFACE ".Release", NULL, false, on_released, x);
	if (r < 0)
		fail(x, r, "the power API does not answer");
}

void power_apply(struct power *x, enum profile profile)
{
	x->wanted = profile;
	x->pause_ms = PAUSE_FIRST_MS;
	if (x->busy)
		x->again = true;
	else
		/* Never from within the call: its caller is not through yet. */
		uv_timer_start(&x->retry, on_retry, 0, 0);
}

int power_init(struct power *x, uv_loop_t *loop, const char *root, const struct power_ops *ops,
	       void *data)
{
	*x = (struct power){.loop = loop, .root = root, .ops = ops, .data = data};
	x->wanted = PROFILE_BALANCED;
	x->pause_ms = PAUSE_FIRST_MS;
	x->view = json_object();
	if (!x->view)
		return -ENOMEM;
	x->retry.data = x;
	return uv_timer_init(loop, &x->retry);
}

void power_close(struct power *x)
{
	if (!x->view)
		return;
	disconnect(x);
	uv_close((uv_handle_t *)&x->retry, NULL);
}

void power_deinit(struct power *x)
{
	json_decref(x->sets);
	json_decref(x->view);
}
