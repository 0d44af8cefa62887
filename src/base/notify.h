/*
 * Telling the service manager how it goes: readiness, status, watchdog (sd_notify(3)'s protocol),
 * and taking the sockets that it has opened (sd_listen_fds(3)'s).
 *
 * Written here because libsystemd would add half to the memory of a small daemon for a hundred
 * lines of a documented protocol (README.md has the figures). Without a manager ($NOTIFY_SOCKET
 * unset) all is a no-op that succeeds.
 */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

#include <stdint.h>

/*
 * Sends the assignments ("READY=1\nSTATUS=watching"); 0, or a negative errno: -EAGAIN when the
 * manager has not made room for them within a second.
 */
int notify_send(const char *assignments);

/* READY=1, RELOADING=1 with its time stamp, STOPPING=1. */
int notify_ready(void);
int notify_reloading(void);
int notify_stopping(void);

/* Half of the time after which the watchdog strikes, or 0 where none is asked for of this process.
 */
uint64_t notify_watchdog_interval_ns(void);

enum { NOTIFY_LISTEN_FDS_START = 3 };

/*
 * The number of sockets passed by the manager, from descriptor NOTIFY_LISTEN_FDS_START on, made
 * close-on-exec; 0 when there are none or they are another process's; a negative errno when the
 * variables make no sense or name descriptors that are not open. The variables are unset.
 */
int notify_listen_fds(void);

#endif
