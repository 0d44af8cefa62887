/*
 * The grammar of interface files: text to a tree; see idl_int.h.
 *
 *	interface	"interface" INTERFACE-NAME { member }
 *	member		"type" NAME ( struct | enum )
 *			"method" NAME struct "->" struct
 *			"error" NAME struct
 *	struct		"(" [ FIELD ":" type { "," FIELD ":" type } ] ")"
 *	enum		"(" FIELD { "," FIELD } ")"
 *	type		[ "?" ] ( "[]" type | "[string]" type | element )
 *	element		struct | enum | NAME | "bool" | "int" | "float" | "string" | "object"
 *
 * Interface names are dotted labels of letters, digits and inner dashes, and begin with a letter.
 * The published grammar has them in lower case, and wants a member; what is in use, by others and
 * by us, has upper case as well, and other parsers take an interface without members.
 * NAMEs are an upper-case letter and letters and digits; FIELDs letters and digits with single
 * underscores between, and begin with a letter.
 *
 * The only recursion is that of types in types, which counts its depth.
 */
#include "rpc/idl_int.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"

static int parse_type(struct idl_source *s, struct idl_node *n, unsigned depth);

static bool lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool alnum(char c)
{
	return lower(c) || upper(c) || digit(c);
}

static bool is_interface_name(const char *w, size_t len)
{
	bool dotted = false;

	if (len == 0 || digit(w[0]) || !alnum(w[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++) {
		bool first = i == 0 || w[i - 1] == '.', last = w[i + 1] == '.';

		if (w[i] == '.' ? first : !alnum(w[i]) && (w[i] != '-' || first || last))
			return false;
		dotted |= w[i] == '.';
	}
	return dotted;
}

static bool is_name(const char *w, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!alnum(w[i]))
			return false;
	return len && upper(w[0]);
}

static bool is_field_name(const char *w, size_t len)
{
	if (len == 0 || !(lower(w[0]) || upper(w[0])) || w[len - 1] == '_')
		return false;
	for (size_t i = 1; i < len; i++)
		if (!alnum(w[i]) && (w[i] != '_' || w[i - 1] == '_'))
			return false;
	return true;
}

/* Takes the word that comes next, when it is one of its kind. */
static int take_word(struct idl_source *s, const char *what, bool (*is_one)(const char *, size_t),
		     const char **ret_at, const char **ret_word)
{
	size_t len = idl_read_word(s);
	const char *word;

	if (len == 0)
		return idl_read_expected(s, what);
	if (!is_one(s->pos, len))
		return idl_read_fail(s, s->pos, "\"%.*s\" is not %s", len > 64 ? 64 : (int)len,
				     s->pos, what);
	word = idl_arena_text(s->keep, s->pos, len);
	if (!word)
		return -ENOMEM;
	*ret_at = s->pos;
	*ret_word = word;
	s->pos += len;
	return 0;
}

static int take_field_name(struct idl_source *s, struct idl_node *n)
{
	int r = take_word(s, "a field name", is_field_name, &n->at, &n->name);

	/* Nothing was skipped since: the comment is the name's. */
	n->comment = s->comment;
	return r;
}

static int expect(struct idl_source *s, const char *mark, const char *what)
{
	return idl_read_mark(s, mark) ? 0 : idl_read_expected(s, what);
}

/* One entry of a list in parentheses; the first one of an open list says what it is a list of. */
static int parse_entry(struct idl_source *s, struct idl_node *list, struct idl_node *entry,
		       bool may_be_enum, unsigned depth)
{
	int r = take_field_name(s, entry);
	bool typed;

	if (r < 0)
		return r;
	typed = idl_read_mark(s, ":");
	if (list->count == 0 && may_be_enum && !typed)
		list->kind = IDL_ENUM;
	if (list->kind == IDL_ENUM && typed)
		return idl_read_fail(s, entry->at, "\"%s\" has a type among names without",
				     entry->name);
	if (list->kind == IDL_STRUCT && !typed)
		return idl_read_expected(s, "\":\" and the field's type");
	return typed ? parse_type(s, entry, depth + 1) : 0;
}

static int parse_list(struct idl_source *s, struct idl_node *list, bool may_be_enum, unsigned depth)
{
	struct idl_node **end = &list->children;
	int r = expect(s, "(", "\"(\"");

	if (r < 0)
		return r;
	list->kind = IDL_STRUCT;
	if (idl_read_mark(s, ")"))
		return 0;
	do {
		*end = idl_arena_alloc(&s->scratch, sizeof(**end));
		if (!*end)
			return -ENOMEM;
		r = parse_entry(s, list, *end, may_be_enum, depth);
		if (r < 0)
			return r;
		list->count++;
		end = &(*end)->next;
	} while (idl_read_mark(s, ","));
	return expect(s, ")", "\",\" or \")\"");
}

static int parse_element_of(struct idl_source *s, struct idl_node *n, enum idl_kind kind,
			    unsigned depth)
{
	n->kind = kind;
	n->children = idl_arena_alloc(&s->scratch, sizeof(*n->children));
	if (!n->children)
		return -ENOMEM;
	n->count = 1;
	return parse_type(s, n->children, depth + 1);
}

static int parse_word_type(struct idl_source *s, struct idl_node *n)
{
	static const struct {
		const char *word;
		enum idl_kind kind;
	} kinds[] = {
		{"bool", IDL_BOOL},	{"int", IDL_INT},	{"float", IDL_FLOAT},
		{"string", IDL_STRING}, {"object", IDL_OBJECT},
	};
	size_t len = idl_read_word(s);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i].word) == len && strncmp(s->pos, kinds[i].word, len) == 0) {
			n->kind = kinds[i].kind;
			s->pos += len;
			return 0;
		}
	n->kind = IDL_NAMED;
	return take_word(s, "a type", is_name, &n->type_at, &n->type_name);
}

