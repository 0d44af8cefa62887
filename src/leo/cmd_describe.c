/*
 * leo describe [INTERFACE[.METHOD]]: what a service can be asked, and what it replies.
 *
 * The service itself is asked, since it knows what it serves; when it cannot tell, the file that is
 * installed is shown, and why.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/table.h"
#include "leo/api.h"
#include "leo/definition.h"
#include "leo/fail.h"
#include "leo/layout.h"
#include "leo/leo.h"
#include "leo/out.h"
#include "leo/service.h"
#include "leo/suggest.h"
#include "leo/talk.h"
#include "leo/text.h"
#include "leo/words.h"

/* What is to be shown, and where it comes from. */
struct subject {
	char *interface, *member; /* member NULL: all */
	struct idl *idl;
	int asked; /* 0: the service has told it; else why it could not */
};

static void subject_deinit(struct subject *s)
{
	free(s->interface);
	free(s->member);
	idl_free(s->idl);
}

/* ---- one interface ---- */

static int ask(struct leo *l, const char *interface, struct idl **ret_idl)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	int r = rpc_link_open(l->root, interface, &link);

	return r < 0 ? r : definition_ask(link, interface, ret_idl);
}

static const char *reason(int r)
{
	switch (r) {
	case -ENOENT:
	case -ECONNREFUSED:
		return "the service is not running";
	case -EACCES:
		return "you may not ask the service";
	case -ETIMEDOUT:
		return "the service does not answer";
	case -EREMOTEIO:
		return "the service does not tell";
	case -EPROTO:
		return "what the service tells is no interface";
	}
	return strerror(-r);
}

/* Whether anything goes by this name: a file, or a socket. */
static bool exists(struct leo *l, const char *interface)
{
	_cleanup_free_ char *path = NULL, *socket = NULL;

	if (api_path(interface, &path) < 0 ||
	    asprintf(&socket, RPC_SOCKET_DIR "/%s", interface) < 0)
		return false;
	return fs_exists(l->root_fd, path) == 1 || fs_exists(l->root_fd, socket) == 1;
}

/* Without the service, its file; 0, or a negative errno with *@ret_problem as of api_load(). */
static int find(struct leo *l, struct subject *s, char **ret_problem)
{
	if (!exists(l, s->interface))
		return -ENOENT;
	s->asked = ask(l, s->interface, &s->idl);
	if (s->asked == 0)
		return 0;
	return api_load(l->root_fd, s->interface, &s->idl, ret_problem);
}

static int refuse(struct leo *l, const char *word, int r, const char *problem)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	struct failure f = {.status = LEO_FAILED, .next = "leo describe"};
	struct suggest s = {.word = word};
	char next[TALK_NEXT_MAX];

	if (problem) {
		talk_next_doctor(word, next);
		f.next = next;
		return fail(l, &f, "the interface file is broken: %s", problem);
	}
	if (r != -ENOENT)
		return fail_errno(l, r, "cannot read the interface %s", word);
	if (api_list(l->root_fd, &names) == 0)
		for (size_t i = 0; names[i]; i++)
			suggest_offer(&s, api_short(names[i]));
	f.status = LEO_NOT_RUNNING;
	if (suggest_best(&s))
		return fail(l, &f, "no interface %s is installed; did you mean %s?", word,
			    suggest_best(&s));
	return fail(l, &f, "no interface %s is installed, and nobody serves it", word);
}

/*
 * "Node.Describe" may be the interface of that name, or a member of Node: whichever there is. Tried
 * in this order, since members begin with a capital letter, as the last word of an interface does.
 */
static int resolve(struct leo *l, const char *word, struct subject *s)
{
	_cleanup_free_ char *problem = NULL;
	int r = api_interface(l->root_fd, word, &s->interface);

	if (r == 0)
		r = find(l, s, &problem);
	if (r == -ENOENT && strchr(word, '.')) {
		free(take_ptr(s->interface));
		r = api_method(l->root_fd, word, &s->interface, &s->member);
		if (r == 0)
			r = find(l, s, &problem);
	}
	return r < 0 ? refuse(l, word, r, problem) : LEO_DONE;
}

static const struct idl_member *find_member(const struct subject *s)
{
	for (size_t i = 0; i < s->idl->member_count; i++)
		if (str_equal(s->idl->members[i].name, s->member))
			return &s->idl->members[i];
	return NULL;
}

static int refuse_member(struct leo *l, const struct subject *s)
{
	struct suggest g = {.word = s->member};
	char next[128];

	snprintf(next, sizeof(next), "leo describe %s", api_short(s->interface));
	for (size_t i = 0; i < s->idl->member_count; i++)
		suggest_offer(&g, s->idl->members[i].name);
	if (suggest_best(&g))
		return fail(l, &(struct failure){.status = LEO_FAILED, .next = next},
			    "%s has no %s; did you mean %s?", s->interface, s->member,
			    suggest_best(&g));
	return fail(l, &(struct failure){.status = LEO_FAILED, .next = next}, "%s has no %s",
		    s->interface, s->member);
}

