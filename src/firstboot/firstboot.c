/*
 * The work of the first boot; see firstboot.h, and README.md for the order of the steps.
 */
#include "firstboot/firstboot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"
#include "firstboot/steps.h"

char *steps_path(const struct firstboot *fb, const char *path)
{
	char *full;

	return asprintf(&full, "%s%s", fb->root, path) < 0 ? NULL : full;
}

int steps_why(struct firstboot *fb, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fb->why, sizeof(fb->why), format, args);
	va_end(args);
	return error;
}

void steps_tool_root(const struct firstboot *fb, struct tool *tool, const char *option)
{
	if (!*fb->root)
		return;
	/* Never true: the longest tool has half as many arguments. */
	if (tool->argv_count + 3 > TOOL_ARGS)
		abort();
	memmove(tool->argv + 3, tool->argv + 1, (tool->argv_count - 1) * sizeof(tool->argv[0]));
	tool->argv[1] = option;
	tool->argv[2] = fb->root;
	tool->argv_count += 2;
}

int steps_tool(struct firstboot *fb, const struct tool *tool, const char *input)
{
	int r = fb->ops.run(fb->ops.data, tool->argv, input);

	if (r < 0)
		return steps_why(fb, r, "cannot run %s", tool->argv[0]);
	if (r > 0)
		return steps_why(fb, -EPROTO, "%s ended with status %d", tool->argv[0], r);
	return 0;
}

int steps_sync(const struct firstboot *fb, const char *path)
{
	_cleanup_free_ char *full = steps_path(fb, path);

	return full ? fb->ops.sync(fb->ops.data, full) : -ENOMEM;
}

/* 32 hexadecimal digits that are not all zero, and a line end: machine-id(5). */
static bool machine_id_valid(const char *text, size_t len)
{
	return len == 33 && text[32] == '\n' && strspn(text, "0123456789abcdef") == 32 &&
	       strspn(text, "0") < 32;
}

static int step_machine_id(struct firstboot *fb)
{
	_cleanup_free_ char *path = steps_path(fb, "/etc/machine-id"), *text = NULL;
	size_t len;
	int r;

	if (!path)
		return -ENOMEM;
	r = io_read_file(AT_FDCWD, path, 64, &text, &len);
	if (r < 0)
		return steps_why(fb, r, "/etc/machine-id cannot be read");
	if (!machine_id_valid(text, len))
		return steps_why(fb, -EBADMSG, "systemd has put no id into /etc/machine-id");
	return 0;
}

/* On standard input, as arguments are open to every process of the machine. */
static int send_hash(struct firstboot *fb, const char *hash)
{
	struct tool tool = TOOL(TOOL_CHPASSWD, "-e");
	char line[PASSWORD_HASH_SIZE + 64];
	int r;

	steps_tool_root(fb, &tool, "--root");
	snprintf(line, sizeof(line), "%s:%s\n", fb->user, hash);
	r = steps_tool(fb, &tool, line);
	explicit_bzero(line, sizeof(line));
	return r;
}

static int step_password(struct firstboot *fb)
{
	char hash[PASSWORD_HASH_SIZE];
	int r = password_new(fb->password);

	if (r == 0)
		r = password_hash(fb->password, fb->hash_cost, hash);
	if (r == 0)
		r = send_hash(fb, hash);
	explicit_bzero(hash, sizeof(hash));
	return r;
}

static int step_sync(struct firstboot *fb)
{
	int r = steps_sync(fb, "/etc");

	return r < 0 ? r : steps_sync(fb, "/home");
}

static int step_show(struct firstboot *fb)
{
	char text[512];
	int r;

	snprintf(text, sizeof(text),
		 "\n"
		 "  This machine is set up. Its administrator is\n"
		 "\n"
		 "      user      %s\n"
		 "      password  %s\n"
		 "\n"
		 "  The password is shown this once and kept nowhere: log in below or with\n"
		 "      ssh %s@ADDRESS        (\"ip -brief address\" here lists the addresses)\n"
		 "  and change it with \"passwd\".\n"
		 "\n",
		 fb->user, fb->password, fb->user);
	r = fb->ops.show(fb->ops.data, text);
	explicit_bzero(text, sizeof(text));
	return r < 0 ? steps_why(fb, r, "the terminal does not take the password") : 0;
}

