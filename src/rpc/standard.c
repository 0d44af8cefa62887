/*
 * org.varlink.service, which every varlink service has: who it is, and its interfaces.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "rpc/api.h"
#include "rpc/serverint.h"

#define VENDOR "Leonhard"
#define URL "https://leonhard.invalid/"

static void get_info(struct rpc_call *call, const json_t *parameters, void *data)
{
	const struct rpc_server *s = data;
	json_t *interfaces = json_array();

	for (size_t i = 0; i < s->idl_count; i++)
		json_array_append_new(interfaces, json_string(s->idls[i]->name));
	rpc_reply(call,
		  json_pack("{ss ss ss ss so}", "vendor", VENDOR, "product", s->config.product,
			    "version", s->config.version, "url", URL, "interfaces", interfaces));
}

static void get_description(struct rpc_call *call, const json_t *parameters, void *data)
{
	const struct rpc_server *s = data;
	const char *name = json_string_value(json_object_get(parameters, "interface"));
	const struct idl *idl = server_find_idl(s, name, strlen(name));

	if (idl)
		rpc_reply(call, json_pack("{ss}", "description", idl->text));
	else
		rpc_error(call, RPC_STANDARD "InterfaceNotFound",
			  json_pack("{ss}", "interface", name));
}

/* Who was granted anything is told as much as everybody: it is the same of each machine. */
static const struct rpc_method methods[] = {
	{"GetInfo", get_info},
	{"GetInterfaceDescription", get_description},
	{},
};

static const struct rpc_method no_methods[] = {{}};

int standard_add(struct rpc_server *s)
{
	int r = rpc_server_add(s, api_varlink_service, methods, s);

	return r < 0 ? r : rpc_server_add(s, api_rpc, no_methods, NULL);
}
