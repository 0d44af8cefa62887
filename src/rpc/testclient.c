/*
 * A client of daemons under test; see testclient.h.
 */
#include "rpc/testclient.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/io.h"

/* More than a message may have. */
enum { REPLY_BYTES = 2 * 1024 * 1024 };

struct client {
	int fd;
	const char *interface;
	size_t len;
	char bytes[REPLY_BYTES];
};

void pause_ms(unsigned ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static int try_connect(const struct testroot *root, const char *interface)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/run/leonhard/%s", root->path, interface);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

struct client *client_connect(const struct testroot *root, const char *interface)
{
	struct client *c = malloc(sizeof(*c));

	assert_non_null(c);
	c->interface = interface;
	c->len = 0;
	for (int ms = 0; ms < PATIENCE_MS; ms += 10) {
		c->fd = try_connect(root, interface);
		if (c->fd >= 0)
			return c;
		pause_ms(10);
	}
	fail_msg("the daemon does not listen");
	return NULL;
}

struct client *client_connect_somebody(const struct testroot *root, const char *interface)
{
	return client_connect_as(root, interface, SOMEBODY);
}

struct client *client_connect_as(const struct testroot *root, const char *interface, uid_t uid)
{
	bool is_root = geteuid() == 0;
	struct client *c;

	assert_true(!is_root || seteuid(uid) == 0);
	c = client_connect(root, interface);
	assert_true(!is_root || seteuid(0) == 0);
	return c;
}

void client_free_p(struct client **c)
{
	if (!*c)
		return;
	close((*c)->fd);
	free(*c);
}

void client_send(struct client *c, const char *method, json_t *parameters, bool more)
{
	_cleanup_json_ json_t *call = json_pack("{s:s++, s:o*, s:b}", "method", c->interface, ".",
						method, "parameters", parameters, "more", more);
	_cleanup_free_ char *text = json_dumps(call, 0);

	assert_non_null(text);
	assert_int_equal(io_write_all(c->fd, text, strlen(text) + 1), 0);
}

json_t *client_receive(struct client *c, int ms)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	char *end;
	json_t *reply;
	ssize_t n;

	while (!(end = memchr(c->bytes, '\0', c->len))) {
		assert_true(c->len < REPLY_BYTES);
		if (poll(&p, 1, ms) == 0)
			return NULL;
		n = read(c->fd, c->bytes + c->len, REPLY_BYTES - c->len);
		assert_true(n > 0);
		c->len += n;
	}
	reply = json_loads(c->bytes, 0, NULL);
	assert_non_null(reply);
	c->len -= end + 1 - c->bytes;
	memmove(c->bytes, end + 1, c->len);
	return reply;
}

json_t *client_call(struct client *c, const char *method, json_t *parameters, bool more)
{
	json_t *reply;

	client_send(c, method, parameters, more);
	reply = client_receive(c, PATIENCE_MS);
	assert_non_null(reply);
	return reply;
}

json_t *reply_member(const json_t *reply, const char *name)
{
	json_t *j = json_object_get(json_object_get(reply, "parameters"), name);

	if (!j)
		fail_msg("a reply without %s", name);
	return j;
}

void assert_error(const json_t *reply, const char *name, const char *text)
{
	const char *error = json_string_value(json_object_get(reply, "error")), *key;
	json_t *value;

	assert_non_null(error);
	assert_string_equal(error, name);
	if (!text)
		return;
	json_object_foreach(json_object_get(reply, "parameters"), key, value)
	{
		if (json_is_string(value) && strstr(json_string_value(value), text))
			return;
	}
	fail_msg("%s does not say \"%s\"", name, text);
}
