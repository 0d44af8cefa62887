/*
 * Installed interfaces; see catalog.h.
 */
#include "webd/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "rpc/idl.h"

void catalog_init(struct catalog *c, int root_fd)
{
	*c = (struct catalog){.root_fd = root_fd};
}

void catalog_deinit(struct catalog *c)
{
	for (size_t i = 0; i < c->count; i++)
		idl_free(c->all[i]);
	c->count = 0;
}

/* A file that is none is left out: it is somebody else's mistake, and the others still work. */
static void add(struct catalog *c, const char *name)
{
	_cleanup_free_ char *path = NULL, *text = NULL, *problem = NULL;
	size_t len;

	if (c->count == CATALOG_MAX || !str_ends(name, ".varlink") ||
	    asprintf(&path, CATALOG_DIR "/%s", name) < 0 ||
	    fs_read(c->root_fd, path, IDL_BYTES_MAX, &text, &len) < 0)
		return;
	if (idl_parse(text, len, false, &c->all[c->count], &problem) == 0)
		c->count++;
}

static void refresh(struct catalog *c)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (fs_open(c->root_fd, CATALOG_DIR, O_PATH | O_DIRECTORY, 0, &fd) < 0 ||
	    fstat(fd, &st) < 0) {
		catalog_deinit(c);
		c->changed = (struct timespec){};
		return;
	}
	if (st.st_mtim.tv_sec == c->changed.tv_sec && st.st_mtim.tv_nsec == c->changed.tv_nsec)
		return;
	catalog_deinit(c);
	if (fs_list(c->root_fd, CATALOG_DIR, &names) < 0)
		return;
	c->changed = st.st_mtim;
	for (char **name = names; *name; name++)
		add(c, *name);
}

int catalog_list(struct catalog *c, json_t **ret_list)
{
	json_t *list = json_array();

	refresh(c);
	for (size_t i = 0; list && i < c->count; i++) {
		json_t *one = json_pack("{ss ss}", "name", c->all[i]->name, "description",
					c->all[i]->comment);

		if (json_array_append_new(list, one) < 0) {
			json_decref(list);
			list = NULL;
		}
	}
	if (!list)
		return -ENOMEM;
	*ret_list = list;
	return 0;
}

static const struct idl *find(const struct catalog *c, const char *name, size_t len)
{
	for (size_t i = 0; i < c->count; i++) {
		if (strlen(c->all[i]->name) == len && memcmp(c->all[i]->name, name, len) == 0)
			return c->all[i];
	}
	return NULL;
}

bool catalog_takes(struct catalog *c, const char *method, const char *parameter)
{
	const char *dot = strrchr(method, '.');
	const struct idl_member *member;
	const struct idl *idl;

	refresh(c);
	idl = dot ? find(c, method, dot - method) : NULL;
	member = idl ? idl_find(idl, IDL_METHOD, dot + 1) : NULL;
	for (size_t i = 0; member && i < member->type.count; i++) {
		if (str_equal(member->type.fields[i].name, parameter))
			return true;
	}
	return false;
}
