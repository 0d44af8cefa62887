/*
 * What is secret; see redact.h. How it is told what changed in it: redactdigest.c.
 *
 * Paths are matched by a table. Content is looked at for what secrets look like: keys in PEM, DER
 * and other well-known forms, and passwords as crypt(5) writes them.
 */
#include "filetrace/redact.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "base/def.h"

/* The first that matches. A * matches slashes too. */
static const struct {
	const char *pattern;
	enum redact_kind kind;
} paths[] = {
	/* With what passwd(1), vipw(8), PAM and dpkg's backups make of them. */
	{"*/shadow", REDACT_ACCOUNTS},
	{"*/shadow[-+~]", REDACT_ACCOUNTS},
	{"*/gshadow", REDACT_ACCOUNTS},
	{"*/gshadow[-+~]", REDACT_ACCOUNTS},
	{"/etc/nshadow", REDACT_ACCOUNTS},
	{"/etc/shadow.*", REDACT_ACCOUNTS},
	{"/etc/gshadow.*", REDACT_ACCOUNTS},
	{"/var/backups/shadow.*", REDACT_ACCOUNTS},
	{"/var/backups/gshadow.*", REDACT_ACCOUNTS},
	/* What editors keep beside: not by line. */
	{"*/.shadow*", REDACT_WHOLE},
	{"*/.gshadow*", REDACT_WHOLE},
	{"/etc/security/opasswd*", REDACT_WHOLE},
	{"/etc/security/nopasswd", REDACT_WHOLE},

	{"*/ssh_host_*_key", REDACT_WHOLE},
	{"*/ssh_host_*_key[-+~]", REDACT_WHOLE},
	{"*/ssh_host_*_key.dpkg-*", REDACT_WHOLE},
	{"*/.ssh_host_*", REDACT_WHOLE},
	{"/etc/ssl/private/*", REDACT_WHOLE},
	{"/etc/pki/tls/private/*", REDACT_WHOLE},
	{"/etc/ipsec.d/private/*", REDACT_WHOLE},
	{"/etc/swanctl/private/*", REDACT_WHOLE},
	{"/etc/wireguard/*", REDACT_WHOLE},
	{"*/privkey*.pem", REDACT_WHOLE},
	{"*.keytab", REDACT_WHOLE},
	{"/etc/krb5.keytab*", REDACT_WHOLE},
	{"*/.k5.*", REDACT_WHOLE},

	{"*/NetworkManager/system-connections/*", REDACT_WHOLE},
	{"/etc/sssd/*", REDACT_WHOLE},
	{"/var/lib/sss/secrets/*", REDACT_WHOLE},
	{"/etc/wpa_supplicant/*.conf", REDACT_WHOLE},
	{"/etc/wpa_supplicant.conf", REDACT_WHOLE},
	{"/var/lib/iwd/*", REDACT_WHOLE},
	{"/etc/ppp/*-secrets", REDACT_WHOLE},
	{"/etc/ipsec.secrets", REDACT_WHOLE},
	{"/etc/credstore/*", REDACT_WHOLE},
	{"/etc/credstore.encrypted/*", REDACT_WHOLE},
	{"/etc/cryptsetup-keys.d/*", REDACT_WHOLE},
	{"/etc/postfix/sasl_passwd*", REDACT_WHOLE},
	{"/etc/exim4/passwd.client", REDACT_WHOLE},
	{"/etc/mysql/debian.cnf", REDACT_WHOLE},
	{"/etc/libnss-ldap.secret", REDACT_WHOLE},
	{"/etc/pam_ldap.secret", REDACT_WHOLE},
	{"*/.netrc", REDACT_WHOLE},
	{"*/.pgpass", REDACT_WHOLE},
};

static enum redact_kind kind_by_path(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (fnmatch(paths[i].pattern, path, 0) == 0)
			return paths[i].kind;
	return REDACT_NONE;
}

/* The bytes of a text that is not NUL-terminated. */
struct bytes {
	const char *at;
	size_t len;
};

static const char *find(struct bytes in, const char *word)
{
	return memmem(in.at, in.len, word, strlen(word));
}

static struct bytes behind(struct bytes in, const char *at)
{
	return (struct bytes){at, in.at + in.len - at};
}

/* "-----BEGIN … PRIVATE KEY", of PEM, OpenSSH and OpenPGP, also within other text. */
static bool has_pem_key(struct bytes in)
{
	static const char begin[] = "-----BEGIN ";
	enum { LABEL_MAX = 64 };

	for (const char *p; (p = find(in, begin)); in = behind(in, p + 1)) {
		struct bytes label = behind(in, p + strlen(begin));

		label.len = label.len < LABEL_MAX ? label.len : LABEL_MAX;
		if (find(label, "PRIVATE KEY"))
			return true;
	}
	return false;
}

