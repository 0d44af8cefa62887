/*
 * leonhard-pwrapis-probe: opens what takes a capability and hands the descriptors to the power
 * API's daemon: counters of processors, a trigger on their pressure, the ring in which the kernel
 * tells of processes that have ended. It has three capabilities and no other right, parses nothing
 * of anybody, and writes nothing but the trigger.
 */
#include <errno.h>
#include <linux/capability.h>
#include <pwd.h>

#include "base/def.h"
#include "base/halfsocket.h"
#include "base/log.h"
#include "pwrapis/probe/probe.h"

#define SOCKET_DIR "/run/leonhard"
#define SOCKET_NAME "pwrapis-probe"

_Static_assert(sizeof(SOCKET_DIR "/" SOCKET_NAME) == sizeof(PROBE_SOCKET_PATH),
	       "both halves mean one socket");

enum { BACKLOG = 4 };

static const char client_user[] = "leonhard-pwrapis", own_user[] = "leonhard-pwrapis-probe";

static const char *const read_paths[] = {"/sys/devices/system/cpu", "/sys/kernel/btf",
					 "/etc/leonhard", NULL};
static const char *const write_paths[] = {"/proc/pressure", NULL};

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* The service manager has made us somebody else already, unless we were started from a shell. */
static int confine(const struct daemon *d)
{
	const struct sandbox sandbox = {
		.user = geteuid() == 0 ? own_user : NULL,
		.read_paths = read_paths,
		.write_paths = write_paths,
		.keep_capabilities = CAPABILITY(CAP_PERFMON) | CAPABILITY(CAP_BPF) |
				     CAPABILITY(CAP_SYS_RESOURCE),
	};

	return daemon_confine_to(d, &sandbox);
}

/* Who may connect. A folder that plays a machine is a test's, which runs as whoever it is. */
static int find_client(struct probe *p)
{
	const struct passwd *pw;

	p->client_uid = geteuid();
	if (p->daemon->root)
		return 0;
	pw = getpwnam(client_user);
	if (!pw) {
		log_error("there is no user %s; systemd-sysusers makes it", client_user);
		return -ESRCH;
	}
	p->client_uid = pw->pw_uid;
	return 0;
}

static int start(struct daemon *d)
{
	struct probe *p = d->data;
	int r;

	p->daemon = d;
	r = find_client(p);
	if (r < 0)
		return r;
	r = halfsocket_listen(d->root_fd, SOCKET_DIR, SOCKET_NAME, p->client_uid, BACKLOG,
			      &p->listen_fd);
	if (r < 0)
		return log_error_errno(r, "cannot serve " PROBE_SOCKET_PATH);
	r = confine(d);
	return r < 0 ? r : serve_watch(p);
}

static void stop(struct daemon *d)
{
	serve_stop(d->data);
}

/* There is nothing to configure. */
static const struct conf_table settings = {.name = "pwrapis-probe", .size = 1};

static const struct daemon_ops ops = {
	.name = "pwrapis-probe",
	.summary = "Opens counters and what else takes a capability, for the power API's daemon.",
	.conf = &settings,
	.start = start,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct probe probe = {.listen_fd = -1, .client_fd = -1};
	int status = daemon_main(&ops, &probe, argc, argv);

	cleanup_close_p(&probe.listen_fd);
	return status;
}
