/*
 * What webd asks its privileged half: one record over a SOCK_SEQPACKET socket, answered by one
 * record. A good login brings a descriptor with it: the end of a socket whose other end is the
 * bridge of that user (frames.h). Nothing else is ever said on the connection.
 */
#ifndef WEBD_LOGINPROTO_H
#define WEBD_LOGINPROTO_H

#include <stdint.h>

#define LOGIN_SOCKET_DIR "/run/leonhard"
#define LOGIN_SOCKET_NAME "webd-login"
#define LOGIN_SOCKET_PATH LOGIN_SOCKET_DIR "/" LOGIN_SOCKET_NAME

#define LOGIN_MAGIC UINT32_C(0x4c574c32)

enum { LOGIN_USER_MAX = 64, LOGIN_PASSWORD_MAX = 512, LOGIN_ADDRESS_MAX = 48 };

/* Texts end with a NUL byte; what stands behind it is zero. */
struct login_request {
	uint32_t magic;
	char user[LOGIN_USER_MAX];
	char password[LOGIN_PASSWORD_MAX];
	char address[LOGIN_ADDRESS_MAX]; /* of the person, for the log and the limits */
};

enum login_result {
	LOGIN_GRANTED,
	LOGIN_DENIED, /* wrong, unknown, locked, root: nobody is told which */
	LOGIN_EXPIRED, /* the password was right and must be changed first */
	LOGIN_LATER, /* too many attempts: not looked at */
	LOGIN_FAILED, /* something did not work here */
	LOGIN_RESULTS,
};

struct login_reply {
	uint32_t magic;
	uint32_t result; /* enum login_result */
	uint32_t retry_after_s; /* of LOGIN_LATER */
	char user[LOGIN_USER_MAX]; /* granted: the account's own name */
};

_Static_assert(sizeof(struct login_request) == 4 + 64 + 512 + 48, "both halves share its form");
_Static_assert(sizeof(struct login_reply) == 12 + 64, "both halves share its form");

#endif
