/*
 * The steps that have a file of their own, and what all steps use. Private to this folder.
 *
 * A step returns 0 or a negative errno, and may say more in fb->why.
 */
#ifndef FIRSTBOOT_STEPS_H
#define FIRSTBOOT_STEPS_H

#include <sys/types.h>

#include "firstboot/firstboot.h"

enum { TOOL_ARGS = 24 };

/* The arguments of a tool while they are put together; always ends with NULL. */
struct tool {
	const char *argv[TOOL_ARGS];
	size_t argv_count;
};

#define TOOL(...) ((struct tool){.argv = {__VA_ARGS__}, .argv_count = tool_count(__VA_ARGS__)})
#define tool_count(...) (sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *))

/* The programs that are run; where they are is Debian's business, and fixed. */
#define TOOL_SSH_KEYGEN "/usr/bin/ssh-keygen"
#define TOOL_GROUPADD "/usr/sbin/groupadd"
#define TOOL_USERADD "/usr/sbin/useradd"
#define TOOL_USERMOD "/usr/sbin/usermod"
#define TOOL_CHPASSWD "/usr/sbin/chpasswd"
#define TOOL_CP "/usr/bin/cp"
#define TOOL_CHOWN "/usr/bin/chown"
#define TOOL_RM "/usr/bin/rm"

/* An entry of /etc/passwd, as far as the steps care. */
struct account {
	uid_t uid;
	gid_t gid;
};

/* @path below the root, as a new string; NULL when there is no memory. */
char *steps_path(const struct firstboot *fb, const char *path);

/* Runs @tool with @input; a failure becomes -EPROTO, with the reason in fb->why. */
int steps_tool(struct firstboot *fb, const struct tool *tool, const char *input);

/* Adds "@option ROOT" as the first arguments, when there is a root. */
void steps_tool_root(const struct firstboot *fb, struct tool *tool, const char *option);

/* Writes what the file system that holds @path has in memory to its disk. */
int steps_sync(const struct firstboot *fb, const char *path);

/* fb->why, as printf(); returns @error, for "return steps_why(...)". */
int steps_why(struct firstboot *fb, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* hostkeys.c: every kind of host key that is missing. */
int steps_host_keys(struct firstboot *fb);

/* account.c: leftovers of killed tools; the account with its groups; its home. */
int steps_stale_locks(struct firstboot *fb);
int steps_account(struct firstboot *fb);
int steps_home(struct firstboot *fb);

/* account.c: the user's entry; -ENOENT when there is none. @ret may be NULL. */
int steps_find_account(const struct firstboot *fb, struct account *ret);

/* account.c: whether /etc/group has the group @name: 1, 0 or a negative errno. */
int steps_has_group(const struct firstboot *fb, const char *name);

/* The groups that make the administrator one. */
extern const char *const steps_groups[2];

#endif
