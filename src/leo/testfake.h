/*
 * A scripted varlink service for tests, which can also do what no service of ours would.
 *
 * It shares no code with the real server and client. A script is lines:
 *
 *	socket NAME [MODE]	listens on /run/leonhard/NAME below the root
 *	dead NAME		a socket that nobody listens on
 *	full NAME		a socket with as many waiting as its queue holds
 *	file NAME		a regular file in its place
 *	on METHOD [with TEXT]	for each call of this method, or of "*", that has TEXT in it, what
 *				follows, behind tabs; the first rule that fits counts
 *	  reply JSON		the last or only reply
 *	  more JSON		one of several
 *	  error NAME [JSON]
 *	  echo			replies with the call as it was received
 *	  interface NAME	replies with the installed file of this interface
 *	  raw TEXT		bytes as they are; \xHH for any byte
 *	  flood BYTES		so many bytes of no meaning
 *	  endless JSON		replies without end
 *	  pause MS
 *	  hang			does nothing until the client has gone
 *	  close
 *
 * A method without a rule is answered with MethodNotFound.
 */
#ifndef LEO_TESTFAKE_H
#define LEO_TESTFAKE_H

#include <sys/types.h>

struct testfake {
	pid_t pid; /* and the process group of all that serve */
};

/* @root must have /run/leonhard. Each call is appended to the file @calls, a line each. */
void testfake_start(const char *script, const char *root, const char *calls,
		    struct testfake *ret_fake);
void testfake_stop(struct testfake *f);

#endif