static int print_json(struct leo *l, const struct subject *s, const struct idl_member *only)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->idl->member_count; i++)
		if (!only || only == &s->idl->members[i])
			r = layout_member_json(l, s->idl, &s->idl->members[i], s->asked == 0);
	return r;
}

static int print_text(struct leo *l, const struct subject *s, const struct idl_member *only)
{
	fprintf(l->out, "%s%s%s", out_bold(l), s->interface, out_plain(l));
	if (s->asked < 0 && service_has(s->idl))
		fprintf(l->out, "  %s(the installed file: %s)%s", out_dim(l), reason(s->asked),
			out_plain(l));
	fputs("\n\n", l->out);
	return only ? layout_member(l, only) : layout_interface(l, s->idl);
}

static int describe(struct leo *l, const char *word)
{
	_cleanup_(subject_deinit) struct subject s = {};
	const struct idl_member *only = NULL;
	int status = resolve(l, word, &s), r;

	if (status != LEO_DONE)
		return status;
	if (s.member) {
		only = find_member(&s);
		if (!only)
			return refuse_member(l, &s);
	}
	r = (l->json ? print_json : print_text)(l, &s, only);
	return r < 0 ? fail_errno(l, r, "cannot show %s", s.interface) : LEO_DONE;
}

/* ---- all of them ---- */

/* One line of the list: what its file says, or what is wrong with it. */
static int list_one(struct leo *l, struct table *t, const char *interface)
{
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	_cleanup_free_ char *problem = NULL, *summary = NULL;
	size_t methods = 0;
	int r = api_load(l->root_fd, interface, &idl, &problem);
	const char *comment = r < 0 ? (problem ? problem : strerror(-r)) : idl->comment;

	for (size_t i = 0; idl && i < idl->member_count; i++)
		methods += idl->members[i].kind == IDL_METHOD;
	r = idl ? text_summary(comment, &summary) : text_clean(comment, strlen(comment), &summary);
	if (r < 0)
		return r;
	if (l->json) {
		_cleanup_(json_decrefp) json_t *object =
			json_pack("{s:s, s:i, s:s, s:b}", "interface", interface, "methods",
				  (int)methods, "summary", summary, "broken", !idl);

		return object ? out_json(l, object) : -ENOMEM;
	}
	r = table_add(t, TABLE_BOLD, interface);
	if (r == 0)
		r = idl ? table_addf(t, TABLE_PLAIN, "%zu", methods) : table_add(t, TABLE_BAD, "-");
	return r < 0 ? r : table_add(t, idl ? TABLE_PLAIN : TABLE_BAD, summary);
}

static int list_all(struct leo *l, char *const *names)
{
	static const struct table_column columns[] = {{.title = "INTERFACE"},
						      {.title = "METHODS", .align = TABLE_RIGHT},
						      {.title = "WHAT IT IS", .may_shrink = true}};
	_cleanup_(table_free_p) struct table *t = NULL;
	int r = table_new(columns, ARRAY_SIZE(columns), &t);

	for (size_t i = 0; r == 0 && names[i]; i++)
		r = list_one(l, t, names[i]);
	if (r < 0 || l->json)
		return r;
	return table_print(t, l->out, l->colour, l->width);
}

static int list(struct leo *l)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = api_list(l->root_fd, &names);

	if (r < 0)
		return fail_errno(l, r, "cannot read %s", API_DIR);
	if (!names[0])
		fail_note(l, "no interface is installed: there is none in %s", API_DIR);
	else
		r = list_all(l, names);
	return r < 0 ? fail_errno(l, r, "cannot show the interfaces") : LEO_DONE;
}

static int run(struct leo *l)
{
	const char *word = leo_operand(l, 0);

	return word ? describe(l, word) : list(l);
}

static const struct leo_command description = {
	.name = "describe",
	.summary = "what a service can be asked, and what it replies",
	.about = "Without an argument, the interfaces that are installed. INTERFACE is\n"
		 "io.leonhard.Node or node; behind a dot stands one method, type or error of it.\n"
		 "The service is asked; when it cannot tell, the file that is installed is shown,\n"
		 "and why.\n",
	.forms = (const struct leo_form[]){{.operands = "[INTERFACE[.METHOD]]",
					    .max = 1,
					    .words = words_members,
					    .run = run},
					   {}},
	.examples = {"leo describe node", "leo describe Node.ListPowers --json"},
};

LEO_COMMAND(description);
