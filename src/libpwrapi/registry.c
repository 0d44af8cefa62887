/*
 * The one registration of a program.
 *
 * The lock is held for moments only: connecting and ending are done outside, so that neither a slow
 * daemon nor a callback that is waited for stops anybody.
 */
#include <pthread.h>
#include <string.h>
#include <sys/un.h>

#include "base/def.h"
#include "libpwrapi/connection.h"
#include "libpwrapi/delivery.h"
#include "libpwrapi/pwrerr.h"
#include "libpwrapi/registry.h"

#define DEFAULT_PATH "/etc/sysconfig/pwrapis/pwrserver.sock"
#define PATH_BYTES sizeof(((struct sockaddr_un *)NULL)->sun_path)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct connection *current;
static struct connection *parents; /* in a child: kept reachable, for nobody can free it */
static char server[PATH_BYTES] = DEFAULT_PATH;

/* The lock may be held by a thread that the child does not have. */
static void in_child(void)
{
	pthread_mutex_init(&lock, NULL);
	delivery_forked();
	if (!current)
		return;
	parents = take_ptr(current);
	connection_abandon(parents);
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, in_child);
}

int registry_set_path(const char *path)
{
	size_t len = strnlen(path, PATH_BYTES);

	if (len == 0)
		return PWR_ERR_INVALIDE_PARAM;
	if (len == PATH_BYTES)
		return PWR_ERR_INPUT_OVERSIZE;
	pthread_mutex_lock(&lock);
	memcpy(server, path, len + 1);
	pthread_mutex_unlock(&lock);
	return PWR_SUCCESS;
}

/* Whether there is one already; else where the daemon is. */
static bool registered(char path[PATH_BYTES])
{
	bool yes;

	pthread_mutex_lock(&lock);
	yes = current != NULL;
	memcpy(path, server, PATH_BYTES);
	pthread_mutex_unlock(&lock);
	return yes;
}

/* Two threads that register at once: the first one's connection is the program's. */
static void install(struct connection *c)
{
	pthread_mutex_lock(&lock);
	if (!current)
		current = take_ptr(c);
	pthread_mutex_unlock(&lock);
	if (c)
		connection_stop(c);
}

int registry_begin(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char path[PATH_BYTES];
	struct connection *c;

	pthread_once(&once, watch_forks);
	if (registered(path))
		return PWR_SUCCESS;
	if (connection_new(path, &c) < 0)
		return PWR_ERR_COMMON;
	install(c);
	return PWR_SUCCESS;
}

int registry_end(void)
{
	struct connection *c;

	pthread_mutex_lock(&lock);
	c = take_ptr(current);
	pthread_mutex_unlock(&lock);
	if (c)
		connection_stop(c);
	return PWR_SUCCESS;
}

struct connection *registry_get(void)
{
	struct connection *c;

	pthread_mutex_lock(&lock);
	c = current ? connection_ref(current) : NULL;
	pthread_mutex_unlock(&lock);
	return c;
}
