/*
 * Tests of redact.c and redactdigest.c: what is secret, whose field changed, and that no digest
 * shows anything of a value.
 */
#include "filetrace/redact.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"

#define HASH "$6$Sa1tSa1t$qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM1234567890./"

static const struct redact_key key = {.bytes = "a key of thirty-two bytes, here"};

static void test_paths(void **state)
{
	static const struct {
		const char *path;
		enum redact_kind kind;
	} cases[] = {
		{"/etc/shadow", REDACT_ACCOUNTS},
		{"/etc/shadow-", REDACT_ACCOUNTS},
		{"/etc/gshadow", REDACT_ACCOUNTS},
		{"/etc/gshadow-", REDACT_ACCOUNTS},
		{"/etc/shadow+", REDACT_ACCOUNTS},
		{"/etc/shadow.dpkg-new", REDACT_ACCOUNTS},
		{"/var/lib/chroot/etc/shadow", REDACT_ACCOUNTS},
		{"/var/backups/shadow.bak", REDACT_ACCOUNTS},
		{"/etc/.shadow.swp", REDACT_WHOLE},
		{"/etc/security/opasswd", REDACT_WHOLE},
		{"/etc/ssh/ssh_host_ed25519_key", REDACT_WHOLE},
		{"/etc/ssh/ssh_host_ed25519_key.pub", REDACT_NONE},
		{"/etc/ssl/private/a/b.key", REDACT_WHOLE},
		{"/etc/ssl/certs/ca.pem", REDACT_NONE},
		{"/etc/krb5.keytab", REDACT_WHOLE},
		{"/etc/sssd/sssd.conf", REDACT_WHOLE},
		{"/etc/NetworkManager/system-connections/home.nmconnection", REDACT_WHOLE},
		{"/etc/NetworkManager/NetworkManager.conf", REDACT_NONE},
		{"/etc/machine-id", REDACT_NONE},
		{"/etc/passwd", REDACT_NONE},
		{"/etc/group", REDACT_NONE},
		{"/etc/hosts", REDACT_NONE},
		{"/etc/shadowsocks/config", REDACT_NONE},
		{"/etc/default/foreshadow", REDACT_NONE},
		{"/etc/ssh/sshd_config", REDACT_NONE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(redact_kind(cases[i].path, NULL, 0), cases[i].kind);
}

static void test_content(void **state)
{
	static const struct {
		const char *text;
		enum redact_kind kind;
	} cases[] = {
		{"root:" HASH ":19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n",
		 REDACT_ACCOUNTS},
		{"root:!" HASH ":19000:0:99999:7:::", REDACT_ACCOUNTS},
		{"users:" HASH "::alice\n\nadm:*::\n", REDACT_ACCOUNTS},
		{"root:$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7:"
		 "19000:0:99999:7:::\n",
		 REDACT_ACCOUNTS},
		{"alice:$apr1$abcdefgh$0123456789012345678901\n", REDACT_WHOLE},
		{"alice:$2y$05$0123456789012345678901234567890123456789012345678901\n",
		 REDACT_WHOLE},
		{"root:" HASH ":0:0:root:/root:/bin/bash\n", REDACT_WHOLE},
		{"password_hash = '" HASH "'\n", REDACT_WHOLE},
		{"-----BEGIN PRIVATE KEY-----\nMII\n", REDACT_WHOLE},
		{"cert\n-----BEGIN RSA PRIVATE KEY-----\n", REDACT_WHOLE},
		{"  key: |\n    -----BEGIN OPENSSH PRIVATE KEY-----\n", REDACT_WHOLE},
		{"-----BEGIN PGP PRIVATE KEY BLOCK-----\n", REDACT_WHOLE},
		{"-----BEGIN CERTIFICATE-----\n", REDACT_NONE},
		{"-----BEGIN PUBLIC KEY-----\n-----BEGIN ", REDACT_NONE},
		{"PuTTY-User-Key-File-3: ssh-rsa\n", REDACT_WHOLE},
		{"[Interface]\nPrivateKey = abc\n", REDACT_WHOLE},
		{"[Interface]\n\tPrivateKey=abc\n", REDACT_WHOLE},
		{"# PrivateKey is elsewhere\nPrivateKeyFile=/x\n", REDACT_NONE},
		{"root:x:0:0:root:/root:/bin/bash\n", REDACT_NONE},
		{"daemon:*:19000:0:99999:7:::\n", REDACT_NONE},
		{"echo $1$2$3 \"$5\" $6$\n", REDACT_NONE},
		{"$", REDACT_NONE},
		{"127.0.0.1 localhost\n", REDACT_NONE},
		{"", REDACT_NONE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(redact_kind("/etc/x", cases[i].text, strlen(cases[i].text)),
				 cases[i].kind);
	/* By content also where the path says nothing else, and never less than by the path. */
	assert_int_equal(redact_kind("/etc/shadow", "nothing\n", 8), REDACT_ACCOUNTS);
}

static void test_binary_keys(void **state)
{
	static const char keytab[] = "\x05\x02\0\0\0\x04"
				     "abcd";
	static const char pkcs8[] = "\x30\x06\x02\x01\x00\x30\x01\x00";
	static const char certificate[] = "\x30\x06\x30\x01\x00\x30\x01\x00";
	static const char longer[] = "\x30\x81\x06\x02\x01\x01\x04\x01k";

	assert_int_equal(redact_kind("/x", keytab, sizeof(keytab) - 1), REDACT_WHOLE);
	assert_int_equal(redact_kind("/x", keytab, sizeof(keytab) - 2), REDACT_NONE);
	assert_int_equal(redact_kind("/x", pkcs8, sizeof(pkcs8) - 1), REDACT_WHOLE);
	assert_int_equal(redact_kind("/x", pkcs8, sizeof(pkcs8) - 2), REDACT_NONE);
	assert_int_equal(redact_kind("/x", certificate, sizeof(certificate) - 1), REDACT_NONE);
	assert_int_equal(redact_kind("/x", longer, sizeof(longer) - 1), REDACT_WHOLE);
}

static char *digest(const char *path, const char *text)
{
	char *d = NULL;

	if (!text)
		return NULL;
	assert_int_equal(redact_digest(&key, path, text, strlen(text), &d), 0);
	return d;
}

/* "ACCOUNT/FIELD ACCOUNT/FIELD" of what differs. */
static void assert_differs(const char *path, const char *old, const char *new, const char *expected)
{
	_cleanup_free_ char *old_digest = digest(path, old), *new_digest = digest(path, new);
	_cleanup_free_ struct record_field *fields = NULL;
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	size_t count = 0;

	assert_int_equal(redact_compare(path, old_digest, new_digest, &fields, &count), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(strbuf_addf(&b, "%s%s/%s", i ? " " : "", fields[i].account,
					     fields[i].field),
				 0);
	assert_string_equal(b.text ? b.text : "", expected);
}

static void test_differences(void **state)
{
	static const char shadow[] = "root:*:19000:0:99999:7:::\n"
				     "alice:$6$a$b:19000:0:99999:7:::\n"
				     "bob:!:19000:0:99999:7:::\n";

	assert_differs("/etc/shadow", shadow, shadow, "");
	assert_differs("/etc/shadow", shadow,
		       "root:*:19000:0:99999:7:::\n"
		       "alice:$6$a$c:19001:0:99999:7:::\n"
		       "bob:!:19000:0:99999:7:::\n",
		       "alice/password alice/last change");
	assert_differs("/etc/shadow", shadow,
		       "root:*:19000:1:99998:8:9:10:11\n"
		       "alice:$6$a$b:19000:0:99999:7:::\n"
		       "bob:!:19000:0:99999:7:::\n",
		       "root/minimum age root/maximum age root/warning period "
		       "root/inactivity period root/expiration date root/reserved");
	/* Came, went, and in another order. */
	assert_differs("/etc/shadow", shadow,
		       "bob:!:19000:0:99999:7:::\n"
		       "carol:x:1:0:99999:7:::\n"
		       "root:*:19000:0:99999:7:::\n",
		       "carol/account alice/account");
	assert_differs("/etc/shadow", NULL, shadow, "root/account alice/account bob/account");
	assert_differs("/etc/shadow", shadow, NULL, "root/account alice/account bob/account");
	assert_differs("/etc/shadow", NULL, NULL, "");
	assert_differs("/etc/gshadow", "adm:*::\nusers:!:root:alice\n",
		       "adm:$6$a$b::\nusers:!:alice:alice,bob\n",
		       "adm/password users/administrators users/members");
	/* Two lines of one account: their values as a whole. */
	assert_differs("/etc/gshadow", "a:1::\na:2::\n", "a:2::\na:1::\n", "");
	assert_differs("/etc/gshadow", "a:1::\na:2::\n", "a:2::\na:2::\n", "a/password");
	assert_differs("/etc/gshadow", "a:1::\n", "a:1::\na:1::\n",
		       "a/account a/password a/administrators a/members");
}

static void test_lines_without_sense(void **state)
{
	static const char *const odd[] = {
		"no colons at all",
		"two:fields",
		"$6$salt$" HASH ":root:19000:0:99999:7:::",
		"with blank:*:19000:0:99999:7:::",
		"esc\x1b[31m:*:19000:0:99999:7:::",
		"back\\slash:*:19000:0:99999:7:::",
		"\xff:*:19000:0:99999:7:::",
		"of_an_account_whose_name_is_longer_than_what_fits_into_a_record_:*:1:0:1:7:::",
		":*:19000:0:99999:7:::",
		"group:*::",
	};

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		_cleanup_free_ char *other = NULL;

		assert_differs("/etc/shadow", "", odd[i], "/line");
		assert_differs("/etc/shadow", odd[i], "", "/line");
		assert_differs("/etc/shadow", odd[i], odd[i], "");
		assert_true(asprintf(&other, "%s.", odd[i]) > 0);
		assert_differs("/etc/shadow", odd[i], other, "/line");
	}
	assert_differs("/etc/shadow", "machine$:*:1:0:9:7:::\n", "machine$:!:1:0:9:7:::\n",
		       "machine$/password");
}

/* Of letters that no digest has. */
#define ALIEN "$6$SxlTsxLt$qwrtyuiopsghjklzxvnmQWRTYUIOPSGHJKLZXVNMQwRtYuIoPsGhJkLzXvNm./Q"

/* No four bytes of a value, nor of a line without sense, are in the digest. */
static void test_no_value(void **state)
{
	static const char *const values[] = {ALIEN,	 "19347",   "99998",
					     "!locked!", "zyx,wvu", "wrong:thing"};
	static const char shadow[] = "root:" ALIEN ":19347:0:99998:7:!locked!::zyx,wvu\n"
				     "wrong:thing\n"
				     "!locked!\n";
	_cleanup_free_ char *d = digest("/etc/shadow", shadow);
	_cleanup_free_ char *other = NULL, *short_one = NULL;
	struct redact_key other_key = key;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		for (size_t at = 0; at + 4 <= strlen(values[i]); at++)
			assert_null(memmem(d, strlen(d), values[i] + at, 4));
	/* It does not tell how long a value is, and nothing without the key. */
	short_one = digest("/etc/shadow", "root:x:1:0:1:7:::\nw\n!\n");
	assert_int_equal(strlen(d), strlen(short_one));
	other_key.bytes[31] ^= 1;
	assert_int_equal(redact_digest(&other_key, "/etc/shadow", shadow, strlen(shadow), &other),
			 0);
	assert_string_not_equal(d, other);
}

/* Equal passwords, and equal values of two fields, do not look equal. */
static void test_equal_values(void **state)
{
	_cleanup_free_ char *d = digest("/etc/gshadow", "a:same:same:same\nb:same:same:same\n");
	const char *hmacs[8];
	size_t count = 0;

	for (const char *p = d; *p; p += strcspn(p, "\n") + 1)
		hmacs[count++] = p + strcspn(p, "\n") - 64;
	assert_int_equal(count, 8);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(hmacs[i], hmacs[j], 64);
}

static void test_bounds(void **state)
{
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	_cleanup_free_ char *d = NULL;
	struct record_field *fields;
	size_t count;

	for (unsigned i = 0; i < 3000; i++)
		assert_int_equal(strbuf_addf(&b, "u%u:*:1:0:9:7:::\n", i), 0);
	d = digest("/etc/shadow", b.text);
	assert_int_equal(redact_compare("/etc/shadow", NULL, d, &fields, &count), 0);
	assert_int_equal(count, 1000);
	assert_string_equal(fields[999].account, "u999");
	free(fields);
}

static void test_no_digest(void **state)
{
	static const char *const bad[] = {
		"x",
		"x\n",
		"\n",
		"root password\n",
		"root password 0123\n",
		/* No end, no such field, no account. */
		"root password 0123456789012345678901234567890123456789012345678901234567890123",
		"root passwort 0123456789012345678901234567890123456789012345678901234567890123\n",
		"password 0123456789012345678901234567890123456789012345678901234567890123\n",
		("of_an_account_whose_name_is_longer_than_what_fits_into_a_record_ password "
		 "0123456789012345678901234567890123456789012345678901234567890123\n"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct record_field *fields = (void *)1;
		size_t count = 1;

		assert_int_equal(redact_compare("/x", bad[i], NULL, &fields, &count), -EBADMSG);
		assert_int_equal(redact_compare("/x", NULL, bad[i], &fields, &count), -EBADMSG);
		assert_ptr_equal(fields, (void *)1);
		assert_int_equal(count, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_binary_keys),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_lines_without_sense),
		cmocka_unit_test(test_no_value),
		cmocka_unit_test(test_equal_values),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_no_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
