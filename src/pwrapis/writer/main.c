/*
 * leonhard-pwrapis-writer: the privileged half of pwrapis. It takes records of fixed size of one
 * client, checks them against the machine, notes what was there, writes, and puts it back. It knows
 * neither clients nor messages, and no path but those of its own table.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/ipmi.h>
#include <linux/sockios.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/time.h"
#include "pwrapis/writer/writer.h"

#define JOURNAL_DIR "/var/lib/leonhard/pwrapis-writer"
#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

static const char client_user[] = "leonhard-pwrapis";

/* What is asked by ioctl(2): drivers of network interfaces and the board's controller; and what
 * libuv asks of its own descriptors. Others of CAP_NET_ADMIN's are out of reach by this. */
static const uint32_t ioctls[] = {
	SIOCETHTOOL, IPMICTL_SEND_COMMAND, IPMICTL_RECEIVE_MSG_TRUNC, FIONBIO, FIOCLEX, 0};

static const char *const read_paths[] = {"/proc", "/etc/leonhard", NULL};
static const char *const write_paths[] = {"/sys", "/dev/cpu_dma_latency", "/dev/ipmi0", JOURNAL_DIR,
					  NULL};

/* Who may ask. A folder that plays a machine is a test's, which runs as whoever it is. */
static int find_client(struct writer *w)
{
	const struct passwd *pw;

	w->client_uid = geteuid();
	if (w->daemon->root)
		return 0;
	pw = getpwnam(client_user);
	if (!pw) {
		log_error("there is no user %s; systemd-sysusers makes it", client_user);
		return -ESRCH;
	}
	w->client_uid = pw->pw_uid;
	return 0;
}

static void value_text(const struct power_value *value, char text[POWER_TEXT_BYTES + 32])
{
	if (*value->text)
		snprintf(text, POWER_TEXT_BYTES + 32, "%s", value->text);
	else
		snprintf(text, POWER_TEXT_BYTES + 32, "%.9g", value->number);
}

static void on_conflict(void *data, const char *item, const char *name,
			const struct power_value *last, const struct power_value *found)
{
	static struct log_limit limit = {.interval_ns = 60 * NS_PER_S, .burst = 50};
	char ours[POWER_TEXT_BYTES + 32], theirs[POWER_TEXT_BYTES + 32];

	value_text(last, ours);
	value_text(found, theirs);
	log_limited(&limit, LOG_LEVEL_NOTICE,
		    "%s of %s was set to %s by somebody else, after we had set %s; it stays", item,
		    name, theirs, ours);
}

/* Locked as long as we are: a second one would put back what the first has set. */
static int open_journal_dir(struct writer *w)
{
	int r = fs_mkdir(w->daemon->root_fd, JOURNAL_DIR, 0700);

	if (r == 0)
		r = fs_open(w->daemon->root_fd, JOURNAL_DIR, O_RDONLY | O_DIRECTORY, 0,
			    &w->journal_dir_fd);
	if (r == 0 && flock(w->journal_dir_fd, LOCK_EX | LOCK_NB) < 0)
		r = errno == EWOULDBLOCK ? -EBUSY : -errno;
	return r < 0 ? log_error_errno(r, "cannot have " JOURNAL_DIR) : 0;
}

static void tell_start(const struct keeper_start *s)
{
	if (s->damaged)
		log_warning("the journal in " JOURNAL_DIR " was damaged");
	if (s->restored || s->conflicts)
		log_notice("what was set before is over: %u put back, %u were set by others",
			   s->restored, s->conflicts);
	if (s->unknown)
		log_warning("%u notes in the journal are of controls that are not known any more",
			    s->unknown);
	if (s->error)
		log_warning("not everything could be put back yet: %s", strerror(-s->error));
}

static int open_keeper(struct writer *w)
{
	const struct keeper_world world = {
		.machine = w->machine,
		.journal_dir_fd = w->journal_dir_fd,
		.boot_id = w->boot_id,
		.journal_bytes = writer_settings(w)->journal_bytes,
		.conflict = on_conflict,
	};
	struct keeper_start s;
	int r = keeper_open(&world, &w->keeper, &s);

	if (r < 0)
		return log_error_errno(r, "cannot use the journal in " JOURNAL_DIR);
	tell_start(&s);
	return 0;
}

static int look_at_machine(struct writer *w)
{
	int r = fs_read_line(w->daemon->root_fd, BOOT_ID_PATH, &w->boot_id);

	if (r < 0)
		return log_error_errno(r, "cannot tell this boot from others");
	r = machine_new(w->daemon->root_fd, &w->machine);
	if (r == 0)
		r = units_new(w->daemon->root_fd, &w->units);
	if (r < 0)
		return log_error_errno(r, "cannot look the machine over");
	machine_be_patient(w->machine);
	cgroup_use_units(w->machine, units_ops(w->units));
	return 0;
}

/* Speeds and sleep of links need a capability, where the unit gives it. */
static int confine(const struct daemon *d)
{
	const struct sandbox sandbox = {
		.read_paths = read_paths,
		.write_paths = write_paths,
		.keep_capabilities = UINT64_C(1) << CAP_NET_ADMIN,
		.ioctls = ioctls,
		.no_abstract = true,
	};

	return daemon_confine_to(d, &sandbox);
}

/* Confined before the journal is read. The socket is there by then, and stays. */
static int start(struct daemon *d)
{
	struct writer *w = d->data;
	int r;

	w->daemon = d;
	r = find_client(w);
	if (r < 0)
		return r;
	r = open_journal_dir(w);
	if (r < 0)
		return r;
	r = writer_listen(w, &w->listen_fd);
	if (r < 0)
		return log_error_errno(r, "cannot serve " WRITER_SOCKET_PATH);
	r = confine(d);
	if (r == 0)
		r = look_at_machine(w);
	if (r == 0)
		r = open_keeper(w);
	return r < 0 ? r : client_watch(w);
}

static void stop(struct daemon *d)
{
	client_stop(d->data);
}

static void reload(struct daemon *d, const void *old)
{
}

static const struct daemon_ops ops = {
	.name = "pwrapis-writer",
	.summary = "Writes what pwrapis may set, notes what was there, and puts it back.",
	.conf = &writer_settings_table,
	.start = start,
	.reload = reload,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct writer writer = {.listen_fd = -1, .client_fd = -1, .journal_dir_fd = -1};
	int status = daemon_main(&ops, &writer, argc, argv);

	keeper_close(writer.keeper);
	machine_free(writer.machine);
	units_free(writer.units);
	free(writer.boot_id);
	cleanup_close_p(&writer.listen_fd);
	cleanup_close_p(&writer.journal_dir_fd);
	return status;
}
