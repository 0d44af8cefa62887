/*
 * Events and data on their way to the program's callbacks.
 *
 * The thread starts with the first message. It and the owner hold a reference each: a callback may
 * end the registration that it was called for.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/def.h"
#include "libpwrapi/delivery.h"
#include "libpwrapi/thread.h"

struct message {
	struct message *next;
	bool is_event;
	uint32_t bytes;
	void *data;
};

struct delivery {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned refs;
	pthread_t thread;
	bool started, stopping;
	struct message *first, **last;
	uint32_t count, bytes; /* of what waits */
};

static _Atomic(delivery_event_fn) event_callback;
static _Atomic(delivery_data_fn) data_callback;
static atomic_uint forks;

void delivery_set_event(delivery_event_fn callback)
{
	atomic_store(&event_callback, callback);
}

void delivery_set_data(delivery_data_fn callback)
{
	atomic_store(&data_callback, callback);
}

bool delivery_has_data(void)
{
	return atomic_load(&data_callback) != NULL;
}

void delivery_forked(void)
{
	atomic_fetch_add(&forks, 1);
}

/* ---- what a message must be ---- */

/* As many processors as there is data for, whatever it says. */
static bool data_whole(PWR_COM_CallbackData *head)
{
	PWR_CPU_Usage *usage = (PWR_CPU_Usage *)head->data;
	size_t count;

	if (head->dataType == PWR_COM_DATATYPE_CPU_PERF)
		return head->dataLen >= (int)sizeof(PWR_CPU_PerfData);
	if (head->dataType != PWR_COM_DATATYPE_CPU_USAGE)
		return true;
	if (head->dataLen < (int)sizeof(*usage))
		return false;
	count = (head->dataLen - sizeof(*usage)) / sizeof(usage->coreUsage[0]);
	if (usage->coreNum < 0 || (size_t)usage->coreNum > count)
		usage->coreNum = count;
	return true;
}

static void call_data(PWR_COM_CallbackData *head, uint32_t bytes)
{
	delivery_data_fn callback = atomic_load(&data_callback);

	if (!callback || bytes < sizeof(*head) || head->dataLen <= 0 ||
	    (uint32_t)head->dataLen > bytes - sizeof(*head) || !data_whole(head))
		return;
	head->ctime[sizeof(head->ctime) - 1] = 0;
	callback(head);
}

/* The NUL behind the data ends info. */
static void call_event(PWR_COM_EventInfo *head, uint32_t bytes)
{
	delivery_event_fn callback = atomic_load(&event_callback);

	if (!callback || bytes < sizeof(*head) || head->infoLen < 0 ||
	    (uint32_t)head->infoLen > bytes - sizeof(*head))
		return;
	head->ctime[sizeof(head->ctime) - 1] = 0;
	head->info[head->infoLen] = 0;
	callback(head);
}

void delivery_call(bool is_event, void *data, uint32_t bytes)
{
	if (is_event)
		call_event(data, bytes);
	else
		call_data(data, bytes);
}

/* ---- the queue ---- */

static void message_free(struct message *m)
{
	if (m)
		free(m->data);
	free(m);
}

static struct message *pop(struct delivery *d)
{
	struct message *m = d->first;

	if (!m)
		return NULL;
	d->first = m->next;
	if (!d->first)
		d->last = &d->first;
	d->count--;
	d->bytes -= m->bytes;
	return m;
}

static void push(struct delivery *d, struct message *m)
{
	*d->last = m;
	d->last = &m->next;
	d->count++;
	d->bytes += m->bytes;
	pthread_cond_signal(&d->changed);
}

static void unref(struct delivery *d)
{
	bool last;

	pthread_mutex_lock(&d->lock);
	last = --d->refs == 0;
	pthread_mutex_unlock(&d->lock);
	if (!last)
		return;
	for (struct message *m = pop(d); m; m = pop(d))
		message_free(m);
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* ---- the thread ---- */

/* NULL when there will be none. */
static struct message *next(struct delivery *d)
{
	struct message *m;

	pthread_mutex_lock(&d->lock);
	while (!d->first && !d->stopping)
		pthread_cond_wait(&d->changed, &d->lock);
	m = d->stopping ? NULL : pop(d);
	pthread_mutex_unlock(&d->lock);
	return m;
}

static void *run(void *data)
{
	struct delivery *d = data;
	unsigned born = atomic_load(&forks);

	for (struct message *m = next(d); m; m = next(d)) {
		delivery_call(m->is_event, m->data, m->bytes);
		message_free(m);
		/* In a child that a callback has forked, nothing of this is left to go on with. */
		if (atomic_load(&forks) != born)
			return NULL;
	}
	unref(d);
	return NULL;
}

static bool start(struct delivery *d)
{
	if (!d->started && thread_start(run, d, &d->thread) == 0) {
		d->started = true;
		d->refs++;
	}
	return d->started;
}

/* ---- for the owner ---- */

struct delivery *delivery_new(void)
{
	struct delivery *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->refs = 1;
	d->last = &d->first;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->changed, NULL);
	return d;
}

void delivery_push(struct delivery *d, bool is_event, void *data, uint32_t bytes)
{
	struct message *m = calloc(1, sizeof(*m));

	if (!m) {
		free(data);
		return;
	}
	*m = (struct message){.is_event = is_event, .bytes = bytes, .data = data};
	pthread_mutex_lock(&d->lock);
	if (d->count < DELIVERY_COUNT_MAX && bytes <= DELIVERY_BYTES_MAX - d->bytes && start(d))
		push(d, take_ptr(m));
	pthread_mutex_unlock(&d->lock);
	message_free(m);
}

void delivery_stop(struct delivery *d)
{
	bool started;

	pthread_mutex_lock(&d->lock);
	d->stopping = true;
	started = d->started;
	pthread_cond_signal(&d->changed);
	pthread_mutex_unlock(&d->lock);
	if (started && pthread_equal(d->thread, pthread_self()))
		pthread_detach(d->thread);
	else if (started)
		pthread_join(d->thread, NULL);
	unref(d);
}
