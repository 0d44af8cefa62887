/*
 * The services of a machine; see service.h.
 */
#include "leo/service.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/api.h"

static char *lower(const char *text)
{
	char *copy = strdup(text);

	for (char *p = copy; p && *p; p++)
		*p = tolower((unsigned char)*p);
	return copy;
}

static char *join(const char *before, const char *name, const char *after)
{
	char *text;

	return asprintf(&text, "%s%s%s", before, name, after) < 0 ? NULL : text;
}

/* Most are called as their interface is. */
static void name_parts(struct service *s)
{
	static const struct {
		const char *name, *daemon, *package;
	} others[] = {
		{"power", "pwrapis", "pwrapis"},
		{"trace", "trace", "filetrace"},
	};

	s->daemon = s->package = s->name;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (str_equal(others[i].name, s->name)) {
			s->daemon = others[i].daemon;
			s->package = others[i].package;
		}
	}
}

int service_init(const char *interface, struct service *ret_service)
{
	struct service s = {.name = lower(api_short(interface)), .interface = strdup(interface)};

	if (s.name) {
		name_parts(&s);
		s.unit = join("leonhard-", s.daemon, ".service");
		s.socket_unit = join("leonhard-", s.daemon, ".socket");
		s.program = join("/usr/lib/leonhard/leonhard-", s.daemon, "");
	}
	if (!s.interface || !s.unit || !s.socket_unit || !s.program) {
		service_deinit(&s);
		return -ENOMEM;
	}
	*ret_service = s;
	return 0;
}

void service_deinit(struct service *s)
{
	free(s->name);
	free(s->interface);
	free(s->unit);
	free(s->socket_unit);
	free(s->program);
	*s = (struct service){};
}

bool service_has(const struct idl *idl)
{
	if (!str_starts(idl->name, API_PREFIX))
		return false;
	for (size_t i = 0; i < idl->member_count; i++)
		if (idl->members[i].kind == IDL_METHOD)
			return true;
	return false;
}

/* 1, 0 or a negative errno: whether the interface is that of a service. */
static int is_service(int root_fd, const char *interface)
{
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	_cleanup_free_ char *problem = NULL;
	int r;

	if (!str_starts(interface, API_PREFIX))
		return 0;
	r = api_load(root_fd, interface, &idl, &problem);
	if (r == -ENOMEM)
		return r;
	return r < 0 || service_has(idl);
}

static int fill(int root_fd, char *const *names, struct service_list *list)
{
	for (size_t i = 0; names[i]; i++) {
		int r = is_service(root_fd, names[i]);

		if (r == 0)
			continue;
		if (r > 0)
			r = service_init(names[i], &list->items[list->count]);
		if (r < 0)
			return r;
		list->count++;
	}
	return 0;
}

int service_list(int root_fd, struct service_list *ret_list)
{
	_cleanup_(service_list_deinit) struct service_list list = {};
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = api_list(root_fd, &names);

	if (r < 0)
		return r;
	list.items = calloc(str_vector_count(names) + 1, sizeof(*list.items));
	if (!list.items)
		return -ENOMEM;
	r = fill(root_fd, names, &list);
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct service_list){};
	return 0;
}

void service_list_deinit(struct service_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		service_deinit(&list->items[i]);
	free(list->items);
	*list = (struct service_list){};
}
