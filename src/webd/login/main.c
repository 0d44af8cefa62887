/*
 * leonhard-webd-login: the privileged half of webd. It takes one record, asks PAM in a process of
 * its own, and starts the bridge of whoever has logged in. It knows neither HTTP nor JSON.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/log.h"
#include "base/time.h"
#include "webd/login/login.h"

static const char webd_user[] = "leonhard-webd";

/* Who may ask. A folder that plays a machine is a test's, which runs as whoever it is. */
static int find_webd(struct login *l)
{
	const struct passwd *pw;

	l->webd_uid = geteuid();
	if (l->daemon->root)
		return 0;
	pw = getpwnam(webd_user);
	if (!pw) {
		log_error("there is no user %s; systemd-sysusers makes it", webd_user);
		return -ESRCH;
	}
	l->webd_uid = pw->pw_uid;
	return 0;
}

/* The bridge is beside us, wherever that is. */
static int find_bridge(struct login *l)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n < 0)
		return -errno;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return -ENOENT;
	slash[1] = '\0';
	l->bridge_dir_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return l->bridge_dir_fd < 0 ? -errno : 0;
}

static void apply_settings(struct login *l)
{
	const struct login_settings *s = login_settings(l);

	l->users.free = s->free_failures;
	l->addresses.free = s->free_failures_address;
	l->users.longest_ns = l->addresses.longest_ns = s->longest_wait_ns;
	l->users.forgive_ns = l->addresses.forgive_ns = s->forgive_ns;
}

static void on_visitor(uv_poll_t *poll, int status, int events)
{
	static struct log_limit limit = {.interval_ns = 60 * NS_PER_S, .burst = 5};
	struct login *l = poll->data;
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int fd = accept4(l->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == l->webd_uid) {
		visit_new(l, fd);
		return;
	}
	log_limited(&limit, LOG_LEVEL_WARNING, "somebody other than webd has connected");
	close(fd);
}

static void on_child(uv_signal_t *signal, int number)
{
	struct login *l = signal->data;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		visit_reaped(l, pid);
}

static int watch(struct login *l)
{
	int r;

	uv_signal_init(&l->daemon->loop, &l->reaper);
	l->reaper.data = l;
	uv_poll_init(&l->daemon->loop, &l->listener, l->listen_fd);
	l->listener.data = l;
	r = uv_signal_start(&l->reaper, on_child, SIGCHLD);
	return r < 0 ? r : uv_poll_start(&l->listener, UV_READABLE, on_visitor);
}

/* Passwords pass through: no core dumps, and nobody looks in. */
static void harden(void)
{
	const struct rlimit none = {};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int start(struct daemon *d)
{
	struct login *l = d->data;
	int r;

	l->daemon = d;
	harden();
	apply_settings(l);
	r = find_webd(l);
	if (r < 0)
		return r;
	r = find_bridge(l);
	if (r == 0 && d->root && asprintf(&l->pam_dir, "%s/etc/pam.d", d->root) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = login_listen(l, &l->listen_fd);
	if (r < 0)
		return log_error_errno(r, "cannot serve " LOGIN_SOCKET_PATH);
	return watch(l);
}

static void stop(struct daemon *d)
{
	struct login *l = d->data;

	visit_close_all(l);
	if (l->listen_fd < 0)
		return;
	uv_close((uv_handle_t *)&l->listener, NULL);
	uv_close((uv_handle_t *)&l->reaper, NULL);
}

static void reload(struct daemon *d, const void *old)
{
	apply_settings(d->data);
}

static const struct daemon_ops ops = {
	.name = "webd-login",
	.summary = "Asks PAM for webd, and starts the bridge of whoever has logged in.",
	.conf = &login_settings_table,
	.start = start,
	.reload = reload,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct login login = {.listen_fd = -1, .bridge_dir_fd = -1};
	int status;

	list_init(&login.visits);
	status = daemon_main(&ops, &login, argc, argv);
	if (login.listen_fd >= 0)
		close(login.listen_fd);
	if (login.bridge_dir_fd >= 0)
		close(login.bridge_dir_fd);
	free(login.pam_dir);
	return status;
}
