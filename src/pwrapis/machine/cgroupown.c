/*
 * Our own groups in the cpuset hierarchy of v1; see cgroup.h.
 *
 * A group is made with all processors and nodes of its parent. When it is put back it gets all
 * processors first, so that nothing stays restricted that cannot be moved: the kernel lets a root
 * without capabilities move only processes that have none either. What is left then keeps the group
 * under another name, and the next put back tries to remove it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/proc.h"
#include "base/str.h"
#include "pwrapis/machine/cgroup.h"
#include "pwrapis/machine/source.h"

/* Processes fork while they are moved: so many rounds. Groups that could not go: so many. */
enum { ROUNDS_MAX = 16, LEFT_MAX = 16, PROCS_BYTES = 1 << 20 };

/* The folder of our own group, as an instance whose files can be read and written. */
static int own_at(const struct machine *m, unsigned index, struct instance *ret_own,
		  const struct instance **ret_parent)
{
	const struct instance *place = machine_instance(m, POWER_CGROUP, index);
	char path[SOURCE_PATH_BYTES];
	int r = cgroup_own_folder(m, index, path);

	if (r < 0 || strlen(path) >= sizeof(ret_own->path))
		return r < 0 ? r : -ENAMETOOLONG;
	*ret_own = *place;
	strcpy(ret_own->path, path);
	*ret_parent = place;
	return 0;
}

static bool is_there(const struct machine *m, const struct instance *own)
{
	return fs_exists(m->root_fd, own->path) > 0;
}

/* ---- whether there is one ---- */

int cgroup_own_read(struct machine *m, const struct power_item *item, unsigned index,
		    struct power_value *ret_value)
{
	const struct instance *parent;
	struct instance own;
	int r = own_at(m, index, &own, &parent);

	if (r == 0)
		ret_value->number = is_there(m, &own);
	return r;
}

int cgroup_own_check(struct machine *m, const struct power_item *item, unsigned index,
		     const struct power_value *value)
{
	const struct instance *parent;
	struct instance own;
	int r = own_at(m, index, &own, &parent);

	if (r < 0)
		return r;
	return value->number == 0 || value->number == 1 ? 0 : -EINVAL;
}

/* A file of the parent's into the group. */
static int copy(const struct machine *m, const struct instance *from, const struct instance *to,
		const char *file)
{
	char line[SOURCE_BYTES];
	int r = source_line(m, from, file, line);

	return r < 0 ? r : source_put(m, to, file, line);
}

/*
 * The parent, while names in it change. The kernel lets nobody write the top of a hierarchy (0555),
 * which binds a root without capabilities; as its owner we take the right, and give it back.
 */
struct parent {
	int fd;
	mode_t mode; /* to be put back, or 0 */
};

static void close_parent(struct parent *p)
{
	if (p->mode)
		fchmod(p->fd, p->mode);
	cleanup_close_p(&p->fd);
}

static int open_parent(const struct machine *m, const struct instance *parent, struct parent *p)
{
	struct stat st;
	int r = fs_open(m->root_fd, parent->path, O_RDONLY | O_DIRECTORY, 0, &p->fd);

	if (r < 0)
		return r;
	if (fstat(p->fd, &st) < 0)
		return -errno;
	if (st.st_mode & S_IWUSR)
		return 0;
	if (fchmod(p->fd, (st.st_mode & 07777) | S_IWUSR) < 0)
		return -errno;
	p->mode = st.st_mode & 07777;
	return 0;
}

static const char *name_of(const struct instance *own)
{
	return strrchr(own->path, '/') + 1;
}

static int make(const struct machine *m, const struct instance *own, const struct instance *parent)
{
	_cleanup_(close_parent) struct parent p = {.fd = -1};
	int r = open_parent(m, parent, &p);

	if (r < 0)
		return r;
	if (mkdirat(p.fd, name_of(own), 0755) < 0 && errno != EEXIST)
		return -errno;
	/* Whatever our mask is: the half that talks looks into it. */
	if (fchmodat(p.fd, name_of(own), 0755, 0) < 0)
		return -errno;
	/* Nothing can be in it before it has both. */
	r = copy(m, parent, own, "cpuset.mems");
	if (r == 0)
		r = copy(m, parent, own, "cpuset.cpus");
	if (r < 0)
		unlinkat(p.fd, name_of(own), AT_REMOVEDIR);
	return r;
}

static int list_procs(const struct machine *m, const struct instance *own, char ***ret_pids)
{
	_cleanup_free_ char *text = NULL;
	char path[SOURCE_PATH_BYTES + 16];
	size_t len;
	int r;

	snprintf(path, sizeof(path), "%s/cgroup.procs", own->path);
	r = fs_read(m->root_fd, path, PROCS_BYTES, &text, &len);
	return r < 0 ? r : str_split(text, ret_pids);
}

/* All that can be moved: how many are left. */
static int empty_once(const struct machine *m, const struct instance *own,
		      const struct instance *parent)
{
	_cleanup_(str_vector_free_p) char **pids = NULL;
	int left = 0, r = list_procs(m, own, &pids);

	if (r < 0)
		return r;
	for (char **pid = pids; *pid; pid++) {
		r = source_put(m, parent, "cgroup.procs", *pid);
		/* ESRCH: it has ended, and is not in it any more. */
		left += r < 0 && r != -ESRCH;
	}
	return left;
}

/* Under another name it is nobody's any more, and tried again another time. */
static int put_aside(int parent_fd, const char *name)
{
	for (int i = 0; i < LEFT_MAX; i++) {
		char left[32];

		snprintf(left, sizeof(left), "leonhard.left-%d", i);
		if (renameat(parent_fd, name, parent_fd, left) == 0)
			return 0;
		if (errno != EEXIST && errno != ENOTEMPTY)
			return -errno;
	}
	return -EBUSY;
}

