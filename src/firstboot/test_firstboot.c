/*
 * Tests of the steps, on a fake machine.
 *
 * The main test kills a first boot at each point between two effects, in a process of its own,
 * and looks at what the next one makes of it.
 */
#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "firstboot/firstboot.h"
#include "firstboot/test_machine.h"

/* The last password on the screen. Belongs to the caller. */
static char *shown_password(const struct machine *m)
{
	static const char label[] = "password  ";
	_cleanup_free_ char *screen = machine_get(m, "/screen");
	char *at = NULL, *next = screen;

	while ((next = strstr(next, label)))
		at = next += strlen(label);
	assert_non_null(at);
	return strndup(at, PASSWORD_SIZE - 1);
}

static bool password_matches(const char *password, const char *hash)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	bool same;

	assert_non_null(data);
	same = !strcmp(crypt_rn(password, hash, data, sizeof(*data)), hash);
	free(data);
	return same;
}

/* Whether the hash in the shadow file is the one of the password that was shown. */
static void assert_password_works(const struct machine *m)
{
	_cleanup_free_ char *shadow = machine_get(m, "/etc/shadow"), *password = shown_password(m);
	char *hash = strchr(shadow, ':') + 1;

	hash[strcspn(hash, "\n")] = '\0';
	assert_int_equal(strlen(password), PASSWORD_SIZE - 1);
	assert_true(password_matches(password, hash));
}

static void assert_machine_complete(const struct machine *m)
{
	static const char *const files[] = {
		"/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_ed25519_key.pub",
		"/etc/ssh/ssh_host_ecdsa_key",	 "/etc/ssh/ssh_host_ecdsa_key.pub",
		"/home/admin/.profile",		 FIRSTBOOT_STAMP,
	};
	_cleanup_free_ char *members = machine_get(m, "/members"),
			    *owner = machine_get(m, "/owner");
	_cleanup_free_ char *passwd = machine_get(m, "/etc/passwd");
	char full[256];
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		assert_true(machine_has(m, files[i]));
	assert_false(machine_has(m, "/etc/ssh/ssh_host_ed25519_key.new"));
	assert_false(machine_has(m, "/etc/passwd.lock"));
	assert_false(machine_has(m, "/home/.admin.new"));
	assert_string_equal(members, "admin");
	assert_string_equal(owner, "1000:1000");
	assert_non_null(strstr(passwd, "\nadmin:x:1000:1000::/home/admin:/bin/bash\n"));
	machine_path(m, "/home/admin", full);
	assert_int_equal(stat(full, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_password_works(m);
}

static void test_whole(void **state)
{
	struct machine m;
	struct firstboot fb;

	machine_new(&m);
	fb = (struct firstboot){.root = m.root};
	assert_int_equal(firstboot_done(&fb), 0);
	assert_int_equal(machine_boot(&m, &fb), 0);
	assert_int_equal(firstboot_done(&fb), 1);
	assert_machine_complete(&m);
	/* What held the password holds nothing now. */
	for (size_t i = 0; i < sizeof(fb.password); i++)
		assert_int_equal(fb.password[i], 0);
	machine_free(&m);
}

/* Everything below the root that contains @secret, apart from the screen. */
static const char *searched;

static int search(const char *path, const struct stat *st, int type, struct FTW *at)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (type != FTW_F || !strcmp(path + at->base, "screen"))
		return 0;
	assert_int_equal(io_read_file(AT_FDCWD, path, 1 << 20, &text, &len), 0);
	return memmem(text, len, searched, strlen(searched)) ? 1 : 0;
}

static void test_password_nowhere_else(void **state)
{
	_cleanup_free_ char *password = NULL;
	struct machine m;
	struct firstboot fb;

	machine_new(&m);
	assert_int_equal(machine_boot(&m, &fb), 0);
	searched = password = shown_password(&m);
	assert_int_equal(nftw(m.root, search, 8, FTW_PHYS), 0);
	searched = "administrator admin";
	assert_int_equal(nftw(m.root, search, 8, FTW_PHYS), 1);
	machine_free(&m);
}

/* Keys that are there belong to the machine and stay. */
static void test_keeps_keys(void **state)
{
	_cleanup_free_ char *key = NULL;
	struct machine m;
	struct firstboot fb;

	machine_new(&m);
	machine_put(&m, "/etc/ssh/ssh_host_ecdsa_key", "mine");
	machine_put(&m, "/etc/ssh/ssh_host_ed25519_key", "");
	assert_int_equal(machine_boot(&m, &fb), 0);
	key = machine_get(&m, "/etc/ssh/ssh_host_ecdsa_key");
	assert_string_equal(key, "mine");
	free(key);
	key = machine_get(&m, "/etc/ssh/ssh_host_ed25519_key");
	assert_string_equal(key, "private");
	machine_free(&m);
}

static void test_machine_id(void **state)
{
	static const char *const bad[] = {
		"",
		"uninitialized\n",
		"00000000000000000000000000000000\n",
		"0123456789abcdef0123456789abcdef",
		"0123456789ABCDEF0123456789abcdef\n",
		"0123456789abcdef0123456789abcdef\n\n",
	};
	struct machine m;
	struct firstboot fb;

	machine_new(&m);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		machine_put(&m, "/etc/machine-id", bad[i]);
		assert_int_equal(machine_boot(&m, &fb), -EBADMSG);
		assert_non_null(strstr(fb.why, "/etc/machine-id"));
		assert_int_equal(m.effects, 0);
	}
	machine_free(&m);
}

