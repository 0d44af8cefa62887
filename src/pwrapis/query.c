/*
 * The search for processes; see query.h. Of a user's searches one runs at a time with all others'
 * in turn. An empty keyword finds all processes that are not threads of the kernel, as published.
 */
#include "pwrapis/query.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "pwrapis/ops.h"
#include "pwrapis/pwrapis.h"

enum { SLICE = 32, COMMAND_MAX = 1 << 20 };

struct query {
	struct call *call;
	struct list_link link; /* in the daemon's queries */
	char **names; /* of /proc; owned */
	size_t at;
	pid_t *found; /* owned: room for all that there may be */
	size_t count;
};

void query_free(struct pwrapis *p, struct query *q)
{
	if (!q)
		return;
	list_remove(&q->link);
	p->query_count--;
	str_vector_free(q->names);
	free(q->found);
	free(q);
}

/* Arguments are separated by NUL bytes; a keyword finds them as they would be typed. */
static void join_arguments(char *text, size_t len)
{
	while (len && text[len - 1] == '\0')
		len--;
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
}

static bool file_has(int root_fd, const char *name, const char *file, const char *keyword)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	size_t len;

	if (asprintf(&path, "/proc/%s/%s", name, file) < 0)
		return false;
	if (fs_read(root_fd, path, COMMAND_MAX, &text, &len) < 0 || len == 0)
		return false;
	join_arguments(text, len);
	return strstr(text, keyword);
}

/* A thread of the kernel has no command line. */
static bool matches(int root_fd, const char *name, const char *keyword)
{
	return file_has(root_fd, name, "cmdline", keyword) ||
	       (*keyword && file_has(root_fd, name, "comm", keyword));
}

static void look_at(struct query *q, const char *name)
{
	const struct call *c = q->call;

	if (isdigit((unsigned char)*name) && q->count < PWR_MAX_PROC_NUM &&
	    matches(c->session->p->daemon->root_fd, name, c->data))
		q->found[q->count++] = atoi(name);
}

static void finish(struct query *q)
{
	struct call *c = q->call;
	pid_t *reply;

	if (!q->count) {
		call_end(c, PWR_ERR_NO_PROCS_BY_KEYWORD);
		return;
	}
	reply = call_reply(c, q->count * sizeof(*reply));
	if (reply)
		memcpy(reply, q->found, q->count * sizeof(*reply));
	call_end(c, reply ? PWR_SUCCESS : PWR_ERR_SYS_EXCEPTION);
}

void query_run(struct pwrapis *p)
{
	struct query *q = list_first(&p->queries, struct query, link);

	if (!q)
		return;
	for (int i = 0; i < SLICE && q->names[q->at]; i++)
		look_at(q, q->names[q->at++]);
	list_remove(&q->link);
	list_add_last(&p->queries, &q->link);
	if (!q->names[q->at])
		finish(q);
}

int op_proc_query(struct call *c)
{
	struct pwrapis *p = c->session->p;
	struct query *q = calloc(1, sizeof(*q));
	int r = q ? fs_list(p->daemon->root_fd, "/proc", &q->names) : -ENOMEM;

	if (r == 0) {
		q->found = calloc(PWR_MAX_PROC_NUM, sizeof(*q->found));
		r = q->found ? 0 : -ENOMEM;
	}
	if (r < 0) {
		if (q)
			str_vector_free(q->names);
		free(q);
		return call_code(c, r);
	}
	q->call = c;
	c->query = q;
	list_add_last(&p->queries, &q->link);
	p->query_count++;
	loop_wake(p);
	return CALL_WAITS;
}