static int make_folder(const struct firstboot *fb, const char *path)
{
	_cleanup_free_ char *full = steps_path(fb, path);

	if (!full)
		return -ENOMEM;
	return mkdir(full, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int step_stamp(struct firstboot *fb)
{
	_cleanup_free_ char *path = steps_path(fb, FIRSTBOOT_STAMP);
	char text[64];
	int r, len;

	if (!path)
		return -ENOMEM;
	r = make_folder(fb, "/var/lib/leonhard");
	if (r < 0)
		return r;
	len = snprintf(text, sizeof(text), "administrator %s\n", fb->user);
	return io_replace_file(AT_FDCWD, path, text, len, 0644);
}

static const struct step {
	/* What the step does, to follow "cannot ". */
	const char *task;
	int (*run)(struct firstboot *fb);
} steps[] = {
	{"find the machine's id", step_machine_id},
	{"clear old locks of the account files", steps_stale_locks},
	{"make SSH host keys", steps_host_keys},
	{"make the administrator's account", steps_account},
	{"make the administrator's home", steps_home},
	{"set the administrator's password", step_password},
	{"write the accounts to disk", step_sync},
	{"show the administrator's password", step_show},
	{"note that the first boot is done", step_stamp},
};

int firstboot_run(struct firstboot *fb)
{
	int r = 0;

	fb->why[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(steps) && r == 0; i++) {
		fb->step = steps[i].task;
		r = steps[i].run(fb);
	}
	explicit_bzero(fb->password, sizeof(fb->password));
	return r;
}

bool firstboot_user_valid(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len > 0 && len <= 32 && !name[len] && !strchr("0123456789-", name[0]);
}

int firstboot_done(const struct firstboot *fb)
{
	_cleanup_free_ char *path = steps_path(fb, FIRSTBOOT_STAMP);

	if (!path)
		return -ENOMEM;
	if (access(path, F_OK) == 0)
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

/* Reports what the printf() arguments say; a text too long for a line is cut. */
#define REPORT(report, ...)                                  \
	({                                                   \
		char _line[256];                             \
		snprintf(_line, sizeof(_line), __VA_ARGS__); \
		(report)(_line);                             \
		1;                                           \
	})

static int check_tools(void (*report)(const char *text))
{
	static const char *const tools[] = {
		TOOL_SSH_KEYGEN, TOOL_GROUPADD, TOOL_USERADD, TOOL_USERMOD,
		TOOL_CHPASSWD,	 TOOL_CP,	TOOL_CHOWN,   TOOL_RM,
	};
	int problems = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (access(tools[i], X_OK) < 0)
			problems += REPORT(report, "%s: %s", tools[i], strerror(errno));
	return problems;
}

static int check_paths(const struct firstboot *fb, void (*report)(const char *text))
{
	static const char *const paths[] = {"/etc/ssh",	   "/etc/skel", "/etc/passwd",
					    "/etc/shadow", "/home",	"/var/lib"};
	int problems = 0;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_free_ char *path = steps_path(fb, paths[i]);

		if (!path)
			return -ENOMEM;
		if (access(path, F_OK) < 0)
			problems += REPORT(report, "%s: %s", path, strerror(errno));
	}
	return problems;
}

int firstboot_check(struct firstboot *fb, void (*report)(const char *text))
{
	int problems = check_tools(report), r = check_paths(fb, report);

	if (r < 0)
		return r;
	problems += r;
	fb->why[0] = '\0';
	r = step_machine_id(fb);
	if (r < 0)
		problems += REPORT(report, "%s: %s", fb->why, strerror(-r));
	for (size_t i = 0; i < ARRAY_SIZE(steps_groups); i++)
		if (steps_has_group(fb, steps_groups[i]) <= 0)
			problems += REPORT(report, "there is no group '%s'", steps_groups[i]);
	return problems;
}
