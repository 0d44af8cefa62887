/*
 * A power service that is played; see testpower.h. It is a process, so that it can be silent.
 */
#include "exporter/testpower.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/def.h"

static const char first[] =
	"{\"parameters\":{\"readings\":["
	"{\"item\":\"power.board\",\"place\":\"machine\",\"number\":142},"
	"{\"item\":\"power.level\",\"place\":\"machine\",\"text\":\"simulated plant\"},"
	"{\"item\":\"thermal.temperature\",\"place\":\"acpitz\",\"number\":313.15}]}}";
static const char other[] = "{\"parameters\":{\"readings\":[]}}";
static const char denied[] =
	"{\"error\":\"org.varlink.service.PermissionDenied\",\"parameters\":{}}";
static const char too_many[] =
	"{\"error\":\"io.leonhard.Power.TooMany\",\"parameters\":{\"limit\":4096}}";

static pid_t running;
static int *connections; /* shared with the process */

/* With the NUL that ends a message. */
static void reply(int fd, const char *text)
{
	if (write(fd, text, strlen(text) + 1) < 0)
		_exit(3);
}

static void answer(int fd, enum power_mood mood, int number)
{
	if (mood == POWER_SLOW && number == 0)
		usleep(500000);
	switch (mood) {
	case POWER_GOOD:
	case POWER_SLOW:
		reply(fd, number ? other : first);
		break;
	case POWER_HALF:
		reply(fd, number ? too_many : first);
		break;
	case POWER_DENIES:
		reply(fd, denied);
		break;
	case POWER_BABBLES:
		reply(fd, "{\"parameters\":");
		break;
	default:
		break;
	}
}

static void serve(int fd, enum power_mood mood)
{
	char bytes[4096];
	int number = 0;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		if (mood == POWER_LEAVES)
			return;
		for (ssize_t i = 0; i < n; i++)
			if (!bytes[i])
				answer(fd, mood, number++);
	}
}

static _Noreturn void play(int listener, enum power_mood mood)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(2);
		++*connections;
		serve(fd, mood);
		close(fd);
	}
}

void power_start(const struct testroot *t, enum power_mood mood)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	connections =
		mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(connections, MAP_FAILED);
	mkdir("run", 0755);
	mkdir("run/leonhard", 0755);
	snprintf(sa.sun_path, sizeof(sa.sun_path), "run/leonhard/io.leonhard.Power");
	unlink(sa.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(chmod(sa.sun_path, 0666), 0);
	assert_int_equal(listen(fd, 8), 0);
	running = fork();
	if (running == 0)
		play(fd, mood);
	assert_true(running > 0);
}

void power_stop(void)
{
	if (running <= 0)
		return;
	kill(running, SIGKILL);
	waitpid(running, NULL, 0);
	munmap(connections, sizeof(int));
	unlink("run/leonhard/io.leonhard.Power");
	running = 0;
}

int power_connections(void)
{
	return *connections;
}
