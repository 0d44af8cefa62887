/*
 * The controller of the published watt and smart-grid calls; README.md tells of it.
 *
 * It has one lease of its own, which lives as long as its owner, a session, has the control token:
 * who sets something here is the owner. When the token goes, however it goes, the lease ends and
 * the privileged half puts everything back; the controller is off then, with attributes as at the
 * start.
 *
 * Nothing wakes up for it but the daemon's beat, pressure that the kernel tells (sched_watch()),
 * and a timer while fewer processors than all are active and there is pressure.
 */
#ifndef PWRAPIS_SCHED_SCHED_H
#define PWRAPIS_SCHED_SCHED_H

#include <uv.h>

#include "core/list.h"
#include "libpwrapi/pwrdata.h"
#include "pwrapis/machine.h"
#include "pwrapis/machine/source.h"
#include "pwrapis/sched/load.h"
#include "pwrapis/sched/watt.h"

struct pwrapis;
struct session;
struct actuator;
struct watch;

enum {
	SCHED_PROCS_MAX = PWR_MAX_PROC_NUM, /* that are known, of both lists */
	SCHED_SPOTS_MAX = 256,
};

/* What a process is to be given; of several of one spot the lowest holds. */
enum sched_role { SCHED_GRID0, SCHED_GRID1, SCHED_WATT, SCHED_NONE };

/* Somebody's process, known by when it started: another one with its id is nobody. */
struct sched_proc {
	pid_t pid;
	uint64_t start;
	bool watt; /* it is packed */
	int level; /* of the smart grid; -1: none */
	struct spot *spot; /* NULL: none, now */
	int error; /* why it has none */
};

struct place {
	char name[POWER_NAME_BYTES];
	/* Where it was there before us, and may be restricted; else "". The table of the machine
	 * does not tell: it is seconds old, and a unit may be younger. */
	char folder[SOURCE_PATH_BYTES];
};

/* A place with processes, or a policy of cpufreq. */
struct spot {
	struct list_link link;
	struct sched *s;
	unsigned item; /* its number: of the processors, or of the governor */
	struct place at;
	enum sched_role role;
	unsigned use_count; /* of processes */
	bool held; /* something was asked for, and not put back */
	bool looked; /* own is known */
	char own[POWER_TEXT_BYTES]; /* what it had, where it was restricted before us */
	char given[POWER_TEXT_BYTES]; /* what was asked for last: "" all */
	int error; /* the last one */
};

struct sched {
	struct pwrapis *p;
	const struct actuator *actuator; /* NULL: this machine has no cpuset */
	struct session *owner; /* NULL: nobody has set anything */
	uint64_t lease; /* 0: nothing is held */
	/* what is asked for */
	bool watt_on, grid_on, governors_on;
	struct watt_attrs attrs;
	unsigned first_cpu;
	char governors[2][PWR_MAX_ELEMENT_NAME_LEN];
	struct sched_proc *procs; /* owned, by their ids */
	size_t proc_count, proc_room;
	/* what is */
	struct topology topology;
	char *online; /* owned: the text of before */
	struct watt watt;
	struct load slow, fast; /* of the active ones, at the last looks */
	uint64_t pressed_ns; /* the last sign of pressure */
	struct list spots, policies;
	size_t spot_count;
	size_t ended_at; /* where the search for processes that have ended goes on */
	uv_timer_t look;
	struct watch *watch; /* owned; NULL: nothing is watched */
	int pressure_fd; /* -1: the kernel does not tell */
	bool opened;
	bool probing; /* the probe is wanted */
};

/* ---- sched.c: its life ---- */

int sched_new(struct pwrapis *p, struct sched **ret_sched);
/* Closes its handles; the loop must run on before it is freed. */
void sched_close(struct sched *s);
void sched_free(struct sched *s);

/* Once a second. */
void sched_beat(struct sched *s);
/*
 * A descriptor of a trigger on /proc/pressure/cpu, borrowed, which becomes ready with POLLPRI; -1:
 * there is none (any more). It is not used after the next call.
 */
void sched_watch(struct sched *s, int fd);
/* @session has lost the token; the privileged half is gone. */
void sched_token_gone(struct sched *s, const struct session *session);
void sched_lost(struct sched *s);

/* ---- request.c: what is asked for; 0 or a negative errno ---- */

/* @session is the owner from now on. */
void sched_own(struct sched *s, struct session *session);
int sched_set_watt(struct sched *s, bool on);
/* -EBUSY while it is on, -EINVAL. */
int sched_set_first_domain(struct sched *s, int cpu);
/* What is 0 stays. -EINVAL. */
int sched_set_attrs(struct sched *s, const PWR_PROC_WattAttrs *attrs);
/* -ESRCH: one of them is none (nothing is changed), -ENOSPC, -ENOMEM. */
int sched_set_watt_procs(struct sched *s, const pid_t *pids, size_t count, bool on);
int sched_set_grid(struct sched *s, bool on);
int sched_set_level(struct sched *s, const pid_t *pids, size_t count, int level);
/* -EINVAL for a governor that no policy has. */
int sched_set_governors(struct sched *s, const PWR_PROC_SmartGridGov *governors);

/* ---- place.c: spots ---- */

/* Each process is where its role says, each spot has what it should. */
void sched_place(struct sched *s);
/* Processes are where they are; active processors are others. */
void sched_give(struct sched *s);
/* All that is known is forgotten, nothing is asked. */
void sched_forget(struct sched *s);
/* The active processors, and those for level 1, as sets; at least one each. */
void sched_zones(const struct sched *s, struct bitmap *hot, struct bitmap *rest);
/* Asks the privileged half under the lease. @spot is told. */
int sched_ask(struct sched *s, struct spot *spot, unsigned verb, unsigned item, const char *name,
	      const struct power_value *value);

#endif
