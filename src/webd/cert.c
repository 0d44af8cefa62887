/*
 * The server's certificate: reading it; see cert.h. Making one is in certmake.c.
 */
#include "webd/cert.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "base/fs.h"
#include "webd/certmake.h"

enum { RENEW_S = 30 * 24 * 3600 };

void cert_deinit(struct cert *c)
{
	for (unsigned i = 0; i < c->count; i++)
		gnutls_pcert_deinit(&c->chain[i]);
	if (c->key)
		gnutls_privkey_deinit(c->key);
	*c = (struct cert){};
}

static int take_chain(struct cert *c, const gnutls_datum_t *pem)
{
	unsigned count = CERT_CHAIN_MAX;

	if (gnutls_pcert_list_import_x509_raw(c->chain, &count, pem, GNUTLS_X509_FMT_PEM, 0) < 0)
		return -EINVAL;
	c->count = count;
	return count ? 0 : -EINVAL;
}

static int take_key(struct cert *c, const gnutls_datum_t *pem)
{
	if (gnutls_privkey_init(&c->key) < 0) {
		c->key = NULL;
		return -ENOMEM;
	}
	return gnutls_privkey_import_x509_raw(c->key, pem, GNUTLS_X509_FMT_PEM, NULL, 0) < 0
		       ? -EINVAL
		       : 0;
}

/* The first certificate has to be the key's. */
static int check_pair(const struct cert *c)
{
	unsigned char of_cert[64], of_key[64];
	size_t cert_len = sizeof(of_cert), key_len = sizeof(of_key);
	gnutls_pubkey_t public;
	int r;

	if (gnutls_pubkey_get_key_id(c->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, of_cert,
				     &cert_len) < 0 ||
	    gnutls_pubkey_init(&public) < 0)
		return -EINVAL;
	r = gnutls_pubkey_import_privkey(public, c->key, 0, 0);
	if (r >= 0)
		r = gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, of_key, &key_len);
	gnutls_pubkey_deinit(public);
	return r < 0 || key_len != cert_len || memcmp(of_cert, of_key, key_len) ? -EINVAL : 0;
}

static int parse(const char *chain, size_t chain_len, const char *key, size_t key_len,
		 struct cert *ret_cert)
{
	const gnutls_datum_t chain_pem = {(unsigned char *)chain, chain_len};
	const gnutls_datum_t key_pem = {(unsigned char *)key, key_len};
	struct cert c = {};
	int r = take_chain(&c, &chain_pem);

	if (r == 0)
		r = take_key(&c, &key_pem);
	if (r == 0)
		r = check_pair(&c);
	if (r < 0)
		cert_deinit(&c);
	else
		*ret_cert = c;
	return r;
}

static void wipe(char *text, size_t len)
{
	if (text)
		explicit_bzero(text, len);
}

static int load_given(int root_fd, struct cert *ret_cert, const char **ret_problem)
{
	_cleanup_free_ char *chain = NULL, *key = NULL;
	size_t chain_len, key_len;
	int r;

	*ret_problem = CERT_PATH;
	r = fs_read(root_fd, CERT_PATH, CERT_FILE_MAX, &chain, &chain_len);
	if (r < 0)
		return r;
	*ret_problem = CERT_KEY_PATH;
	r = fs_read(root_fd, CERT_KEY_PATH, CERT_FILE_MAX, &key, &key_len);
	if (r < 0)
		return r;
	r = parse(chain, chain_len, key, key_len, ret_cert);
	wipe(key, key_len);
	return r;
}

static int is_current(const struct cert *c, const char *host, int64_t now_s)
{
	gnutls_x509_crt_t crt;
	int fits;

	if (gnutls_pcert_export_x509((gnutls_pcert_st *)&c->chain[0], &crt) < 0)
		return 0;
	fits = gnutls_x509_crt_get_expiration_time(crt) >= now_s + RENEW_S &&
	       gnutls_x509_crt_get_activation_time(crt) <= now_s &&
	       gnutls_x509_crt_check_hostname(crt, host);
	gnutls_x509_crt_deinit(crt);
	return fits;
}

static int read_own(int root_fd, struct cert *ret_cert)
{
	_cleanup_free_ char *pem = NULL;
	size_t len;
	int r = fs_read(root_fd, CERT_OWN_PATH, CERT_FILE_MAX, &pem, &len);

	if (r < 0)
		return r;
	r = parse(pem, len, pem, len, ret_cert);
	wipe(pem, len);
	return r;
}

static int make_own(int root_fd, const char *host, int64_t now_s)
{
	char *pem;
	size_t len;
	int r = certmake(host, now_s, &pem, &len);

	if (r < 0)
		return r;
	r = fs_replace(root_fd, CERT_OWN_PATH, pem, len, 0600);
	wipe(pem, len);
	free(pem);
	return r;
}

static int load_own(int root_fd, int64_t now_s, struct cert *ret_cert, const char **ret_problem)
{
	char host[256] = "localhost";
	struct cert c = {};
	int r;

	*ret_problem = CERT_OWN_PATH;
	gethostname(host, sizeof(host) - 1);
	r = read_own(root_fd, &c);
	if (r == 0 && is_current(&c, host, now_s)) {
		*ret_cert = c;
		return 0;
	}
	cert_deinit(&c);
	r = make_own(root_fd, host, now_s);
	return r < 0 ? r : read_own(root_fd, ret_cert);
}

/* Half of a pair is a mistake that is told, not a reason to show another one. */
int cert_load(int root_fd, int64_t now_s, struct cert *ret_cert, const char **ret_problem)
{
	int given = fs_exists(root_fd, CERT_PATH), key = fs_exists(root_fd, CERT_KEY_PATH);

	if (given > 0 || key > 0)
		return load_given(root_fd, ret_cert, ret_problem);
	return load_own(root_fd, now_s, ret_cert, ret_problem);
}
