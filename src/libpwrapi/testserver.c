/*
 * For tests: a daemon in threads of the test.
 */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libpwrapi/powerapi.h"
#include "libpwrapi/testserver.h"

enum { CONNECTIONS = 64, LAST_BYTES = WIRE_REQUEST_MAX };

static char folder[] = "/tmp/leonhard-pwrapi-XXXXXX";
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int listener = -1;
static pthread_t acceptor;
static _Atomic(testserver_fn) handler;
static atomic_uint accepted;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct wire_head last;
static uint8_t last_data[LAST_BYTES];
static pthread_t threads[CONNECTIONS];
static int fds[CONNECTIONS];

/* ---- bytes ---- */

static bool receive(int fd, void *bytes, size_t size)
{
	return size == 0 || recv(fd, bytes, size, MSG_WAITALL) == (ssize_t)size;
}

/* A client that has left is none of the server's business. */
void testserver_send(int fd, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while (size > 0) {
		ssize_t n = send(fd, at, size, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		at += n;
		size -= n;
	}
}

/* In one piece, since handlers of different connections never share a descriptor. */
static void send_message(int fd, const struct wire_head *head, const void *data)
{
	uint8_t *bytes = malloc(sizeof(*head) + head->data_bytes);

	assert(bytes);
	memcpy(bytes, head, sizeof(*head));
	if (head->data_bytes > 0)
		memcpy(bytes + sizeof(*head), data, head->data_bytes);
	testserver_send(fd, bytes, sizeof(*head) + head->data_bytes);
	free(bytes);
}

void testserver_reply(int fd, const struct wire_head *request, uint16_t result, const void *data,
		      uint32_t bytes)
{
	struct wire_head head = *request;

	head.type = WIRE_REPLY;
	head.result = result;
	head.data_bytes = bytes;
	head.pointer = UINT64_C(0xfefefefefefefefe);
	send_message(fd, &head, data);
}

void testserver_event(int fd, bool is_event, const void *data, uint32_t bytes)
{
	struct wire_head head = {
		.major = WIRE_MAJOR,
		.type = is_event ? WIRE_EVENT : WIRE_DATA,
		.operation = is_event ? WIRE_COM_EVENT : WIRE_COM_DATA,
		.data_bytes = bytes,
	};

	send_message(fd, &head, data);
}

/* ---- good replies ---- */

static const struct {
	uint16_t operation;
	uint32_t bytes;
} replies[] = {
	{WIRE_SYS_GET_CAP, 4},
	{WIRE_SYS_GET_POWER, 12},
	{WIRE_SYS_GET_STATISTIC, 80},
	{WIRE_CPU_GET_INFO, 32704},
	{WIRE_CPU_GET_USAGE, 16 + 2 * 16},
	{WIRE_CPU_GET_PERF, 16},
	{WIRE_CPU_GET_FREQ_ABILITY, 556},
	{WIRE_CPU_GET_FREQ_RANGE, 8},
	{WIRE_CPU_GET_GOVERNOR, 32},
	{WIRE_CPU_GET_GOVERNOR_ATTRS, 1316},
	{WIRE_CPU_GET_GOVERNOR_ATTR, 96},
	{WIRE_CPU_GET_FREQ, 2 * 16},
	{WIRE_CPU_GET_IDLE_INFO, 324 + 2 * 44},
	{WIRE_CPU_GET_IDLE_GOVERNOR, 5},
	{WIRE_CPU_GET_LATENCY, 4},
	{WIRE_DISK_GET_LIST, 2 * 32},
	{WIRE_DISK_GET_LOAD, 2 * 40},
	{WIRE_DISK_GET_POWER_LEVEL, 2 * 36},
	{WIRE_DISK_GET_SCSI_POLICY, 2 * 36},
	{WIRE_NET_GET_INFO, 4 + 2 * 40},
	{WIRE_NET_GET_THROUGHPUT, 16},
	{WIRE_NET_GET_SPEED, 4},
	{WIRE_USB_GET_AUTOSUSPEND, 2 * 44},
	{WIRE_PROC_QUERY, 2 * 4},
	{WIRE_PROC_GET_WATT_STATE, 4},
	{WIRE_PROC_GET_WATT_ATTRS, 44},
	{WIRE_PROC_GET_WATT_PROCS, 2 * 4},
	{WIRE_PROC_GET_GRID_STATE, 4},
	{WIRE_PROC_GET_GRID_PROCS, 8 + 2 * 4},
	{WIRE_PROC_GET_GRID_GOVERNOR, 68},
	{WIRE_PROC_GET_SERVICE, 8},
	{WIRE_HBM_GET_STATE, 4},
};

bool testserver_good(int fd, const struct wire_head *request, const void *data)
{
	static const uint8_t zero[32704];
	uint32_t bytes = 0;

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		if (replies[i].operation == request->operation)
			bytes = replies[i].bytes;
	}
	testserver_reply(fd, request, PWR_SUCCESS, zero, bytes);
	return true;
}

