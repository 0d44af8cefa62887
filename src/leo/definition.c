/*
 * What an interface is; see definition.h.
 */
#include "leo/definition.h"

#include <errno.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/talk.h"

int definition_ask(struct rpc_link *link, const char *interface, struct idl **ret_idl)
{
	_cleanup_(json_decrefp) json_t *call = json_pack("{s:s}", "interface", interface);
	_cleanup_(json_decrefp) json_t *reply = NULL;
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	const json_t *text;
	int r;

	if (!call)
		return -ENOMEM;
	r = talk_quietly(link, "org.varlink.service.GetInterfaceDescription", call, &reply);
	if (r < 0)
		return r;
	text = json_object_get(reply, "description");
	if (!json_is_string(text))
		return -EPROTO;
	r = idl_parse(json_string_value(text), json_string_length(text), false, &idl, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : -EPROTO;
	if (!str_equal(idl->name, interface))
		return -EPROTO;
	*ret_idl = take_ptr(idl);
	return 0;
}

int definition_signature(const struct idl_member *m, char **ret_text)
{
	_cleanup_free_ char *type = NULL;
	char *text;
	int r = idl_type_text(&m->type, &type);

	if (r < 0)
		return r;
	if (asprintf(&text, "%s%s", m->name, type) < 0)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}
