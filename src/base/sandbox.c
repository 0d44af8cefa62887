/*
 * Giving up what a daemon does not need; see sandbox.h.
 *
 * This file asks for users by name, which drags the name services into a static program that
 * uses it; so nothing else is in here.
 */
#include "base/sandboxint.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/def.h"

enum { LACKS_LANDLOCK = 1, LACKS_SECCOMP = 2 };

static const char *const missing_texts[] = {
	[0] = NULL,
	[LACKS_LANDLOCK] = "Landlock",
	[LACKS_SECCOMP] = "seccomp filters",
	[LACKS_LANDLOCK | LACKS_SECCOMP] = "Landlock and seccomp filters",
};

static int limit_core(void)
{
	struct rlimit none = {};

	return setrlimit(RLIMIT_CORE, &none) < 0 ? -errno : 0;
}

/*
 * Nothing that is executed later gets a capability that is not in this set. To shrink it takes a
 * capability itself; who has none gets none back either, by no_new_privs.
 */
static int drop_bounding_set(void)
{
	int is_set;

	for (int cap = 0; (is_set = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) >= 0; cap++) {
		if (!is_set || prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		return errno == EPERM ? 0 : -errno;
	}
	return 0;
}

static int become(const char *user, bool keep)
{
	const struct passwd *pw;

	if (!user || geteuid() != 0)
		return 0;
	errno = 0;
	pw = getpwnam(user);
	if (!pw)
		return errno && errno != ENOENT ? -errno : -ESRCH;
	/* Else all capabilities go with root's id. */
	if (keep && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return -errno;
	if (initgroups(user, pw->pw_gid) < 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		return -errno;
	return 0;
}

/* A change of the user sets this back, so it comes after. Where core dumps go to a program, the
 * kernel heeds this and not the limit. */
static int undumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

/* Effective, permitted and inheritable ones; the ambient ones go with those. */
static int drop_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &header, sets) < 0)
		return -errno;
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		sets[i].permitted &= (uint32_t)(keep >> 32 * i);
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

static int no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int drop_privileges(const struct sandbox *s)
{
	int r = limit_core();

	if (r == 0)
		r = drop_bounding_set();
	if (r == 0)
		r = become(s->user, s->keep_capabilities);
	if (r == 0)
		r = undumpable();
	if (r == 0)
		r = drop_capabilities(s->keep_capabilities);
	if (r == 0)
		r = no_new_privs();
	return r;
}

int sandbox_enter(const struct sandbox *s, const char **ret_missing)
{
	_cleanup_close_ int ruleset_fd = -1;
	unsigned lacks = 0;
	int r = 0;

	/* The paths are looked up while we may: the new user need not reach their parents. */
	if (s->read_paths || s->write_paths)
		r = sandboxfs_prepare(s, &ruleset_fd);
	if (r == -EOPNOTSUPP)
		lacks |= LACKS_LANDLOCK;
	else if (r < 0)
		return r;
	r = drop_privileges(s);
	if (r == 0 && ruleset_fd >= 0)
		r = sandboxfs_enforce(ruleset_fd);
	if (r < 0)
		return r;
	if (!s->keep_network)
		r = sandboxnet_enforce();
	if (r == 0 && s->ioctls)
		r = sandboxnet_limit_ioctls(s->ioctls);
	if (r == -EOPNOTSUPP)
		lacks |= LACKS_SECCOMP;
	else if (r < 0)
		return r;
	*ret_missing = missing_texts[lacks];
	return 0;
}