static void remove_left(int parent_fd)
{
	for (int i = 0; i < LEFT_MAX; i++) {
		char left[32];

		snprintf(left, sizeof(left), "leonhard.left-%d", i);
		unlinkat(parent_fd, left, AT_REMOVEDIR);
	}
}

static int unmake(const struct machine *m, const struct instance *own,
		  const struct instance *parent)
{
	_cleanup_(close_parent) struct parent p = {.fd = -1};
	int r = open_parent(m, parent, &p), left = 1;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	remove_left(p.fd);
	r = copy(m, parent, own, "cpuset.cpus");
	for (int i = 0; i < ROUNDS_MAX && left > 0; i++) {
		int before = left;

		left = empty_once(m, own, parent);
		if (left > 0 && i && left >= before)
			break;
	}
	if (unlinkat(p.fd, name_of(own), AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	/* What stays restricted must not be forgotten. */
	return errno == EBUSY && r == 0 ? put_aside(p.fd, name_of(own)) : -EBUSY;
}

int cgroup_own_write(struct machine *m, const struct power_item *item, unsigned index,
		     const struct power_value *value)
{
	const struct instance *parent;
	struct instance own;
	int r = own_at(m, index, &own, &parent);

	if (r < 0)
		return r;
	return value->number ? make(m, &own, parent) : unmake(m, &own, parent);
}

/* ---- its processors ---- */

int cgroup_own_read_cpus(struct machine *m, const struct power_item *item, unsigned index,
			 struct power_value *ret_value)
{
	const struct instance *parent;
	struct instance own;
	char line[SOURCE_BYTES];
	int r = own_at(m, index, &own, &parent);

	if (r < 0 || !is_there(m, &own))
		return -EOPNOTSUPP;
	r = source_line(m, &own, "cpuset.cpus", line);
	if (r == 0 && strlen(line) >= POWER_TEXT_BYTES)
		return -EFBIG;
	if (r == 0)
		strcpy(ret_value->text, line);
	return r;
}

int cgroup_own_check_cpus(struct machine *m, const struct power_item *item, unsigned index,
			  const struct power_value *value)
{
	const struct instance *parent;
	struct instance own;
	int r = own_at(m, index, &own, &parent);

	if (r < 0)
		return r;
	if (!is_there(m, &own))
		return -ENODEV;
	return *value->text ? cgroup_check_list(m, value->text) : -EINVAL;
}

int cgroup_own_write_cpus(struct machine *m, const struct power_item *item, unsigned index,
			  const struct power_value *value)
{
	const struct instance *parent;
	struct instance own;
	int r = own_at(m, index, &own, &parent);

	return r < 0 ? r : source_put(m, &own, "cpuset.cpus", value->text);
}

/* ---- what is in it ---- */

struct member {
	bool in;
	pid_t pid;
	uint64_t start;
};

/* "in 1234 5678": the process, and when it started, in ticks. */
static int parse_member(const char *text, struct member *ret_member)
{
	struct member m = {};
	uint64_t pid;

	if (str_starts(text, "in "))
		m.in = true;
	else if (!str_starts(text, "out "))
		return -EINVAL;
	text += m.in ? 3 : 4;
	if (parse_digits(&text, &pid) < 0 || !pid || pid > INT32_MAX || *text++ != ' ' ||
	    parse_digits(&text, &m.start) < 0 || *text)
		return -EINVAL;
	m.pid = pid;
	*ret_member = m;
	return 0;
}

int cgroup_own_read_member(struct machine *m, const struct power_item *item, unsigned index,
			   struct power_value *ret_value)
{
	_cleanup_(str_vector_free_p) char **pids = NULL;
	const struct instance *parent;
	struct instance own;
	int r = own_at(m, index, &own, &parent);

	if (r < 0 || !is_there(m, &own))
		return -EOPNOTSUPP;
	r = list_procs(m, &own, &pids);
	if (r == 0)
		snprintf(ret_value->text, sizeof(ret_value->text), "%zu", str_vector_count(pids));
	return r;
}

/* Whether the process is in the parent, or in a group of ours in it. */
static int check_group(const struct machine *m, const struct instance *parent, pid_t pid)
{
	char path[PROCGROUP_PATH_BYTES], name[POWER_NAME_BYTES];
	int r = procgroup_read(m->root_fd, pid, "cpuset", path);

	if (r == 0)
		r = cgroup_own_of(path, parent->number[0], name);
	if (r < 0)
		return r;
	return str_equal(name, parent->name) ? 0 : -EINVAL;
}

int cgroup_own_check_member(struct machine *m, const struct power_item *item, unsigned index,
			    const struct power_value *value)
{
	const struct instance *parent;
	struct instance own;
	struct member member;
	struct proc proc;
	int r = own_at(m, index, &own, &parent);

	if (r == 0)
		r = parse_member(value->text, &member);
	if (r == 0 && !is_there(m, &own))
		r = -ENODEV;
	if (r == 0)
		r = proc_read(m->root_fd, member.pid, &proc);
	if (r == 0 && proc.start_ticks != member.start)
		r = -ESRCH;
	return r < 0 ? r : check_group(m, parent, member.pid);
}

int cgroup_own_write_member(struct machine *m, const struct power_item *item, unsigned index,
			    const struct power_value *value)
{
	const struct instance *parent;
	struct instance own;
	struct member member;
	char pid[16];
	int r = own_at(m, index, &own, &parent);

	if (r == 0)
		r = parse_member(value->text, &member);
	if (r < 0)
		return r;
	snprintf(pid, sizeof(pid), "%d", member.pid);
	return source_put(m, member.in ? &own : parent, "cgroup.procs", pid);
}
