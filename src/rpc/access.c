/*
 * Classes of users and groups; see access.h. Names become ids once, when the file is read; a peer
 * is then judged without asking anybody.
 */
#include "rpc/access_int.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/def.h"
#include "base/fs.h"
#include "base/parse.h"
#include "base/str.h"

enum { CLASS_COUNT = ACCESS_ADMIN + 1 };

/* One line of the file. */
struct ids {
	bool everybody;
	uint32_t *values; /* owned */
	size_t count;
};

struct access {
	struct ids ids[CLASS_COUNT][ACCOUNT_KINDS];
};

struct names {
	char **names; /* NULL-terminated, owned */
	size_t count;
};

struct reading {
	const struct accounts *accounts;
	struct access *access;
	struct names unknown;
};

static void access_free_p(struct access **a)
{
	access_free(*a);
}

static int add_id(struct ids *ids, uint32_t id)
{
	uint32_t *grown = reallocarray(ids->values, ids->count + 1, sizeof(id));

	if (!grown)
		return -ENOMEM;
	ids->values = grown;
	ids->values[ids->count++] = id;
	return 0;
}

static int add_unknown(struct names *n, const char *name)
{
	char **grown = reallocarray(n->names, n->count + 2, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	n->names = grown;
	n->names[n->count] = strdup(name);
	if (!n->names[n->count])
		return -ENOMEM;
	n->names[++n->count] = NULL;
	return 0;
}

static int add_word(struct reading *reading, struct ids *ids, enum account_kind kind,
		    const char *word)
{
	uint64_t number;
	uint32_t id;
	int r;

	if (str_equal(word, "*")) {
		ids->everybody = true;
		return 0;
	}
	/* The greatest number is nobody's: system calls take it for "no change". */
	if (parse_u64(word, 0, UINT32_MAX - 1, &number) == 0)
		return add_id(ids, number);
	r = accounts_find(reading->accounts, kind, word, &id);
	if (r == -ESRCH)
		return add_unknown(&reading->unknown, word);
	return r < 0 ? r : add_id(ids, id);
}

static void ids_deinit(struct ids *ids)
{
	free(ids->values);
	*ids = (struct ids){};
}

/* As in other configuration files, a later line replaces an earlier one. */
static int read_line(struct reading *reading, struct ids *ids, enum account_kind kind,
		     const char *value)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	int r = str_split(value, &words);

	if (r < 0)
		return r;
	ids_deinit(ids);
	for (char **w = words; r == 0 && *w; w++)
		r = add_word(reading, ids, kind, *w);
	return r;
}

static int on_entry(void *data, const char *section, const char *key, const char *value,
		    const char **ret_problem)
{
	static const char *const keys[] = {
		[ACCOUNT_USER] = "users",
		[ACCOUNT_GROUP] = "groups",
	};
	struct reading *reading = data;
	enum access_class c;

	if (!section || access_class_parse(section, &c) < 0 || c == ACCESS_NONE) {
		*ret_problem = "the section is not observe, control or admin";
		return -EINVAL;
	}
	for (size_t kind = 0; kind < ACCOUNT_KINDS; kind++)
		if (str_equal(key, keys[kind]))
			return read_line(reading, &reading->access->ids[c][kind], kind, value);
	*ret_problem = "the key is not users or groups";
	return -EINVAL;
}

int access_parse(const char *text, size_t len, const struct accounts *accounts,
		 struct access **ret_access, char ***ret_unknown, unsigned *ret_line,
		 const char **ret_problem)
{
	_cleanup_(access_free_p) struct access *a = calloc(1, sizeof(*a));
	_cleanup_(str_vector_free_p) char **unknown = calloc(1, sizeof(*unknown));
	struct reading reading = {.accounts = accounts, .access = a, .unknown = {unknown, 0}};
	int r;

	if (!a || !unknown)
		return -ENOMEM;
	r = conf_parse_text(text, len, on_entry, &reading, ret_line, ret_problem);
	unknown = reading.unknown.names;
	if (r < 0)
		return r;
	*ret_access = take_ptr(a);
	*ret_unknown = take_ptr(unknown);
	return 0;
}

/* One line that says what is wrong with the file; none when there is no memory for it. */
static int set_problem(int r, const char *path, unsigned line, const char *problem,
		       char **ret_problem)
{
	char *text;
	int n;

	if (line)
		n = asprintf(&text, "%s:%u: %s", path, line, problem ? problem : strerror(-r));
	else
		n = asprintf(&text, "%s: %s", path, strerror(-r));
	if (n >= 0)
		*ret_problem = text;
	return r;
}

int access_load(int root_fd, const char *path, struct access **ret_access, char ***ret_unknown,
		char **ret_problem)
{
	_cleanup_(accounts_deinit) struct accounts accounts = {};
	_cleanup_free_ char *text = NULL;
	const char *problem = NULL, *other = NULL;
	unsigned line = 0;
	size_t len = 0;
	int r = fs_read(root_fd, path, CONF_FILE_MAX, &text, &len);

	if (r < 0 && r != -ENOENT)
		return set_problem(r, path, 0, NULL, ret_problem);
	r = accounts_init(&accounts, root_fd, &other);
	if (r < 0)
		return set_problem(r, other, 0, NULL, ret_problem);
	r = access_parse(text ? text : "", len, &accounts, ret_access, ret_unknown, &line,
			 &problem);
	return r < 0 ? set_problem(r, path, line, problem, ret_problem) : 0;
}

void access_free(struct access *a)
{
	if (!a)
		return;
	for (int c = 0; c < CLASS_COUNT; c++)
		for (int kind = 0; kind < ACCOUNT_KINDS; kind++)
			ids_deinit(&a->ids[c][kind]);
	free(a);
}

static bool has_id(const struct ids *ids, uint32_t id)
{
	for (size_t i = 0; i < ids->count; i++)
		if (ids->values[i] == id)
			return true;
	return false;
}

static bool is_named(const struct ids ids[ACCOUNT_KINDS], const struct peer *p)
{
	const struct ids *users = &ids[ACCOUNT_USER], *groups = &ids[ACCOUNT_GROUP];

	if (users->everybody || groups->everybody || has_id(users, p->uid) ||
	    has_id(groups, p->gid))
		return true;
	for (size_t i = 0; i < p->group_count; i++)
		if (has_id(groups, p->groups[i]))
			return true;
	return false;
}

enum access_class access_class_of(const struct access *a, const struct peer *p)
{
	enum access_class c = ACCESS_ADMIN;

	if (p->uid == 0)
		return c;
	while (c > ACCESS_NONE && !is_named(a->ids[c], p))
		c--;
	return c;
}