/* ---- connections ---- */

static void remember(const struct wire_head *head, const void *data)
{
	pthread_mutex_lock(&lock);
	last = *head;
	memcpy(last_data, data, head->data_bytes);
	pthread_mutex_unlock(&lock);
}

void testserver_last(struct wire_head *ret_head, void *ret_data, size_t size)
{
	pthread_mutex_lock(&lock);
	*ret_head = last;
	if (last.data_bytes <= size)
		memcpy(ret_data, last_data, last.data_bytes);
	pthread_mutex_unlock(&lock);
}

static uint32_t peer(int fd)
{
	struct ucred who;
	socklen_t size = sizeof(who);

	assert(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0);
	return who.pid;
}

static void *serve(void *data)
{
	int fd = *(int *)data;
	uint8_t *bytes = malloc(WIRE_REQUEST_MAX);
	struct wire_head head;
	bool more = true;

	assert(bytes);
	while (more && receive(fd, &head, sizeof(head))) {
		assert(wire_check(&head, peer(fd)) == 0);
		if (!receive(fd, bytes, head.data_bytes))
			break;
		remember(&head, bytes);
		more = atomic_load(&handler)(fd, &head, bytes);
	}
	free(bytes);
	shutdown(fd, SHUT_RDWR);
	return NULL;
}

static void *accept_all(void *data)
{
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			break;
		fds[i] = fd;
		atomic_fetch_add(&accepted, 1);
		assert(pthread_create(&threads[i], NULL, serve, &fds[i]) == 0);
	}
	return NULL;
}

/* ---- life ---- */

/* Signals are for the test's own threads, and those of the library. */
static void start_acceptor(void)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	assert(pthread_create(&acceptor, NULL, accept_all, NULL) == 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void testserver_start(testserver_fn first)
{
	assert(mkdtemp(folder));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert(listener >= 0);
	assert(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	assert(listen(listener, CONNECTIONS) == 0);
	atomic_store(&handler, first);
	atomic_store(&accepted, 0);
	start_acceptor();
	assert(PWR_SetServerInfo(address.sun_path) == PWR_SUCCESS);
}

void testserver_handle(testserver_fn next)
{
	atomic_store(&handler, next);
}

const char *testserver_path(void)
{
	return address.sun_path;
}

unsigned testserver_accepted(void)
{
	return atomic_load(&accepted);
}

void testserver_stop(void)
{
	shutdown(listener, SHUT_RDWR);
	pthread_join(acceptor, NULL);
	close(listener);
	for (unsigned i = 0; i < testserver_accepted(); i++) {
		shutdown(fds[i], SHUT_RDWR);
		pthread_join(threads[i], NULL);
		close(fds[i]);
	}
	unlink(address.sun_path);
	rmdir(folder);
	memset(strrchr(folder, '-') + 1, 'X', 6);
}

void testserver_register(void)
{
	assert(PWR_Register() == PWR_SUCCESS);
}
