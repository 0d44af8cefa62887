/*
 * Tasks: data sent to a session every so often, by itself. One of a type for each session; nothing
 * runs while nobody has one.
 */
#ifndef PWRAPIS_TASK_H
#define PWRAPIS_TASK_H

struct session;

/* Replaces one of this type. -EINVAL, -ENOMEM. */
int task_create(struct session *s, int type, unsigned interval_ms);
/* -ENOENT */
int task_delete(struct session *s, int type);
void tasks_leave(struct session *s);

#endif
