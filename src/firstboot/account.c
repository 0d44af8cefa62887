/*
 * The steps that make the administrator's account; see steps.h.
 *
 * useradd can do all of it in one call, and can be killed in the middle of it: then there is an
 * account without its groups or without a home, which useradd will not touch again. So each part
 * is asked for by itself, when it is missing, and the home appears by a rename, whole.
 */
#include "firstboot/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"
#include "base/parse.h"

const char *const steps_groups[2] = {"sudo", "adm"};

enum {
	FIRST_UID = 1000,
	/* Behind it are nobody and the containers. */
	LAST_UID = 59999,
	DATABASE_MAX = 1 << 20,
};

/* The line of @file that belongs to @name, from behind its first colon; -ENOENT without one. */
static int database_line(const struct firstboot *fb, const char *file, const char *name,
			 char **ret_line)
{
	_cleanup_free_ char *path = steps_path(fb, file), *text = NULL;
	char *line, *rest;
	size_t len = strlen(name);
	int r;

	if (!path)
		return -ENOMEM;
	r = io_read_file(AT_FDCWD, path, DATABASE_MAX, &text, NULL);
	if (r < 0)
		return r;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (strncmp(line, name, len) || line[len] != ':')
			continue;
		line = strdup(line + len + 1);
		if (!line)
			return -ENOMEM;
		*ret_line = line;
		return 0;
	}
	return -ENOENT;
}

int steps_find_account(const struct firstboot *fb, struct account *ret)
{
	_cleanup_free_ char *line = NULL;
	char *rest, *uid, *gid;
	uint64_t u, g;
	int r = database_line(fb, "/etc/passwd", fb->user, &line);

	if (r < 0)
		return r;
	rest = line;
	strsep(&rest, ":");
	uid = strsep(&rest, ":");
	gid = strsep(&rest, ":");
	if (!uid || !gid || parse_u64(uid, 0, UINT32_MAX, &u) < 0 ||
	    parse_u64(gid, 0, UINT32_MAX, &g) < 0)
		return -EBADMSG;
	if (ret)
		*ret = (struct account){.uid = u, .gid = g};
	return 0;
}

int steps_has_group(const struct firstboot *fb, const char *name)
{
	_cleanup_free_ char *line = NULL;
	int r = database_line(fb, "/etc/group", name, &line);

	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

/* Waits for the lock that whoever changes the account files holds; see lckpwdf(3). */
static int lock_accounts(const struct firstboot *fb, int *ret_fd)
{
	_cleanup_free_ char *path = steps_path(fb, "/etc/.pwd.lock");
	_cleanup_close_ int fd = -1;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (!path)
		return -ENOMEM;
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fcntl(fd, F_SETLKW, &lock) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

/*
 * The shadow tools also make a file /etc/NAME.lock that holds their process id. One that was
 * killed leaves it there, and after a boot that id may be another process, for which the tools
 * would wait in vain. While we hold the lock that they take first, such a file is nobody's.
 */
int steps_stale_locks(struct firstboot *fb)
{
	static const char *const names[] = {"passwd",  "shadow", "group",
					    "gshadow", "subuid", "subgid"};
	_cleanup_close_ int lock = -1;
	int r = lock_accounts(fb, &lock);

	for (size_t i = 0; i < ARRAY_SIZE(names) && r == 0; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/etc/%s.lock", fb->root, names[i]) < 0)
			return -ENOMEM;
		if (unlink(path) < 0 && errno != ENOENT)
			r = -errno;
	}
	return r;
}

static int add_group(struct firstboot *fb)
{
	struct tool tool = TOOL(TOOL_GROUPADD, "-g", "1000", fb->user);
	int r = steps_has_group(fb, fb->user);

	if (r)
		return r < 0 ? r : 0;
	steps_tool_root(fb, &tool, "--prefix");
	return steps_tool(fb, &tool, NULL);
}

/* The account comes without a home (its own step) and with a password nobody can give. */
static int add_user(struct firstboot *fb)
{
	_cleanup_free_ char *home = NULL;
	struct tool tool;

	if (asprintf(&home, "/home/%s", fb->user) < 0)
		return -ENOMEM;
	tool = TOOL(TOOL_USERADD, "-u", "1000", "-g", fb->user, "-c", "Administrator", "-d", home,
		    "-M", "-s", "/bin/bash", fb->user);
	steps_tool_root(fb, &tool, "--prefix");
	return steps_tool(fb, &tool, NULL);
}

static int join_groups(struct firstboot *fb)
{
	_cleanup_free_ char *groups = NULL;
	struct tool tool;

	if (asprintf(&groups, "%s,%s", steps_groups[0], steps_groups[1]) < 0)
		return -ENOMEM;
	tool = TOOL(TOOL_USERMOD, "-a", "-G", groups, fb->user);
	steps_tool_root(fb, &tool, "--prefix");
	return steps_tool(fb, &tool, NULL);
}

/* A system account must not get a password that opens it, whatever it is called. */
static int check_account(struct firstboot *fb, struct account *ret)
{
	struct account account;
	int r = steps_find_account(fb, &account);

	if (r < 0)
		return r;
	if (account.uid < FIRST_UID || account.uid > LAST_UID)
		return steps_why(fb, -EPERM, "'%s' is a system account (uid %u)", fb->user,
				 account.uid);
	*ret = account;
	return 0;
}

int steps_account(struct firstboot *fb)
{
	struct account account;
	int r = steps_find_account(fb, NULL);

	if (r == -ENOENT) {
		r = add_group(fb);
		if (r == 0)
			r = add_user(fb);
	}
	if (r == 0)
		r = check_account(fb, &account);
	return r < 0 ? r : join_groups(fb);
}

/* Copies the skeleton to @path, for @account alone. What an earlier run left there goes. */
static int fill_home(struct firstboot *fb, const struct account *account, const char *path)
{
	_cleanup_free_ char *skel = steps_path(fb, "/etc/skel"), *owner = NULL;
	struct tool remove = TOOL(TOOL_RM, "-rf", "--", path);
	struct tool copy, own;
	int r;

	if (!skel || asprintf(&owner, "%u:%u", account->uid, account->gid) < 0)
		return -ENOMEM;
	copy = TOOL(TOOL_CP, "-rT", "--preserve=mode,links", "--", skel, path);
	own = TOOL(TOOL_CHOWN, "-Rh", "--", owner, path);
	r = steps_tool(fb, &remove, NULL);
	if (r == 0)
		r = steps_tool(fb, &copy, NULL);
	if (r == 0 && chmod(path, 0700) < 0)
		r = -errno;
	if (r == 0)
		r = steps_tool(fb, &own, NULL);
	/* On disk before it has its name, or a lost power could leave a home of empty files. */
	return r < 0 ? r : steps_sync(fb, "/home");
}

int steps_home(struct firstboot *fb)
{
	_cleanup_free_ char *home = NULL, *fresh = NULL;
	struct account account;
	int r = check_account(fb, &account);

	if (r < 0)
		return r;
	if (asprintf(&home, "%s/home/%s", fb->root, fb->user) < 0 ||
	    asprintf(&fresh, "%s/home/.%s.new", fb->root, fb->user) < 0)
		return -ENOMEM;
	if (access(home, F_OK) == 0)
		return 0;
	r = fill_home(fb, &account, fresh);
	if (r == 0 && rename(fresh, home) < 0)
		r = -errno;
	return r;
}
