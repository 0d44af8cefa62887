/*
 * What the files of leonhard-pwrapis share. This is the map.
 *
 * The daemon owns: the listening socket (listen.c), its sessions (session.c) and the users they
 * belong to (rpc/turns.h), the token (token.c), the link to the privileged half (link.c), the
 * access lists (who.c), what is measured all the time (beat.c, power.c, frequency.c) and kept
 * (recorder.c) or while somebody asks (counting.c, attributing.c), what the probe has opened for
 * that (probed.c), the controller of processors (sched/sched.h), and the varlink front (front.h).
 *
 * A session is a connection: who the kernel says it is, input (input.c), output, at most one call,
 * two leases, its tasks (task.c). While it has a call its next messages wait in its input and then
 * in the socket.
 *
 * A call is one request (call.c). It is judged, its handler is looked up in the table of operations
 * (ops.c), and ends with a code, now or later: sets (set.c) wait for the privileged half, a search
 * through all processes (query.c) for its next slice.
 *
 * A turn of the loop. libuv polls and calls back for each socket that is ready: bytes are read, and
 * nothing more. Then on_check() serves one message of each user who has one, does a slice of each
 * search, and writes what has come together on each session. Nothing runs while nothing waits.
 *
 * Sessions are freed when libuv has let go of their handles; whoever finds one closing leaves it.
 */
#ifndef PWRAPIS_PWRAPIS_H
#define PWRAPIS_PWRAPIS_H

#include <uv.h>

#include "base/daemon.h"
#include "base/log.h"
#include "base/namedsocket.h"
#include "core/list.h"
#include "pwrapis/attributing.h"
#include "pwrapis/call.h"
#include "pwrapis/counting.h"
#include "pwrapis/frequency.h"
#include "pwrapis/governors.h"
#include "pwrapis/input.h"
#include "pwrapis/lease.h"
#include "pwrapis/link.h"
#include "pwrapis/machine.h"
#include "pwrapis/machine/usage.h"
#include "pwrapis/power.h"
#include "pwrapis/powerlook.h"
#include "pwrapis/probed.h"
#include "pwrapis/recorder.h"
#include "pwrapis/rings.h"
#include "pwrapis/sched/sched.h"
#include "pwrapis/settings.h"
#include "pwrapis/token.h"
#include "pwrapis/who.h"
#include "rpc/accepting.h"
#include "rpc/access.h"
#include "rpc/deadline.h"
#include "rpc/output.h"
#include "rpc/turns.h"

enum {
	SESSION_OUTPUT_MAX = 1 << 20, /* more than this waiting ends a session */
	/* More than this waiting, and the next request waits, too. */
	SESSION_OUTPUT_BUSY = 64 * 1024,
	TASK_TYPES = 2, /* those of PWR_COM_COL_DATATYPE */
};

struct task;

struct session {
	struct pwrapis *p;
	uv_poll_t poll;
	int fd;
	int events;
	struct peer peer;
	pid_t said_pid; /* what it calls itself, once that was found to be so; 0: nothing yet */
	uint64_t asked_ms; /* when it was told that somebody asked for its token; 0: never */
	pid_t own_pid; /* what it is in its own PID namespace; 0: not looked up, -1: not known */
	struct turn turn; /* the user, and the place among what waits of theirs */
	struct input in;
	struct output out;
	struct call call; /* call.op is NULL while there is none */
	struct lease token_lease; /* what was set with the token */
	struct lease own_lease; /* what was set without */
	struct task *tasks[TASK_TYPES];
	struct deadline message, stall;
	uint64_t stall_until; /* the place in the output that the stall's deadline is about */
	bool ended; /* the client sends no more */
	bool blocked; /* the client must read before more can be written */
	bool lost; /* a write has failed, or too much waits */
	bool closing;
	struct list_link link; /* in the daemon's sessions */
	struct list_link flush; /* in the daemon's dirty */
};

