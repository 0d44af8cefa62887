/*
 * For tests of leonhard-webd: a machine in a folder, a service, a half that logs in as the test
 * says, the daemon, and clients that speak TLS and send what they like. What fails here fails the
 * test.
 *
 * $WEBD_DAEMON, $WEBD_BRIDGE and $WEBD_SERVICE are the programs.
 */
#ifndef WEBD_TESTWEBD_H
#define WEBD_TESTWEBD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/testroot.h"

enum { PATIENCE_MS = 20000 };

extern const struct testroot *root;
extern unsigned testwebd_port;

/* For cmocka: the group's, and a test with all of it running. */
int testwebd_group(void **state);
int testwebd_group_end(void **state);
int testwebd_setup(void **state);
int testwebd_teardown(void **state);

/* The daemon with these settings besides its address. Stopping it must succeed. */
void testwebd_start(const char *settings);
void testwebd_stop(void);
void testwebd_signal(int number);
long testwebd_rss_kib(void);
/* The service, which setup has started. */
void testwebd_stop_service(void);
/* The bridge of the latest login. */
pid_t testwebd_bridge(void);

void pause_ms(unsigned ms);

/* ---- connections ---- */

/* A TCP connection; and one with TLS over it, NULL when the handshake fails. */
int tcp_open(void);
struct tls;
struct tls *tls_open(void);
void tls_close(struct tls *t);
/* Whether all could be sent. */
bool tls_send(struct tls *t, const char *text, size_t len);
/* What comes until the server closes, or @stop is in it, or nothing comes for PATIENCE_MS: the
 * caller's. */
char *tls_read(struct tls *t, const char *stop);

/* ---- requests, each on a connection of its own ---- */

/* A whole request as it is; the whole response, the caller's, "" for none. */
char *ask_raw(const char *text);
/* "GET /path" with further header lines, each with its line end. */
char *ask_get(const char *path, const char *headers);
char *ask_post(const char *path, const char *headers, const char *body);
int status_of(const char *response);
/* The value of a header, or of a text in a JSON body; the caller's. */
char *header_of(const char *response, const char *name);
char *text_of(const char *response, const char *name);

/* Expects that status, and frees the response. */
void expect_status(char *response, int status);

/* ---- people ---- */

struct person {
	char cookie[160], csrf[160]; /* header lines */
	char both[320], json[400]; /* cookie and token; and the content type */
};

void log_in(const char *user, struct person *ret_person);
/* A call that must succeed with that text in its answer. */
void expect_call(const struct person *p, const char *body, const char *part);

#endif
