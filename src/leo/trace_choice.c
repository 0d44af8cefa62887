/*
 * What is typed to choose records; see trace.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/trace.h"

/* ---- paths ---- */

/* The bytes that are meant, the caller's. */
static int bytes_of(const char *word, char **ret_bytes)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len;
	int r = strchr(word, '\\') ? str_unescape(word, &bytes, &len) : -EINVAL;

	if (r == 0 && strlen(bytes) != len)
		return -EINVAL;
	if (r == -EINVAL) {
		bytes = strdup(word);
		r = bytes ? 0 : -ENOMEM;
	}
	if (r == 0)
		*ret_bytes = take_ptr(bytes);
	return r;
}

/* Behind the working directory, where it does not begin at the root. */
static int absolute(const char *bytes, char **ret_path)
{
	_cleanup_free_ char *here = NULL;
	char *path;

	if (*bytes != '/') {
		here = getcwd(NULL, 0);
		if (!here)
			return -errno;
	}
	if (asprintf(&path, "%s%s%s", here ? here : "", here ? "/" : "", bytes) < 0)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}

static bool is_dots(const char *name, size_t len)
{
	return (len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.');
}

/*
 * Takes ".", ".." and empty names out of an absolute path, in place and by its text alone: what a
 * link leads to is not looked at. True when the path was written as that of a folder.
 */
static bool simplify(char *path)
{
	char *end = path;
	bool folder = false;

	for (const char *p = path; *p;) {
		const char *name = p + 1;
		size_t len = strcspn(name, "/");

		folder = len == 0 || is_dots(name, len);
		if (len == 2 && is_dots(name, len)) {
			while (end > path && *--end != '/')
				;
		} else if (!folder) {
			*end++ = '/';
			memmove(end, name, len);
			end += len;
		}
		p = name + len;
	}
	*end = '\0';
	return folder;
}

static int path_of(const char *word, bool folder, char **ret_path)
{
	_cleanup_free_ char *bytes = NULL, *path = NULL, *whole = NULL;
	bool is_folder;
	int r = bytes_of(word, &bytes);

	if (r == 0)
		r = absolute(bytes, &path);
	if (r < 0)
		return r;
	is_folder = simplify(path);
	if (asprintf(&whole, "%s%s", path, !*path || (folder && is_folder) ? "/" : "") < 0)
		return -ENOMEM;
	return str_escape(whole, strlen(whole), ret_path);
}

int trace_path(struct leo *l, const char *word, bool folder, char **ret_path)
{
	int r;

	if (!*word)
		return fail_usage(l, "the path is empty");
	r = path_of(word, folder, ret_path);
	if (r == -EINVAL)
		return fail_usage(l, "%s is no path: it has a zero byte", word);
	return r < 0 ? fail_errno(l, r, "cannot tell where %s is", word) : LEO_DONE;
}

int trace_id(struct leo *l, size_t i, const char **ret_id)
{
	const char *word = leo_operand(l, i);
	uint64_t id;

	if (parse_u64(word, 1, INT64_MAX, &id) < 0)
		return fail_usage(l, "%s is not the id of a record: that is a number", word);
	*ret_id = word;
	return LEO_DONE;
}

/* ---- options ---- */

static int choose_path(struct leo *l, const char *word, json_t *parameters)
{
	_cleanup_free_ char *path = NULL;
	int status = trace_path(l, word, true, &path);

	if (status == LEO_DONE && json_object_set_new(parameters, "path", json_string(path)) < 0)
		return fail_errno(l, -ENOMEM, "cannot ask");
	return status;
}

/* A name before a number: there may be a user whose name is one. */
static int choose_user(struct leo *l, const char *word, json_t *parameters)
{
	_cleanup_(names_free_p) struct names *names = NULL;
	uint64_t number;
	uint32_t uid;
	int r = names_new(l->root_fd, &names);

	if (r < 0)
		return fail_errno(l, r, "cannot read who the users are");
	if (names_find_user(names, word, &uid) == 0)
		number = uid;
	else if (parse_u64(word, 0, UINT32_MAX - 1, &number) < 0)
		return fail(l, &(struct failure){.status = LEO_USAGE, .next = "getent passwd"},
			    "there is no user %s", word);
	json_object_set_new(parameters, "user", json_integer(number));
	return LEO_DONE;
}

static int choose_time(struct leo *l, const char *option, const char *key, const char *word,
		       json_t *parameters)
{
	uint64_t when_ns;

	if (time_parse_point(word, time_now_ns(CLOCK_REALTIME), &when_ns) < 0 ||
	    when_ns > INT64_MAX)
		return fail_usage(l,
				  "--%s %s is no time; times are 2h (ago), 15:30, yesterday, "
				  "2026-03-01 or 2026-03-01T12:30:45",
				  option, word);
	json_object_set_new(parameters, key, json_integer(when_ns));
	return LEO_DONE;
}

static int choose_since(struct leo *l, const char *word, json_t *parameters)
{
	return choose_time(l, "since", "since_ns", word, parameters);
}

static int choose_until(struct leo *l, const char *word, json_t *parameters)
{
	return choose_time(l, "until", "until_ns", word, parameters);
}

static const struct {
	const char *option;
	int (*choose)(struct leo *l, const char *word, json_t *parameters);
} choices[] = {
	{"path", choose_path},
	{"user", choose_user},
	{"since", choose_since},
	{"until", choose_until},
};

int trace_choice(struct leo *l, json_t **ret_parameters)
{
	_cleanup_(json_decrefp) json_t *parameters = json_object();
	int status = parameters ? LEO_DONE : fail_errno(l, -ENOMEM, "cannot ask");

	for (size_t i = 0; status == LEO_DONE && i < ARRAY_SIZE(choices); i++) {
		const char *word = leo_value(l, choices[i].option);

		if (word)
			status = choices[i].choose(l, word, parameters);
	}
	if (status == LEO_DONE)
		*ret_parameters = take_ptr(parameters);
	return status;
}
