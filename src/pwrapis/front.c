/*
 * The varlink front: its server, and the methods that only look; see front.h.
 */
#include "pwrapis/front.h"

#include <errno.h>
#include <stdlib.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/cap.h"
#include "rpc/client.h"
#include "rpc/json.h"

/* api/io.leonhard.Power.varlink */
extern const char api_power[];

static void on_problem(void *data, const char *text)
{
	log_warning("%s", text);
}

/* ---- grants ---- */

/* Besides the classes of access.conf, which rpc knows itself. */
static bool is_granted_any(void *data, const struct peer *peer)
{
	const struct front *f = data;

	return who_has_grants(&f->p->who, peer);
}

/* Who was granted what the cap of the machine is was granted the cap. */
static bool is_granted_cap(const struct front *f, const struct peer *peer, unsigned item)
{
	struct cap cap;

	return str_starts(catalogue_item(item)->name, CAP_ITEM) &&
	       cap_find(f->p->machine, &cap) == 0 &&
	       who_is_granted(&f->p->who, peer, item_number(cap.item));
}

bool front_may(const struct front *f, const struct rpc_call *call, unsigned item)
{
	const struct peer *peer = rpc_call_peer(call);

	return !rpc_call_by_grant(call) || who_is_granted(&f->p->who, peer, item) ||
	       is_granted_cap(f, peer, item);
}

void front_deny(struct rpc_call *call)
{
	rpc_error(call, "org.varlink.service.PermissionDenied", NULL);
}

/* Who has only a grant is not told whether there is an item beside it. */
bool front_find(const struct front *f, struct rpc_call *call, const char *name, unsigned *ret_item)
{
	unsigned item;
	int r = catalogue_find(name, &item);

	if (r == 0 && front_may(f, call, item)) {
		*ret_item = item;
		return true;
	}
	if (rpc_call_by_grant(call))
		front_deny(call);
	else
		rpc_error(call, FRONT_INTERFACE ".NoSuchItem", json_pack("{s:s}", "item", name));
	return false;
}

/* ---- methods ---- */

static void handle_list_items(struct rpc_call *call, const json_t *parameters, void *data)
{
	const struct front *f = data;
	const char *domain = json_string_value(json_object_get(parameters, "domain"));
	json_t *items = NULL;
	int r;

	beat_look(f->p);
	r = catalogue_list(f->p, domain, call, &items);
	if (r < 0)
		rpc_failed(call, r, "cannot list items");
	else
		rpc_reply(call, json_pack("{s:o}", "items", items));
}

/* A call that waits until all is read. */
struct looking {
	struct rpc_call *call;
	struct reading_choice choice;
	struct reading *reading;
};

static void looking_free(struct looking *l)
{
	free(l->choice.items);
	free(l);
}

static void on_read(void *data, int r, json_t *readings)
{
	struct looking *l = data;

	if (r == -E2BIG)
		rpc_error(l->call, FRONT_INTERFACE ".TooMany",
			  json_pack("{s:i}", "limit", READINGS_MAX));
	else if (r < 0)
		rpc_failed(l->call, r, "cannot read");
	else
		rpc_reply(l->call, json_pack("{s:o}", "readings", readings));
	looking_free(l);
}

static void on_read_closed(struct rpc_call *call, void *data)
{
	struct looking *l = data;

	reading_cancel(l->reading);
	looking_free(l);
}

static void handle_read(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct front *f = data;
	struct reading_choice choice;
	struct looking *l;

	beat_look(f->p);
	if (!reading_choose(f->p, call, json_object_get(parameters, "items"), &choice))
		return;
	l = calloc(1, sizeof(*l));
	if (!l || reading_begin(f->p, &l->choice, rpc_call_class(call) < ACCESS_CONTROL, on_read, l,
				&l->reading) < 0) {
		free(l);
		free(choice.items);
		rpc_failed(call, -ENOMEM, "cannot read");
		return;
	}
	l->call = call;
	l->choice = choice;
	rpc_call_on_closed(call, on_read_closed, l);
}

const struct rpc_method front_methods[] = {
	{"ListItems", handle_list_items},
	{"Read", handle_read},
	{"Watch", front_watch},
	{"ListSettings", front_list_settings},
	{"Set", front_set},
	{"Release", front_release},
	{"ListSeries", front_list_series},
	{"History", front_history},
	{"Statistics", front_statistics},
	{"Health", front_health},
	{"Scheduling", front_scheduling},
	{"Consumers", front_consumers},
	{},
};

/* ---- the server ---- */

static int serve(struct front *f)
{
	const struct rpc_server_config config = {
		.product = "Leonhard power API",
		.version = VERSION,
		.root_fd = f->p->daemon->root_fd,
		.problem = on_problem,
		.granted = is_granted_any,
		.data = f,
	};
	int r = rpc_server_new(&f->p->daemon->loop, &config, &f->server);

	if (r == 0)
		r = rpc_server_add(f->server, api_power, front_methods, f);
	if (r == 0)
		r = rpc_server_listen(f->server, RPC_SOCKET_DIR "/" FRONT_INTERFACE);
	return r < 0 ? log_error_errno(r, "cannot serve " FRONT_INTERFACE) : 0;
}

int front_open(struct pwrapis *p)
{
	struct front *f = calloc(1, sizeof(*f));

	if (!f)
		return log_error_errno(-ENOMEM, "cannot serve " FRONT_INTERFACE);
	f->p = p;
	list_init(&f->holders);
	list_init(&f->settings);
	list_init(&f->releases);
	p->front = f;
	return serve(f);
}

void front_close(struct pwrapis *p)
{
	if (p->front && p->front->server)
		rpc_server_close(take_ptr(p->front->server));
}

void front_free(struct pwrapis *p)
{
	if (!p->front)
		return;
	holders_free(p->front);
	readings_free(p);
	free(take_ptr(p->front));
}
