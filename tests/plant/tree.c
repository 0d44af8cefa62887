/*
 * The mounted tree; see tree.h.
 */
#include "tree.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"

enum { WRITE_MAX = 4095 };

void tree_deinit(struct tree *t)
{
	for (unsigned i = 0; i < t->count; i++)
		free(t->nodes[i].link);
	free(t->nodes);
	*t = (struct tree){};
}

unsigned tree_find(const struct tree *t, unsigned parent, const char *name)
{
	unsigned child = t->nodes[parent].first_child;

	while (child && !str_equal(t->nodes[child].name, name))
		child = t->nodes[child].next;
	return child;
}

unsigned tree_walk(const struct tree *t, const char *path)
{
	unsigned node = 0;

	while (*path) {
		char name[TREE_NAME_BYTES];
		size_t len = strcspn(path, "/");

		if (len >= sizeof(name))
			return 0;
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		node = tree_find(t, node, name);
		if (!node)
			return 0;
		path += len + (path[len] == '/');
	}
	return node;
}

void tree_path(const struct tree *t, unsigned node, char path[TREE_PATH_BYTES])
{
	char text[TREE_PATH_BYTES];
	size_t at = sizeof(text) - 1;

	text[at] = '\0';
	for (; node; node = t->nodes[node].parent) {
		size_t len = strlen(t->nodes[node].name);

		if (len + 1 > at)
			break;
		if (text[at])
			text[--at] = '/';
		at -= len;
		memcpy(text + at, t->nodes[node].name, len);
	}
	strcpy(path, text + at);
}

const struct fault *tree_fault(const struct tree *t, unsigned node)
{
	char path[TREE_PATH_BYTES];

	if (!t->plant->faults.count || !node)
		return NULL;
	tree_path(t, node, path);
	return faults_find(&t->plant->faults, path, t->plant->model.now_ns);
}

/* With all folders above it. */
bool tree_there(const struct tree *t, unsigned node)
{
	for (; node; node = t->nodes[node].parent) {
		const struct node *n = &t->nodes[node];
		const struct fault *f = tree_fault(t, node);

		if (f && f->kind == FAULT_VANISH)
			return false;
		if (n->attribute && n->attribute->there &&
		    !n->attribute->there(t->plant, n->i, n->j))
			return false;
	}
	return true;
}

int tree_show(const struct tree *t, unsigned node, struct strbuf *out)
{
	const struct node *n = &t->nodes[node];

	n->attribute->show(t->plant, n->i, n->j, out);
	return out->text ? 0 : strbuf_add(out, "", 0);
}

int tree_store(const struct tree *t, unsigned node, const char *bytes, size_t len)
{
	const struct node *n = &t->nodes[node];
	const struct fault *f = tree_fault(t, node);
	char text[WRITE_MAX + 1];

	if (f && (f->kind == FAULT_EBUSY || f->kind == FAULT_EIO))
		return f->kind == FAULT_EBUSY ? -EBUSY : -EIO;
	if (f && f->kind == FAULT_DEAF)
		return 0;
	if (!n->attribute || !n->attribute->store)
		return -EACCES;
	if (len > WRITE_MAX || memchr(bytes, '\0', len))
		return -EINVAL;
	memcpy(text, bytes, len);
	text[len] = '\0';
	return n->attribute->store(t->plant, n->i, n->j, str_strip(text));
}

/* ---- making ---- */

static unsigned add_node(struct maker *m, unsigned parent, const char *name, enum node_type type)
{
	struct tree *t = m->tree;
	unsigned *last;

	if (t->count == t->room) {
		unsigned room = t->room ? 2 * t->room : 256;
		struct node *nodes =
			room <= TREE_NODES_MAX ? realloc(t->nodes, room * sizeof(*nodes)) : NULL;

		if (!nodes) {
			m->error = -ENOMEM;
			return 0;
		}
		t->nodes = nodes;
		t->room = room;
	}
	t->nodes[t->count] = (struct node){.type = type, .parent = parent};
	snprintf(t->nodes[t->count].name, TREE_NAME_BYTES, "%s", name);
	if (t->count) {
		last = &t->nodes[parent].first_child;
		while (*last)
			last = &t->nodes[*last].next;
		*last = t->count;
	}
	return t->count++;
}

unsigned make_folder(struct maker *m, const char *path)
{
	unsigned node = 0;

	while (*path && m->error == 0) {
		char name[TREE_NAME_BYTES];
		size_t len = strcspn(path, "/");
		unsigned child;

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		child = tree_find(m->tree, node, name);
		node = child ? child : add_node(m, node, name, NODE_FOLDER);
		path += len + (path[len] == '/');
	}
	return node;
}

unsigned make_folderf(struct maker *m, const char *format, ...)
{
	char path[TREE_PATH_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return make_folder(m, path);
}

static void make_file(struct maker *m, unsigned folder, const struct attribute *a, unsigned i,
		      unsigned j)
{
	const char *mark = strchr(a->name, '#');
	char name[TREE_NAME_BYTES];
	unsigned node;

	if (mark)
		snprintf(name, sizeof(name), "%.*s%u%s", (int)(mark - a->name), a->name, j,
			 mark + 1);
	else
		snprintf(name, sizeof(name), "%s", a->name);
	node = add_node(m, folder, name, NODE_FILE);
	if (m->error)
		return;
	m->tree->nodes[node].attribute = a;
	m->tree->nodes[node].i = i;
	m->tree->nodes[node].j = j;
}

void make_files(struct maker *m, unsigned folder, const struct attribute *list, size_t count,
		unsigned i, unsigned j)
{
	for (size_t n = 0; n < count && m->error == 0; n++)
		make_file(m, folder, &list[n], i, j);
}

void make_link(struct maker *m, const char *path, const char *target)
{
	char folder[TREE_PATH_BYTES];
	const char *slash = strrchr(path, '/');
	unsigned node;

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	node = make_folder(m, folder);
	node = add_node(m, node, slash + 1, NODE_LINK);
	if (m->error)
		return;
	m->tree->nodes[node].link = strdup(target);
	if (!m->tree->nodes[node].link)
		m->error = -ENOMEM;
}

int tree_new(struct plant *p, struct tree *ret_tree)
{
	static void (*const makers[])(struct maker *m) = {
		make_cpus,  make_cpufreq, make_idle, make_powercap,
		make_hwmon, make_thermal, make_proc,
	};
	struct tree t = {.plant = p};
	struct maker m = {.tree = &t};

	add_node(&m, 0, "", NODE_FOLDER);
	for (size_t i = 0; i < ARRAY_SIZE(makers) && m.error == 0; i++)
		makers[i](&m);
	if (m.error == 0)
		*ret_tree = t;
	else
		tree_deinit(&t);
	return m.error;
}

/* ---- what stores share ---- */

int store_number(const char *text, long long min, long long max, long long *ret_number)
{
	char *end;
	long long number;

	if (!*text || strchr(" +", *text))
		return -EINVAL;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || *end || number < min || number > max)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

int store_flag(const char *text, bool *ret_flag)
{
	long long number;
	int r = store_number(text, 0, 1, &number);

	if (r == 0)
		*ret_flag = number;
	return r;
}

int store_word(const char *text, const char *const *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (str_equal(words[i], text))
			return i;
	return -EINVAL;
}

void show_words(struct strbuf *out, const char *const *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		strbuf_addf(out, "%s%s", words[i], i + 1 < count ? " " : "\n");
}
