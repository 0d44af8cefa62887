/*
 * The two halves of the test program certify: our server of org.varlink.certification for the
 * clients of others, and our client for their servers. Both print what is wrong.
 */
#ifndef TESTS_PEERS_CERTIFY_H
#define TESTS_PEERS_CERTIFY_H

#include <stdbool.h>

/*
 * Serves the interface in the file @interface at the address of its name below @root, until
 * SIGTERM. 0 or a negative errno.
 */
int certify_serve(const char *root, const char *interface);

/*
 * Calls a server: every step in order; or with @wrong each step by itself with a wrong argument,
 * which the server must refuse. With @on_loop the asynchronous client, else the blocking one. 0,
 * or a negative errno: -EBADMSG when the server answered something else than is published.
 */
int certify_call(const char *root, const char *address, bool wrong, bool on_loop);

#endif
