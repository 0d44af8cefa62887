/*
 * The world of webd's tests: its clients; see testwebd.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "webd/testwebd.h"

struct tls {
	int fd;
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
};

int tcp_open(void)
{
	const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	struct sockaddr_in sa = {.sin_family = AF_INET,
				 .sin_port = htons(testwebd_port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	return take_fd(&fd);
}

void tls_close(struct tls *t)
{
	if (!t)
		return;
	gnutls_deinit(t->session);
	gnutls_certificate_free_credentials(t->credentials);
	close(t->fd);
	free(t);
}

/* The certificate is nobody's that could be checked: tests of it are test_cert.c. */
struct tls *tls_open(void)
{
	struct tls *t = calloc(1, sizeof(*t));
	int r;

	assert_non_null(t);
	t->fd = tcp_open();
	assert_int_equal(gnutls_init(&t->session, GNUTLS_CLIENT), 0);
	assert_int_equal(gnutls_certificate_allocate_credentials(&t->credentials), 0);
	gnutls_set_default_priority(t->session);
	gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, t->credentials);
	gnutls_transport_set_int(t->session, t->fd);
	do
		r = t->fd < 0 ? GNUTLS_E_PUSH_ERROR : gnutls_handshake(t->session);
	while (r < 0 && !gnutls_error_is_fatal(r) && r != GNUTLS_E_AGAIN);
	if (r == 0)
		return t;
	tls_close(t);
	return NULL;
}

bool tls_send(struct tls *t, const char *text, size_t len)
{
	while (len) {
		ssize_t n = gnutls_record_send(t->session, text, len);

		if (n == GNUTLS_E_INTERRUPTED)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

char *tls_read(struct tls *t, const char *stop)
{
	struct strbuf all = {};
	char buf[16384], *text;

	for (;;) {
		ssize_t n = gnutls_record_recv(t->session, buf, sizeof(buf));

		if (n == GNUTLS_E_INTERRUPTED || n == GNUTLS_E_REHANDSHAKE)
			continue;
		if (n <= 0)
			break;
		assert_int_equal(strbuf_add(&all, buf, n), 0);
		if (stop && strstr(all.text, stop))
			break;
	}
	assert_int_equal(strbuf_steal(&all, &text), 0);
	return text;
}

char *ask_raw(const char *text)
{
	struct tls *t = tls_open();
	char *response;

	assert_non_null(t);
	/* A request that is refused early need not be taken as a whole. */
	tls_send(t, text, strlen(text));
	response = tls_read(t, NULL);
	tls_close(t);
	return response;
}

char *ask_get(const char *path, const char *headers)
{
	_cleanup_free_ char *text = NULL;

	assert_true(asprintf(&text, "GET %s HTTP/1.1\r\nHost: node\r\nConnection: close\r\n%s\r\n",
			     path, headers) > 0);
	return ask_raw(text);
}

char *ask_post(const char *path, const char *headers, const char *body)
{
	_cleanup_free_ char *text = NULL;

	assert_true(asprintf(&text,
			     "POST %s HTTP/1.1\r\nHost: node\r\nConnection: close\r\n"
			     "Content-Length: %zu\r\n%s\r\n%s",
			     path, strlen(body), headers, body) > 0);
	return ask_raw(text);
}

int status_of(const char *response)
{
	return str_starts(response, "HTTP/1.1 ") ? atoi(response + 9) : 0;
}

static char *cut(const char *at, const char *stops)
{
	char *text = at ? strndup(at, strcspn(at, stops)) : NULL;

	return text;
}

char *header_of(const char *response, const char *name)
{
	char line[128];
	const char *at;

	snprintf(line, sizeof(line), "\r\n%s: ", name);
	at = strstr(response, line);
	return cut(at ? at + strlen(line) : NULL, "\r");
}

char *text_of(const char *response, const char *name)
{
	char member[128];
	const char *at;

	snprintf(member, sizeof(member), "\"%s\":\"", name);
	at = strstr(response, member);
	return cut(at ? at + strlen(member) : NULL, "\"");
}

void expect_status(char *response, int status)
{
	if (status_of(response) != status)
		fail_msg("%d was expected and not: %s", status, response);
	free(response);
}

void log_in(const char *user, struct person *ret_person)
{
	_cleanup_free_ char *response = NULL, *cookie = NULL, *csrf = NULL;
	char body[128];

	snprintf(body, sizeof(body), "{\"user\":\"%s\",\"password\":\"right\"}", user);
	response = ask_post("/api/login", "Content-Type: application/json\r\n", body);
	if (status_of(response) != 200)
		fail_msg("no login: %s", response);
	cookie = header_of(response, "Set-Cookie");
	csrf = text_of(response, "csrf");
	assert_non_null(cookie);
	assert_non_null(csrf);
	assert_true(str_ends(cookie, "; Path=/; Secure; HttpOnly; SameSite=Strict"));
	*strchr(cookie, ';') = '\0';
	snprintf(ret_person->cookie, sizeof(ret_person->cookie), "Cookie: %s\r\n", cookie);
	snprintf(ret_person->csrf, sizeof(ret_person->csrf), "X-Leonhard-Csrf: %s\r\n", csrf);
	snprintf(ret_person->both, sizeof(ret_person->both), "%s%s", ret_person->cookie,
		 ret_person->csrf);
	snprintf(ret_person->json, sizeof(ret_person->json), "%sContent-Type: application/json\r\n",
		 ret_person->both);
}

void expect_call(const struct person *p, const char *body, const char *part)
{
	char *response = ask_post("/api/call", p->json, body);

	if (!strstr(response, part))
		fail_msg("no \"%s\" in: %s", part, response);
	expect_status(response, 200);
}
