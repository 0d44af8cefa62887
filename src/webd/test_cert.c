/*
 * Tests of the certificate: made, kept, made again; and the administrator's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/testroot.h"
#include "webd/cert.h"
#include "webd/certmake.h"

#define DAY INT64_C(86400)
#define NOW (20000 * DAY)

static const struct testroot *root;

static int setup(void **state)
{
	root = *state;
	testroot_clear(root);
	return fs_mkdir(root->fd, CERT_OWN_DIR, 0700);
}

static int load(int64_t now_s, struct cert *ret_cert)
{
	const char *problem = NULL;
	int r = cert_load(root->fd, now_s, ret_cert, &problem);

	assert_true(r == 0 || problem);
	return r;
}

static char *own(void)
{
	char *text = NULL;

	assert_int_equal(fs_read(root->fd, CERT_OWN_PATH, CERT_FILE_MAX, &text, NULL), 0);
	return text;
}

static void test_made(void **state)
{
	static const uint8_t loopback[] = {127, 0, 0, 1};
	gnutls_x509_crt_t crt;
	struct cert c;
	struct stat st;
	char host[256] = "";

	assert_int_equal(load(NOW, &c), 0);
	assert_int_equal(c.count, 1);
	assert_int_equal(fstatat(root->fd, &CERT_OWN_PATH[1], &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(gnutls_pcert_export_x509(&c.chain[0], &crt), 0);
	gethostname(host, sizeof(host) - 1);
	assert_true(gnutls_x509_crt_check_hostname(crt, host));
	assert_true(gnutls_x509_crt_check_hostname(crt, "localhost"));
	assert_false(gnutls_x509_crt_check_hostname(crt, "elsewhere.example"));
	assert_true(gnutls_x509_crt_check_ip(crt, loopback, sizeof(loopback), 0));
	assert_int_equal(gnutls_x509_crt_get_expiration_time(crt), NOW + 397 * DAY);
	assert_int_equal(gnutls_x509_crt_get_pk_algorithm(crt, NULL), GNUTLS_PK_EC);
	gnutls_x509_crt_deinit(crt);
	cert_deinit(&c);
}

static void load_and_drop(int64_t now_s)
{
	struct cert c;

	assert_int_equal(load(now_s, &c), 0);
	cert_deinit(&c);
}

static void test_kept_and_renewed(void **state)
{
	_cleanup_free_ char *first = NULL, *kept = NULL, *renewed = NULL, *fresh = NULL;

	load_and_drop(NOW);
	first = own();
	load_and_drop(NOW + 366 * DAY);
	kept = own();
	assert_string_equal(kept, first);
	load_and_drop(NOW + 368 * DAY);
	renewed = own();
	assert_string_not_equal(renewed, first);
	/* A clock that was wrong once. */
	load_and_drop(NOW);
	fresh = own();
	assert_string_not_equal(fresh, renewed);
}

static void test_damaged(void **state)
{
	_cleanup_free_ char *first = NULL, *again = NULL;

	testroot_write(root, &CERT_OWN_PATH[1], "-----BEGIN PRIVATE KEY-----\nnothing\n");
	load_and_drop(NOW);
	first = own();
	first[strlen(first) / 2] = '\0';
	testroot_write(root, &CERT_OWN_PATH[1], first);
	load_and_drop(NOW);
	again = own();
	assert_true(strlen(again) > strlen(first));
}

static void write_pair(const char *cert, const char *key)
{
	if (cert)
		testroot_write(root, &CERT_PATH[1], cert);
	if (key)
		testroot_write(root, &CERT_KEY_PATH[1], key);
}

static char *make(const char *host)
{
	char *pem, *text;
	size_t len;

	assert_int_equal(certmake(host, NOW, &pem, &len), 0);
	text = strndup(pem, len);
	free(pem);
	return text;
}

static void test_given(void **state)
{
	_cleanup_free_ char *a = make("a.example"), *b = make("b.example");
	gnutls_x509_crt_t crt;
	struct cert c = {};

	write_pair(a, NULL);
	assert_int_equal(load(NOW, &c), -ENOENT);
	write_pair(NULL, b);
	assert_int_equal(load(NOW, &c), -EINVAL);
	write_pair(NULL, "nonsense");
	assert_int_equal(load(NOW, &c), -EINVAL);
	write_pair(a, a);
	assert_int_equal(load(NOW, &c), 0);
	assert_int_equal(gnutls_pcert_export_x509(&c.chain[0], &crt), 0);
	assert_true(gnutls_x509_crt_check_hostname(crt, "a.example"));
	gnutls_x509_crt_deinit(crt);
	cert_deinit(&c);
	assert_int_equal(fs_exists(root->fd, CERT_OWN_PATH), 0);
}

static void test_no_folder(void **state)
{
	struct cert c;

	testroot_clear(root);
	assert_true(load(NOW, &c) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_made, setup),
		cmocka_unit_test_setup(test_kept_and_renewed, setup),
		cmocka_unit_test_setup(test_damaged, setup),
		cmocka_unit_test_setup(test_given, setup),
		cmocka_unit_test_setup(test_no_folder, setup),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