/* "PrivateKey = …" and the like, at the beginning of a line: WireGuard's, and networkd's. */
static bool has_key_setting(struct bytes in)
{
	static const char *const names[] = {"PrivateKey", "PresharedKey"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct bytes rest = in;

		for (const char *p; (p = find(rest, names[i])); rest = behind(rest, p + 1)) {
			const char *line = p, *end = in.at + in.len, *q = p + strlen(names[i]);

			while (line > in.at && (line[-1] == ' ' || line[-1] == '\t'))
				line--;
			while (q < end && (*q == ' ' || *q == '\t'))
				q++;
			if ((line == in.at || line[-1] == '\n') && q < end && *q == '=')
				return true;
		}
	}
	return false;
}

static bool has_known_key(struct bytes in)
{
	static const char *const words[] = {"PuTTY-User-Key-File-", "AGE-SECRET-KEY-1"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (find(in, words[i]))
			return true;
	return false;
}

/* A keytab begins with its version, 5.1 or 5.2, and the length of its first entry. */
static bool is_keytab(struct bytes in)
{
	const unsigned char *p = (const unsigned char *)in.at;
	uint32_t len;

	if (in.len < 6 || p[0] != 5 || (p[1] != 1 && p[1] != 2))
		return false;
	len = (uint32_t)p[2] << 24 | p[3] << 16 | p[4] << 8 | p[5];
	if (p[1] == 1)
		len = __builtin_bswap32(len);
	return len <= in.len - 6;
}

/*
 * A private key in DER is a sequence that begins with a small number, its version: PKCS #1 and #8
 * have 0, elliptic curves 1, PKCS #12 has 3. Certificates and public keys begin otherwise.
 */
static bool is_der_key(struct bytes in)
{
	const unsigned char *p = (const unsigned char *)in.at;
	size_t head = 2, len = 0, count;

	if (in.len < 8 || p[0] != 0x30)
		return false;
	if (p[1] < 0x80) {
		len = p[1];
	} else {
		count = p[1] & 0x7f;
		if (count < 1 || count > 3)
			return false;
		for (size_t i = 0; i < count; i++)
			len = len << 8 | p[2 + i];
		head += count;
	}
	return len == in.len - head && len >= 3 && p[head] == 2 && p[head + 1] == 1 &&
	       (p[head + 2] <= 1 || p[head + 2] == 3);
}

/* Letters of what crypt(5) writes. */
static bool is_crypt_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("./+=,-", c));
}

static size_t crypt_letters(struct bytes in)
{
	size_t n = 0;

	while (n < in.len && is_crypt_letter(in.at[n]))
		n++;
	return n;
}

/* "$6$SALT$HASH", with parameters between or not: a method, and at last something long. */
static bool is_crypt(struct bytes in)
{
	static const char *const methods[] = {
		"1",
		"2",
		"2a",
		"2b",
		"2x",
		"2y",
		"3",
		"5",
		"6",
		"7",
		"y",
		"gy",
		"sm3",
		"sm3y",
		"md5",
		"sha1",
		"apr1",
		"argon2i",
		"argon2d",
		"argon2id",
		"scrypt",
		"pbkdf2-sha256",
		"pbkdf2-sha512",
	};
	enum { HASH_MIN = 20, PARTS_MAX = 5 };
	size_t n = crypt_letters((struct bytes){in.at + 1, in.len - 1});
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		known |= n == strlen(methods[i]) && !memcmp(in.at + 1, methods[i], n);
	for (size_t i = 0; known && i < PARTS_MAX; i++) {
		in = behind(in, in.at + 1 + n);
		if (!in.len || *in.at != '$')
			return false;
		n = crypt_letters((struct bytes){in.at + 1, in.len - 1});
		if (n >= HASH_MIN)
			return true;
	}
	return false;
}

static bool has_crypt(struct bytes in)
{
	const char *p;

	for (; in.len && (p = memchr(in.at, '$', in.len)); in = behind(in, p + 1))
		if (is_crypt(behind(in, p)))
			return true;
	return false;
}

static size_t count_colons(const char *line, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += line[i] == ':';
	return count;
}

/* Whether each line has the fields of shadow(5), or each those of gshadow(5). */
static bool is_by_account(struct bytes in)
{
	const char *p = in.at, *end = p + in.len;
	size_t colons = 0;

	while (p < end) {
		const char *newline = memchr(p, '\n', end - p), *line_end = newline ? newline : end;
		size_t n = count_colons(p, line_end - p);

		if (line_end > p && ((n != 8 && n != 3) || (colons && n != colons)))
			return false;
		colons = line_end > p ? n : colons;
		p = newline ? newline + 1 : end;
	}
	return colons;
}

static enum redact_kind kind_by_content(struct bytes in)
{
	static bool (*const keys[])(struct bytes in) = {
		has_pem_key, has_key_setting, has_known_key, is_keytab, is_der_key,
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i](in))
			return REDACT_WHOLE;
	if (!has_crypt(in))
		return REDACT_NONE;
	return is_by_account(in) ? REDACT_ACCOUNTS : REDACT_WHOLE;
}

enum redact_kind redact_kind(const char *path, const char *content, size_t len)
{
	enum redact_kind kind = kind_by_path(path);

	if (kind != REDACT_NONE || !content || !len)
		return kind;
	return kind_by_content((struct bytes){content, len});
}
