/*
 * Configuration of a daemon: its files, one over the other; see conf.h.
 */
#include "base/confint.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"

static void *member(const struct conf_item *item, void *conf)
{
	return (char *)conf + item->offset;
}

void conf_deinit(const struct conf_table *t, void *conf)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_kind *kind = conf_kind_of(&t->items[i]);

		if (kind->free)
			kind->free(member(&t->items[i], conf));
	}
}

int conf_init(const struct conf_table *t, void *conf)
{
	memset(conf, 0, t->size);
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_item *item = &t->items[i];
		const char *problem;
		int r;

		if (!item->fallback)
			continue;
		r = item->parse(item, item->fallback, member(item, conf), &problem);
		/* A default that its own parser refuses is a mistake in the table. */
		assert(r == 0 || r == -ENOMEM);
		if (r < 0) {
			conf_deinit(t, conf);
			return r;
		}
	}
	return 0;
}

/* A file on its way into a structure. */
struct apply {
	const struct conf_table *table;
	void *conf;
	char *problem; /* owned */
};

static int on_section(void *data, const char *section, const char **ret_problem)
{
	struct apply *a = data;
	_cleanup_free_ char *quoted = NULL;
	int r;

	for (size_t i = 0; i < a->table->count; i++)
		if (str_equal(a->table->items[i].section, section))
			return 0;
	r = conf_quote(section, &quoted);
	if (r < 0)
		return r;
	return asprintf(&a->problem, "unknown section [%s]", quoted) < 0 ? -ENOMEM : -EINVAL;
}

static const struct conf_item *find_item(const struct conf_table *t, const char *section,
					 const char *key)
{
	for (size_t i = 0; i < t->count; i++)
		if (str_equal(t->items[i].section, section) && str_equal(t->items[i].key, key))
			return &t->items[i];
	return NULL;
}

static int refuse_key(struct apply *a, const char *section, const char *key)
{
	_cleanup_free_ char *quoted = NULL;
	int r = conf_quote(key, &quoted);

	if (r < 0)
		return r;
	if (asprintf(&a->problem, "unknown key %s in [%s]", quoted, section) < 0)
		return -ENOMEM;
	return -EINVAL;
}

static int refuse_value(struct apply *a, const struct conf_item *item, int r, const char *problem)
{
	_cleanup_free_ char *text = NULL;
	int k = r == -ENOMEM ? r : conf_describe(item, r, problem, &text);

	if (k < 0)
		return k;
	return asprintf(&a->problem, "%s: %s", item->key, text) < 0 ? -ENOMEM : r;
}

static int on_entry(void *data, const char *section, const char *key, const char *value,
		    const char **ret_problem)
{
	struct apply *a = data;
	const struct conf_item *item = find_item(a->table, section, key);
	const char *problem = NULL;
	int r;

	if (!item)
		return refuse_key(a, section, key);
	r = item->parse(item, value, member(item, a->conf), &problem);
	return r < 0 ? refuse_value(a, item, r, problem) : 0;
}

/* What goes wrong before there are lines. */
static int file_problem(const char *file, int r, const char *text, char **ret_problem)
{
	if (r == -ENOMEM || asprintf(ret_problem, "%s: %s", file, text) < 0) {
		*ret_problem = NULL;
		return -ENOMEM;
	}
	return r;
}

int conf_apply(const struct conf_table *t, const char *file, const char *text, size_t len,
	       void *conf, char **ret_problem)
{
	struct apply a = {.table = t, .conf = conf};
	_cleanup_free_ char *where = NULL, *owned = NULL;
	const char *problem = NULL;
	unsigned line = 0;
	int r = conf_scan(text, len, on_section, on_entry, &a, &line, &problem);

	owned = a.problem;
	if (r >= 0)
		return 0;
	if (line && asprintf(&where, "%s:%u", file, line) < 0)
		r = -ENOMEM;
	return file_problem(where ? where : file, r, owned ? owned : problem, ret_problem);
}

/* Whoever makes a file chooses the bytes of its name, which are escaped where it is shown. */
static int load_file(const struct conf_table *t, int root_fd, const char *file, void *conf,
		     char **ret_problem)
{
	_cleanup_free_ char *text = NULL, *shown = NULL;
	size_t len;
	int r = fs_read(root_fd, file, CONF_FILE_MAX, &text, &len);

	if (r == -ENOENT)
		return 0;
	if (str_escape(file, strlen(file), &shown) < 0)
		return -ENOMEM;
	if (r == -EFBIG)
		return file_problem(shown, r, conf_too_long, ret_problem);
	if (r < 0)
		return file_problem(shown, r, strerror(-r), ret_problem);
	return conf_apply(t, shown, text, len, conf, ret_problem);
}

static int load_drop_in(const struct conf_table *t, int root_fd, const char *dir, const char *name,
			void *conf, char **ret_problem)
{
	_cleanup_free_ char *file = NULL;

	if (*name == '.' || !str_ends(name, ".conf"))
		return 0;
	if (asprintf(&file, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	return load_file(t, root_fd, file, conf, ret_problem);
}

static int load_drop_ins(const struct conf_table *t, int root_fd, const char *dir, void *conf,
			 char **ret_problem)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = fs_list(root_fd, dir, &names);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return file_problem(dir, r, strerror(-r), ret_problem);
	for (size_t i = 0; r == 0 && names[i]; i++)
		r = load_drop_in(t, root_fd, dir, names[i], conf, ret_problem);
	return r;
}

static int load(const struct conf_table *t, int root_fd, void *conf, char **ret_problem)
{
	_cleanup_free_ char *file = NULL, *dir = NULL;
	int r = conf_init(t, conf);

	if (r < 0)
		return r;
	if (asprintf(&file, "/etc/leonhard/%s.conf", t->name) < 0 ||
	    asprintf(&dir, "%s.d", file) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = load_file(t, root_fd, file, conf, ret_problem);
	if (r == 0)
		r = load_drop_ins(t, root_fd, dir, conf, ret_problem);
	if (r < 0)
		conf_deinit(t, conf);
	return r;
}

int conf_load(const struct conf_table *t, int root_fd, void *ret_conf, char **ret_problem)
{
	_cleanup_free_ void *conf = malloc(t->size + !t->size);
	char *problem = NULL;
	int r = conf ? load(t, root_fd, conf, &problem) : -ENOMEM;

	if (r < 0) {
		*ret_problem = problem;
		return r;
	}
	memcpy(ret_conf, conf, t->size);
	return 0;
}
