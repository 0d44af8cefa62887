/*
 * Ctrl-C while leo waits for a service; see interrupt.h.
 *
 * A signal that arrives just before the wait begins would be lost: nothing is left to interrupt.
 * So the handler sets an alarm, which interrupts again a second later, until somebody has seen it.
 */
#include "leo/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t seen;

static void on_signal(int sig)
{
	seen = 1;
	alarm(1);
}

void interrupt_begin(void)
{
	/* Without SA_RESTART, so that what waits returns. */
	struct sigaction action = {.sa_handler = on_signal};

	seen = 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
}

void interrupt_end(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};

	sigaction(SIGINT, &action, NULL);
	alarm(0);
	sigaction(SIGALRM, &action, NULL);
}

bool interrupt_seen(void)
{
	return seen;
}
