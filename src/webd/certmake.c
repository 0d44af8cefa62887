/*
 * A self-signed certificate; see certmake.h.
 */
#include "webd/certmake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <ifaddrs.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"

enum { BEFORE_S = 3600, VALID_S = 397 * 24 * 3600, SERIAL_BYTES = 16, ADDRESSES_MAX = 32 };

static int add_name(gnutls_x509_crt_t crt, gnutls_x509_subject_alt_name_t type, const void *name,
		    size_t len)
{
	return gnutls_x509_crt_set_subject_alt_name(crt, type, name, len, GNUTLS_FSAN_APPEND);
}

/* Link-local addresses change with the interface's name, and nobody types them. */
static int add_address(gnutls_x509_crt_t crt, const struct sockaddr *sa)
{
	if (sa && sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		return add_name(crt, GNUTLS_SAN_IPADDRESS, &in->sin_addr, 4);
	}
	if (sa && sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)sa;

		if (!IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr))
			return add_name(crt, GNUTLS_SAN_IPADDRESS, &in->sin6_addr, 16);
	}
	return 0;
}

/* Those of loopback are among them. */
static int add_addresses(gnutls_x509_crt_t crt)
{
	struct ifaddrs *all, *one;
	int r = 0, count = 0;

	if (getifaddrs(&all) < 0)
		return 0;
	for (one = all; one && r >= 0 && count < ADDRESSES_MAX; one = one->ifa_next, count++)
		r = add_address(crt, one->ifa_addr);
	freeifaddrs(all);
	return r;
}

static int set_names(gnutls_x509_crt_t crt, const char *host)
{
	static const char local[] = "localhost";
	int r = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, host,
					      strnlen(host, 64));

	if (r >= 0)
		r = add_name(crt, GNUTLS_SAN_DNSNAME, host, strlen(host));
	if (r >= 0 && !str_equal(host, local))
		r = add_name(crt, GNUTLS_SAN_DNSNAME, local, strlen(local));
	if (r >= 0)
		r = add_addresses(crt);
	return r;
}

static int set_purpose(gnutls_x509_crt_t crt)
{
	int r = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);

	if (r >= 0)
		r = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (r >= 0)
		r = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
	return r;
}

static int set_serial(gnutls_x509_crt_t crt)
{
	unsigned char serial[SERIAL_BYTES];
	int r = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));

	/* Positive, and of full length. */
	serial[0] = (serial[0] & 0x7f) | 0x40;
	return r < 0 ? r : gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
}

static int fill(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const char *host, int64_t now_s)
{
	int r = gnutls_x509_crt_set_version(crt, 3);

	if (r >= 0)
		r = set_serial(crt);
	if (r >= 0)
		r = gnutls_x509_crt_set_activation_time(crt, now_s - BEFORE_S);
	if (r >= 0)
		r = gnutls_x509_crt_set_expiration_time(crt, now_s + VALID_S);
	if (r >= 0)
		r = gnutls_x509_crt_set_key(crt, key);
	if (r >= 0)
		r = set_names(crt, host);
	if (r >= 0)
		r = set_purpose(crt);
	if (r >= 0)
		r = gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
	return r;
}

static int write_pem(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, char **ret_pem,
		     size_t *ret_len)
{
	gnutls_datum_t key_pem = {}, crt_pem = {};
	char *pem = NULL;
	int r = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
						  &key_pem);

	if (r >= 0)
		r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &crt_pem);
	if (r >= 0 && (pem = malloc(key_pem.size + crt_pem.size))) {
		memcpy(pem, key_pem.data, key_pem.size);
		memcpy(pem + key_pem.size, crt_pem.data, crt_pem.size);
		*ret_pem = pem;
		*ret_len = key_pem.size + crt_pem.size;
	}
	if (key_pem.data)
		explicit_bzero(key_pem.data, key_pem.size);
	gnutls_free(key_pem.data);
	gnutls_free(crt_pem.data);
	return pem ? 0 : -EIO;
}

static int make_with(gnutls_x509_privkey_t key, const char *host, int64_t now_s, char **ret_pem,
		     size_t *ret_len)
{
	gnutls_x509_crt_t crt;
	int r = gnutls_x509_privkey_generate(key, GNUTLS_PK_EC,
					     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);

	if (r < 0 || gnutls_x509_crt_init(&crt) < 0)
		return -EIO;
	r = fill(crt, key, host, now_s);
	if (r >= 0)
		r = write_pem(crt, key, ret_pem, ret_len);
	gnutls_x509_crt_deinit(crt);
	return r < 0 ? -EIO : 0;
}

int certmake(const char *host, int64_t now_s, char **ret_pem, size_t *ret_len)
{
	gnutls_x509_privkey_t key;
	int r;

	if (gnutls_x509_privkey_init(&key) < 0)
		return -EIO;
	r = make_with(key, host, now_s, ret_pem, ret_len);
	gnutls_x509_privkey_deinit(key);
	return r;
}
