/*
 * Interfaces as they are installed; see api.h.
 */
#include "leo/api.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"

#define SUFFIX ".varlink"

enum { NAME_MAX_BYTES = 200 };

/* What varlink allows in the name of an interface, and what is safe in the name of a file. */
static bool valid_name(const char *name, size_t len)
{
	if (len == 0 || len > NAME_MAX_BYTES || !isalpha((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '.' && name[i] != '-')
			return false;
	return true;
}

/* Drops the suffix of the names that are interfaces, and the other names. */
static void keep_interfaces(char **names)
{
	size_t kept = 0;

	for (size_t i = 0; names[i]; i++) {
		char *name = take_ptr(names[i]);
		size_t len = strlen(name);

		if (str_ends(name, SUFFIX) && valid_name(name, len - strlen(SUFFIX))) {
			name[len - strlen(SUFFIX)] = '\0';
			names[kept++] = name;
		} else {
			free(name);
		}
	}
	names[kept] = NULL;
}

int api_list(int root_fd, char ***ret_names)
{
	char **names;
	int r = fs_list(root_fd, API_DIR, &names);

	if (r == -ENOENT)
		r = str_split("", &names);
	if (r < 0)
		return r;
	keep_interfaces(names);
	*ret_names = names;
	return 0;
}

int api_path(const char *interface, char **ret_path)
{
	char *path;

	if (!valid_name(interface, strlen(interface)))
		return -EINVAL;
	if (asprintf(&path, API_DIR "/%s" SUFFIX, interface) < 0)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}

int api_load(int root_fd, const char *interface, struct idl **ret_idl, char **ret_problem)
{
	_cleanup_free_ char *path = NULL, *text = NULL, *problem = NULL;
	size_t len;
	int r = api_path(interface, &path);

	if (r < 0)
		return -ENOENT;
	r = fs_read(root_fd, path, IDL_BYTES_MAX, &text, &len);
	if (r < 0)
		return r;
	r = idl_parse(text, len, false, ret_idl, &problem);
	if (r == -EINVAL && asprintf(ret_problem, "%s:%s", path, problem) < 0)
		return -ENOMEM;
	return r;
}

static int match(char *const *names, const char *word, char **ret_interface)
{
	for (size_t i = 0; names[i]; i++)
		if (strcasecmp(names[i], word) == 0 || strcasecmp(api_short(names[i]), word) == 0) {
			*ret_interface = strdup(names[i]);
			return *ret_interface ? 0 : -ENOMEM;
		}
	return -ENOENT;
}

int api_interface(int root_fd, const char *word, char **ret_interface)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = api_list(root_fd, &names);
	char *interface;

	if (r == 0)
		r = match(names, word, ret_interface);
	if (r == 0 || r == -ENOMEM)
		return r;
	r = strchr(word, '.') ? asprintf(&interface, "%s", word)
			      : asprintf(&interface, API_PREFIX "%c%s",
					 toupper((unsigned char)word[0]), word[0] ? word + 1 : "");
	if (r < 0)
		return -ENOMEM;
	*ret_interface = interface;
	return 0;
}

int api_method(int root_fd, const char *word, char **ret_interface, char **ret_method)
{
	_cleanup_free_ char *left = NULL, *interface = NULL;
	const char *dot = strrchr(word, '.');
	char *method;
	int r;

	if (!dot || dot == word || !dot[1])
		return -EINVAL;
	left = strndup(word, dot - word);
	if (!left)
		return -ENOMEM;
	r = api_interface(root_fd, left, &interface);
	if (r < 0)
		return r;
	method = strdup(dot + 1);
	if (!method)
		return -ENOMEM;
	*ret_interface = take_ptr(interface);
	*ret_method = method;
	return 0;
}

const char *api_short(const char *interface)
{
	size_t len = strlen(API_PREFIX);

	return strncmp(interface, API_PREFIX, len) == 0 ? interface + len : interface;
}