/* The listening socket, and its place in the file system while it is ours. */
struct listener {
	struct accepting accepting;
	struct namedsocket socket;
	bool opened;
};

struct pwrapis {
	struct daemon *daemon;
	struct machine *machine;
	struct listener listener;
	struct list sessions, dirty, queries, readings;
	struct turns turns;
	unsigned session_count, dirty_count, query_count, reading_count;
	struct front *front; /* NULL while there is none */
	uv_check_t check;
	uv_idle_t idle;
	struct deadlines messages, stalls;
	bool awake, started, stopping;
	struct who who;
	struct token token;
	struct link writer;
	uv_timer_t beat;
	uint64_t looked_ms; /* when the machine was looked over */
	unsigned pinned_count; /* of calls for which indexes must stay what they are */
	struct usage *usage; /* NULL: the machine does not tell */
	struct power power;
	struct governors governors;
	struct frequency frequency;
	struct recorder recorder;
	struct powerlook look; /* of every beat */
	struct rings *rings; /* NULL while there are none */
	struct sched *sched;
	struct probed probed;
	struct counting counting;
	struct attributing attributing;
	uint64_t lease_number; /* the last one that was given */
	int end_error; /* of the last end of a lease: what it could not put back is owed */
	unsigned conflict_count; /* of what others had set meanwhile, since the start */
	uint32_t sequence; /* of events and data */
};

static inline const struct settings *pwrapis_settings(const struct pwrapis *p)
{
	return p->daemon->conf;
}

/* listen.c */
int listener_open(struct pwrapis *p);
void listener_close(struct pwrapis *p);

/* loop.c */
void loop_init(struct pwrapis *p);
void loop_close(struct pwrapis *p);
/* What waits is done at the end of this turn of the loop. */
void loop_wake(struct pwrapis *p);

/* beat.c */
void beat_start(struct pwrapis *p);
/* The machine is looked over again when that is long ago: processors and devices come and go. */
void beat_look(struct pwrapis *p);
void beat_close(struct pwrapis *p);

/* session.c */
void session_accept(struct pwrapis *p, int fd); /* takes @fd */
void session_close(struct session *s);
/* Says why in an event, as far as the socket takes it; does not close. */
void session_refuse_socket(int fd, pid_t pid, uint16_t code, const char *why);
/* After a change of input, output or call: reading, turns and deadlines follow. */
void session_update(struct session *s);
/* Queues a message. What does not fit ends the session, at the end of the turn. */
void session_send(struct session *s, const struct wire_head *head, const void *data, size_t len);
void session_event(struct session *s, int type, const char *info);
/* The same of what others have done: left out for a client that does not read what it has. */
void session_notice(struct session *s, int type, const char *info);
void session_mark_dirty(struct session *s);
/* Writes what can be written; may close. */
void session_flush(struct session *s);
void session_message_expired(struct deadline *d);
void session_stall_expired(struct deadline *d);

/* control.c: the token, leases, and what becomes of them. */
int control_request(struct session *s); /* codes */
int control_release(struct session *s);
/* The lease that a call of this session sets with: of the token, where it has it. */
struct lease *control_lease(struct session *s);
/* Ends what the lease holds. */
void control_end_lease(struct pwrapis *p, struct lease *l);
/* Everything of a session that ends. */
void control_leave(struct session *s);
/* The privileged half has answered that a lease, or one setting of it, has ended. */
void control_note_end(struct pwrapis *p, int r, const struct writer_reply *reply);
/* The privileged half is gone, and has put everything back: all leases are over. */
void control_lost(void *data);
/* Around a new look at the machine: lease.h. */
int control_leave_places(struct pwrapis *p);
void control_find_places(struct pwrapis *p);

/* set.c */
void set_request(const struct pwrapis *p, const struct lease_setting *setting, uint32_t verb,
		 uint64_t lease, struct writer_request *ret_request);
void set_leave(struct session *s);

#endif