static void test_refuses_system_account(void **state)
{
	struct machine m;
	struct firstboot fb;

	machine_new(&m);
	machine_append(&m, "/etc/passwd", "admin:x:0:0::/root:/bin/sh");
	assert_int_equal(machine_boot(&m, &fb), -EPERM);
	assert_non_null(strstr(fb.why, "system account"));
	assert_false(machine_has(&m, "/screen"));
	machine_free(&m);
}

/*
 * Before and after each of nine tools; within three of them; three syncs; the terminal, before and
 * after. A step that is added or lost shows here.
 */
enum { EFFECTS = 2 * 9 + 3 + 3 + 2 };

/* One machine for each effect, struck there: it must not be done, and the next boot must. */
static void strike(int at, bool die, bool *ret_struck)
{
	struct machine m;
	struct firstboot fb;
	int status;
	pid_t pid;

	machine_new(&m);
	*(die ? &m.die_at : &m.fail_at) = at;
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(machine_boot(&m, &fb) < 0 ? 8 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	*ret_struck = WEXITSTATUS(status) != 0;
	if (*ret_struck) {
		assert_int_equal(WEXITSTATUS(status), die ? 9 : 8);
		assert_false(machine_has(&m, FIRSTBOOT_STAMP));
		machine_put(&m, "/etc/group.lock", "312");
		m.die_at = m.fail_at = -1;
		assert_int_equal(machine_boot(&m, &fb), 0);
	}
	assert_machine_complete(&m);
	machine_free(&m);
}

static void test_killed_anywhere(void **state)
{
	bool struck = true;
	int at = 0;

	while (struck)
		strike(at++, true, &struck);
	assert_int_equal(at - 1, EFFECTS);
}

static void test_fails_anywhere(void **state)
{
	bool struck = true;
	int at = 0;

	while (struck)
		strike(at++, false, &struck);
	assert_int_equal(at - 1, EFFECTS);
}

static void test_user_names(void **state)
{
	assert_true(firstboot_user_valid("admin"));
	assert_true(firstboot_user_valid("_a-1"));
	assert_true(firstboot_user_valid("abcdefghijklmnopqrstuvwxyz012345"));
	assert_false(firstboot_user_valid("abcdefghijklmnopqrstuvwxyz0123456"));
	assert_false(firstboot_user_valid(""));
	assert_false(firstboot_user_valid("-a"));
	assert_false(firstboot_user_valid("1a"));
	assert_false(firstboot_user_valid("a:b"));
	assert_false(firstboot_user_valid("a\n"));
	assert_false(firstboot_user_valid("../a"));
	assert_false(firstboot_user_valid("Admin"));
}

static int reports;

static void count_report(const char *text)
{
	reports++;
}

static void test_check(void **state)
{
	struct machine m;
	struct firstboot fb;
	int before;

	machine_new(&m);
	fb = (struct firstboot){.root = m.root, .user = "admin"};
	before = firstboot_check(&fb, count_report);
	assert_int_equal(reports, before);
	machine_put(&m, "/etc/group", "adm:x:4:\n");
	machine_put(&m, "/etc/machine-id", "");
	assert_int_equal(firstboot_check(&fb, count_report), before + 2);
	machine_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_password_nowhere_else),
		cmocka_unit_test(test_keeps_keys),
		cmocka_unit_test(test_machine_id),
		cmocka_unit_test(test_refuses_system_account),
		cmocka_unit_test(test_killed_anywhere),
		cmocka_unit_test(test_fails_anywhere),
		cmocka_unit_test(test_user_names),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