static int parse_type(struct idl_source *s, struct idl_node *n, unsigned depth)
{
	idl_read_skip(s);
	if (!n->at)
		n->at = s->pos;
	n->maybe = idl_read_mark(s, "?");
	idl_read_skip(s);
	if (depth > IDL_DEPTH_MAX && (*s->pos == '(' || *s->pos == '['))
		return idl_read_fail(s, s->pos, "types within types, more than %d deep",
				     IDL_DEPTH_MAX);
	if (idl_read_mark(s, "[]"))
		return parse_element_of(s, n, IDL_ARRAY, depth);
	if (idl_read_mark(s, "[string]"))
		return parse_element_of(s, n, IDL_MAP, depth);
	return *s->pos == '(' ? parse_list(s, n, true, depth) : parse_word_type(s, n);
}

static int parse_type_decl(struct idl_source *s, struct idl_decl *d)
{
	return parse_list(s, &d->type, true, 1);
}

static int parse_method(struct idl_source *s, struct idl_decl *d)
{
	int r = parse_list(s, &d->type, false, 1);

	if (r == 0)
		r = expect(s, "->", "\"->\" and the reply");
	return r < 0 ? r : parse_list(s, &d->reply, false, 1);
}

static int parse_error(struct idl_source *s, struct idl_decl *d)
{
	return parse_list(s, &d->type, false, 1);
}

static const struct member {
	const char *keyword;
	enum idl_member_kind kind;
	const char *what;
	int (*parse)(struct idl_source *s, struct idl_decl *d);
} members[] = {
	{"type", IDL_TYPE, "the name of a type", parse_type_decl},
	{"method", IDL_METHOD, "the name of a method", parse_method},
	{"error", IDL_ERROR, "the name of an error", parse_error},
};

/* Takes the keyword of a member; NULL when something else comes next. */
static const struct member *take_keyword(struct idl_source *s)
{
	size_t len = idl_read_word(s);

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strlen(members[i].keyword) == len &&
		    strncmp(s->pos, members[i].keyword, len) == 0) {
			s->pos += len;
			return &members[i];
		}
	return NULL;
}

static int parse_member(struct idl_source *s)
{
	struct idl_decl *d = idl_arena_alloc(&s->scratch, sizeof(*d));
	const struct member *m = take_keyword(s);
	int r;

	if (!d)
		return -ENOMEM;
	if (!m)
		return idl_read_expected(s, "\"type\", \"method\" or \"error\"");
	d->kind = m->kind;
	d->comment = s->comment;
	d->index = s->decl_count++;
	*(s->last ? &s->last->next : &s->decls) = d;
	s->last = d;
	r = take_word(s, m->what, is_name, &d->at, &d->name);
	return r < 0 ? r : m->parse(s, d);
}

int idl_parse_tree(struct idl_source *s)
{
	const char *at;
	int r;

	idl_read_skip(s);
	if (idl_read_word(s) != strlen("interface") || !idl_read_mark(s, "interface"))
		return idl_read_expected(s, "\"interface\"");
	s->name_comment = s->comment;
	r = take_word(s, "an interface name", is_interface_name, &at, &s->name);
	while (r == 0) {
		idl_read_skip(s);
		if (s->pos == s->end)
			break;
		r = parse_member(s);
	}
	return r;
}
