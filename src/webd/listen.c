/*
 * The socket on which the network is listened to. It is opened while there may still be the right
 * to do so; what is served on it comes later.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/log.h"
#include "base/str.h"
#include "webd/webd.h"

enum { BACKLOG = 512 };

static int parse_address(const struct settings *s, struct sockaddr_storage *ret_sa,
			 socklen_t *ret_len)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(s->port)};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(s->port)};

	if (str_equal(s->address, "*") || inet_pton(AF_INET6, s->address, &in6.sin6_addr) == 1) {
		memcpy(ret_sa, &in6, sizeof(in6));
		*ret_len = sizeof(in6);
	} else if (inet_pton(AF_INET, s->address, &in.sin_addr) == 1) {
		memcpy(ret_sa, &in, sizeof(in));
		*ret_len = sizeof(in);
	} else {
		return -EINVAL;
	}
	return 0;
}

static int bind_to(const struct sockaddr_storage *sa, socklen_t len, bool both, int *ret_fd)
{
	static const int on = 1;
	const int v6_only = !both;
	_cleanup_close_ int fd =
		socket(sa->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (sa->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only));
	if (bind(fd, (const struct sockaddr *)sa, len) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

/* All addresses of a machine without IPv6 are those of IPv4. */
int http_listen(struct webd *w)
{
	const struct settings *s = webd_settings(w);
	bool all = str_equal(s->address, "*");
	struct sockaddr_storage sa = {};
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(s->port)};
	socklen_t len = 0;
	int r = parse_address(s, &sa, &len);

	if (r == 0)
		r = bind_to(&sa, len, all, &w->listen_fd);
	if (r == -EAFNOSUPPORT && all) {
		memcpy(&sa, &any, sizeof(any));
		r = bind_to(&sa, sizeof(any), false, &w->listen_fd);
	}
	if (r < 0)
		log_error_errno(r, "cannot listen on %s, port %llu", s->address,
				(unsigned long long)s->port);
	return r;
}
