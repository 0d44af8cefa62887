/*
 * A fake machine for the tests of the steps; see test_machine.h.
 */
#include "firstboot/test_machine.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "firstboot/child.h"

void machine_path(const struct machine *m, const char *path, char full[256])
{
	snprintf(full, 256, "%s%s", m->root, path);
}

void machine_put(const struct machine *m, const char *path, const char *text)
{
	char full[256];

	machine_path(m, path, full);
	assert_int_equal(io_replace_file(AT_FDCWD, full, text, strlen(text), 0600), 0);
}

char *machine_get(const struct machine *m, const char *path)
{
	char full[256], *text = NULL;

	machine_path(m, path, full);
	if (io_read_file(AT_FDCWD, full, 1 << 16, &text, NULL) < 0)
		text = strdup("");
	assert_non_null(text);
	return text;
}

bool machine_has(const struct machine *m, const char *path)
{
	char full[256];

	machine_path(m, path, full);
	return access(full, F_OK) == 0;
}

void machine_append(const struct machine *m, const char *path, const char *line)
{
	_cleanup_free_ char *old = machine_get(m, path), *all = NULL;

	assert_true(asprintf(&all, "%s%s\n", old, line) > 0);
	machine_put(m, path, all);
}

void machine_new(struct machine *m)
{
	static const char *const folders[] = {"/etc",  "/etc/ssh", "/etc/skel",
					      "/home", "/var",	   "/var/lib"};
	char full[256];

	*m = (struct machine){.die_at = -1, .fail_at = -1};
	/* In memory: everything here is synced, hundreds of times. */
	strcpy(m->root, "/dev/shm/firstboot.XXXXXX");
	assert_non_null(mkdtemp(m->root));
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		machine_path(m, folders[i], full);
		assert_int_equal(mkdir(full, 0755), 0);
	}
	machine_put(m, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	machine_put(m, "/etc/passwd",
		    "root:x:0:0:root:/root:/bin/bash\nadministrator:x:7:7::/:/x\n");
	machine_put(m, "/etc/group", "sudo:x:27:\nadm:x:4:\n");
	machine_put(m, "/etc/shadow", "");
	machine_put(m, "/etc/skel/.profile", "# profile\n");
	machine_put(m, "/etc/passwd.lock", "312");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

void machine_free(struct machine *m)
{
	assert_int_equal(nftw(m->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Ends the process, or says that this effect shall fail. */
static bool strikes(struct machine *m)
{
	int number = m->effects++;

	if (number == m->die_at)
		_exit(9);
	return number == m->fail_at;
}

static const char *after(const char *const argv[], const char *option)
{
	for (size_t i = 1; argv[i]; i++)
		if (!strcmp(argv[i], option))
			return argv[i + 1];
	return NULL;
}

static const char *last(const char *const argv[])
{
	size_t i = 0;

	while (argv[i + 1])
		i++;
	return argv[i];
}

static int fake_keygen(struct machine *m, const char *const argv[], const char *input)
{
	const char *key = after(argv, "-f"), *path = key + strlen(m->root);
	char pub[256];

	assert_memory_equal(key, m->root, strlen(m->root));
	snprintf(pub, sizeof(pub), "%s.pub", path);
	machine_put(m, path, "private");
	if (strikes(m))
		return 1;
	machine_put(m, pub, "public");
	return 0;
}

static int fake_groupadd(struct machine *m, const char *const argv[], const char *input)
{
	char line[64];

	assert_string_equal(after(argv, "--prefix"), m->root);
	snprintf(line, sizeof(line), "%s:x:1000:", last(argv));
	machine_append(m, "/etc/group", line);
	return 0;
}

/* As useradd: the name goes into one file after the other, and it can die in between. */
static int fake_useradd(struct machine *m, const char *const argv[], const char *input)
{
	char line[128];

	assert_string_equal(after(argv, "--prefix"), m->root);
	assert_string_equal(after(argv, "-g"), last(argv));
	snprintf(line, sizeof(line), "%s:x:%s:1000::%s:%s", last(argv), after(argv, "-u"),
		 after(argv, "-d"), after(argv, "-s"));
	machine_append(m, "/etc/passwd", line);
	if (strikes(m))
		return 1;
	machine_append(m, "/etc/shadow", "admin:!");
	return 0;
}

static int fake_usermod(struct machine *m, const char *const argv[], const char *input)
{
	assert_string_equal(after(argv, "-G"), "sudo,adm");
	machine_put(m, "/members", last(argv));
	return 0;
}

static int fake_chpasswd(struct machine *m, const char *const argv[], const char *input)
{
	assert_string_equal(after(argv, "--root"), m->root);
	assert_memory_equal(input, "admin:$y$", 9);
	assert_int_equal(input[strlen(input) - 1], '\n');
	machine_put(m, "/etc/shadow", input);
	m->syncs = 0;
	return 0;
}

/* Files need no stand-in, except for owners, which only root can give. */
static int real_tool(struct machine *m, const char *const argv[], const char *input)
{
	return child_run(argv, input);
}

static int fake_chown(struct machine *m, const char *const argv[], const char *input)
{
	machine_put(m, "/owner", argv[3]);
	return 0;
}

static int run(void *data, const char *const argv[], const char *input)
{
	static const struct {
		const char *path;
		int (*run)(struct machine *m, const char *const argv[], const char *input);
	} tools[] = {
		{"/usr/bin/ssh-keygen", fake_keygen},
		{"/usr/sbin/groupadd", fake_groupadd},
		{"/usr/sbin/useradd", fake_useradd},
		{"/usr/sbin/usermod", fake_usermod},
		{"/usr/sbin/chpasswd", fake_chpasswd},
		{"/usr/bin/cp", real_tool},
		{"/usr/bin/rm", real_tool},
		{"/usr/bin/chown", fake_chown},
	};
	int r = -ENOENT;

	if (strikes(data))
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (!strcmp(tools[i].path, argv[0]))
			r = tools[i].run(data, argv, input);
	assert_true(r >= 0);
	return strikes(data) ? 1 : r;
}

static int show(void *data, const char *text)
{
	struct machine *m = data;

	if (strikes(m))
		return -EIO;
	/* A password on the screen that the disk does not know is a lie after a lost power. */
	assert_int_equal(m->syncs, 2);
	machine_append(m, "/screen", text);
	return strikes(m) ? -EIO : 0;
}

static int sync_folder(void *data, const char *path)
{
	struct machine *m = data;

	assert_memory_equal(path, m->root, strlen(m->root));
	m->syncs++;
	return strikes(m) ? -EIO : 0;
}

int machine_boot(struct machine *m, struct firstboot *ret_fb)
{
	*ret_fb = (struct firstboot){
		.root = m->root,
		.user = "admin",
		.ops = {run, show, sync_folder, m},
		.hash_cost = 1,
	};
	m->effects = 0;
	return firstboot_run(ret_fb);
}
