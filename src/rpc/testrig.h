/*
 * What the tests of the server stand on: the test service in a process of its own below a fresh
 * root, clients that write and read as they like, and other users.
 */
#ifndef RPC_TESTRIG_H
#define RPC_TESTRIG_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "rpc/frame.h"
#include "rpc/server.h"

enum {
	RIG_HANG_MS = 60 * 1000, /* nothing takes so long unless it hangs */
	RIG_USER = 12345, /* somebody; and the next numbers are others */
};

/* Texts of calls and errors. */
#define TEST "io.leonhard.Test."
#define CALL(name, parameters) "{\"method\":\"" TEST name "\",\"parameters\":" parameters "}"
#define STREAM(name, parameters) \
	"{\"method\":\"" TEST name "\",\"more\":true,\"parameters\":" parameters "}"
#define ERROR(name, parameters) "{\"error\":\"" name "\",\"parameters\":" parameters "}"

struct rig {
	char *root; /* owned */
	char *socket; /* owned */
	pid_t server;
	struct rpc_server_config limits; /* message_ms and what follows */
	unsigned descriptors; /* how many the server may have, 0: as many as the test */
};

/* The root alone, with everybody in class "control"; then the server. For setups of tests. */
void rig_init(struct rig *rig);
void rig_start(struct rig *rig);
/* One more: whether it got ready. @listen_fd, when not -1, is passed as by a service manager. */
bool rig_spawn(struct rig *rig, int listen_fd, pid_t *ret_pid);
int rig_setup(void **state); /* both, with the usual limits */
/* Stops the server, which must end in order, and removes the root. */
void rig_stop(struct rig *rig);
void rig_deinit(struct rig *rig);
int rig_teardown(void **state);

void rig_write(const struct rig *rig, const char *path, const char *text);
void rig_set_access(const struct rig *rig, const char *text);

/* Skips the test, saying so, where other users cannot be played: without root. */
void rig_need_users(void);
/* Runs @fn as @uid in a process; rig_wait() gives what it returned, after SIGKILL 128 + that. */
pid_t rig_fork_as(uid_t uid, int (*fn)(struct rig *rig, void *data), struct rig *rig, void *data);
int rig_wait(pid_t pid);

/* Milliseconds of a clock that only goes forward, and of the server's processor time. */
uint64_t rig_now_ms(void);
uint64_t rig_server_cpu_ms(const struct rig *rig);
/* A number of /proc/PID/status of the server, such as "VmRSS" in KiB. */
uint64_t rig_server_status(const struct rig *rig, const char *name);

/* ---- a client that is on its own ---- */

struct wire {
	int fd;
	struct frame in;
};

void wire_open(struct wire *w, const struct rig *rig);
void wire_close(struct wire *w);
/* Bytes as they are, and a text with its NUL byte. */
void wire_send(struct wire *w, const void *bytes, size_t len);
void wire_say(struct wire *w, const char *text);
/* The next message, the caller's; NULL when the server has closed. */
json_t *wire_read(struct wire *w);
/* Reads the next message: it must be @expected, or NULL for the end. Names of members in any order.
 */
void wire_expect(struct wire *w, const char *expected);
/* The same for an error, by its name alone. */
void wire_expect_error(struct wire *w, const char *name);
/* Whether nothing comes for so long. */
bool wire_is_silent(struct wire *w, int for_ms);

/* A member of the parameters of the reply to that call. */
json_int_t wire_ask_number(struct wire *w, const char *call, const char *name);

/* A whole call of Echo with its reply. */
void wire_echo(struct wire *w);

#endif
