/*
 * Requests of FUSE for the tree; see mount.h.
 *
 * What a file holds is made when it is read from its start, as in sysfs, and the rest is told to
 * whoever reads on. Nothing is cached by the kernel, so that a file that vanishes is gone at once.
 * A slow answer waits in a list of its own; nobody else waits for it.
 */
#define FUSE_USE_VERSION 312

#include "mount.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <string.h>

#include "base/def.h"
#include "base/time.h"

/* Whoever may read a file by its mode may, whichever user mounted it. */
#define OPTIONS "fsname=simulated-plant,subtype=plant,default_permissions,allow_other"

enum { LATE_MAX = 64, FILE_BYTES = 4096 };

struct handle {
	struct strbuf text;
	bool known; /* text is what was shown last */
};

struct late {
	uint64_t due_ns;
	fuse_req_t req;
	int error; /* 0: of a read, with text; of a write, without and with its length */
	char *text;
	size_t len;
	bool write;
};

struct mount {
	struct tree *tree;
	struct fuse_session *session;
	struct fuse_buf buf;
	bool mounted;
	/* What was read of a file before it got stuck. */
	struct handle *last;
	struct late late[LATE_MAX];
	unsigned late_count;
};

static struct mount *mount_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static void catch_up(struct mount *m)
{
	plant_catch_up(m->tree->plant, time_now_ns(CLOCK_MONOTONIC));
}

/* ---- answers ---- */

static void answer_read(fuse_req_t req, int error, const char *text, size_t len)
{
	if (error)
		fuse_reply_err(req, -error);
	else
		fuse_reply_buf(req, text, len);
}

/* Queues the answer if it is to be slow; false when it is for now. */
static bool is_late(struct mount *m, const struct fault *f, struct late late)
{
	if (!f || f->kind != FAULT_SLOW || m->late_count == LATE_MAX)
		return false;
	late.due_ns = time_now_ns(CLOCK_MONOTONIC) + f->delay_ms * NS_PER_MS;
	if (late.text) {
		char *copy = malloc(late.len + 1);

		if (!copy)
			return false;
		memcpy(copy, late.text, late.len);
		late.text = copy;
	}
	m->late[m->late_count++] = late;
	return true;
}

static void send_late(struct late *l)
{
	if (l->write && !l->error)
		fuse_reply_write(l->req, l->len);
	else
		answer_read(l->req, l->error, l->text, l->len);
	free(l->text);
}

int mount_late(struct mount *m)
{
	uint64_t now = time_now_ns(CLOCK_MONOTONIC), next = UINT64_MAX;

	for (unsigned i = 0; i < m->late_count;) {
		if (m->late[i].due_ns <= now) {
			send_late(&m->late[i]);
			m->late[i] = m->late[--m->late_count];
			continue;
		}
		next = m->late[i].due_ns < next ? m->late[i].due_ns : next;
		i++;
	}
	return next == UINT64_MAX ? -1 : (int)((next - now) / NS_PER_MS) + 1;
}

/* ---- what there is ---- */

static void fill_attr(const struct tree *t, unsigned node, struct stat *st)
{
	const struct node *n = &t->nodes[node];

	*st = (struct stat){.st_ino = node + 1, .st_nlink = 1};
	st->st_uid = getuid();
	st->st_gid = getgid();
	if (n->type == NODE_FOLDER) {
		st->st_mode = S_IFDIR | 0755;
	} else if (n->type == NODE_LINK) {
		st->st_mode = S_IFLNK | 0777;
		st->st_size = strlen(n->link);
	} else {
		st->st_mode = S_IFREG | n->attribute->mode;
		st->st_size = FILE_BYTES;
	}
}

static void do_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	const struct tree *t = mount_of(req)->tree;
	unsigned node = tree_find(t, parent - 1, name);
	struct fuse_entry_param e = {.ino = node + 1};

	catch_up(mount_of(req));
	if (!node || !tree_there(t, node)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	fill_attr(t, node, &e.attr);
	fuse_reply_entry(req, &e);
}

static void do_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	const struct tree *t = mount_of(req)->tree;
	struct stat st;

	if (!tree_there(t, ino - 1)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	fill_attr(t, ino - 1, &st);
	fuse_reply_attr(req, &st, 0);
}

/* Files of sysfs do not care for a length. */
static void do_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
		       struct fuse_file_info *fi)
{
	if (to_set & ~(FUSE_SET_ATTR_SIZE | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_CTIME))
		fuse_reply_err(req, EPERM);
	else
		do_getattr(req, ino, fi);
}

static void do_readlink(fuse_req_t req, fuse_ino_t ino)
{
	const struct node *n = &mount_of(req)->tree->nodes[ino - 1];

	if (n->type == NODE_LINK)
		fuse_reply_readlink(req, n->link);
	else
		fuse_reply_err(req, EINVAL);
}

/* Entries are numbered by their place among the children: "." is 0, ".." 1. */
static void do_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		       struct fuse_file_info *fi)
{
	const struct tree *t = mount_of(req)->tree;
	_cleanup_free_ char *buf = malloc(size);
	unsigned child = t->nodes[ino - 1].first_child;
	size_t used = 0;

	if (!buf) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	for (off_t at = 0; at < 2 || child; at++) {
		const char *name = at == 0 ? "." : at == 1 ? ".." : t->nodes[child].name;
		unsigned node = at < 2 ? (unsigned)ino - 1 : child;
		struct stat st;
		size_t need;

		child = at < 2 ? child : t->nodes[child].next;
		if (at < off || (at >= 2 && !tree_there(t, node)))
			continue;
		fill_attr(t, node, &st);
		need = fuse_add_direntry(req, buf + used, size - used, name, &st, at + 1);
		if (need > size - used)
			break;
		used += need;
	}
	fuse_reply_buf(req, buf, used);
}

/* ---- files ---- */

static void do_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct handle *h;

	if (!tree_there(mount_of(req)->tree, ino - 1)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	h = calloc(1, sizeof(*h));
	if (!h) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	fi->fh = (uintptr_t)h;
	fi->direct_io = 1;
	if (fuse_reply_open(req, fi) < 0)
		free(h);
}

static void do_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct handle *h = (void *)(uintptr_t)fi->fh;

	strbuf_deinit(&h->text);
	free(h);
	fuse_reply_err(req, 0);
}

/* Makes what is read: of the model, as it was, or a lie. */
static int show(struct mount *m, unsigned node, const struct fault *f, struct handle *h)
{
	struct handle *last = &m->last[node];
	const char *lie = f ? fault_text(f->kind) : NULL;
	int r = 0;

	strbuf_deinit(&h->text);
	if (lie)
		return strbuf_addf(&h->text, "%s", lie);
	if (!f || f->kind != FAULT_STUCK || !last->known) {
		strbuf_deinit(&last->text);
		r = tree_show(m->tree, node, &last->text);
		last->known = r == 0;
	}
	return r < 0 ? r : strbuf_add(&h->text, last->text.text, last->text.len);
}

static int read_error(struct mount *m, unsigned node, const struct fault *f)
{
	if (!tree_there(m->tree, node))
		return -ENODEV;
	if (!m->tree->nodes[node].attribute || !m->tree->nodes[node].attribute->show)
		return -EACCES;
	if (f && (f->kind == FAULT_EBUSY || f->kind == FAULT_EIO))
		return f->kind == FAULT_EBUSY ? -EBUSY : -EIO;
	return 0;
}

static void do_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	struct handle *h = (void *)(uintptr_t)fi->fh;
	struct mount *m = mount_of(req);
	struct late late = {.req = req};
	const struct fault *f;

	catch_up(m);
	f = tree_fault(m->tree, ino - 1);
	late.error = read_error(m, ino - 1, f);
	if (!late.error && (off == 0 || !h->text.text))
		late.error = show(m, ino - 1, f, h);
	if (!late.error && (size_t)off < h->text.len) {
		late.text = h->text.text + off;
		late.len = h->text.len - off < size ? h->text.len - off : size;
	}
	/* The end of what was read is no answer to wait for. */
	if (!(late.error || late.len) || !is_late(m, f, late))
		answer_read(req, late.error, late.text, late.len);
}

static void do_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	struct mount *m = mount_of(req);
	struct late late = {.req = req, .len = size, .write = true};
	const struct fault *f;

	catch_up(m);
	f = tree_fault(m->tree, ino - 1);
	late.error =
		tree_there(m->tree, ino - 1) ? tree_store(m->tree, ino - 1, buf, size) : -ENODEV;
	if (is_late(m, f, late))
		return;
	if (late.error)
		fuse_reply_err(req, -late.error);
	else
		fuse_reply_write(req, size);
}

static const struct fuse_lowlevel_ops ops = {
	.lookup = do_lookup,
	.getattr = do_getattr,
	.setattr = do_setattr,
	.readlink = do_readlink,
	.readdir = do_readdir,
	.open = do_open,
	.release = do_release,
	.read = do_read,
	.write = do_write,
};

/* ---- the mount ---- */

static int attach(struct mount *m, const char *path)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);

	if (fuse_opt_add_arg(&args, "plant") < 0 || fuse_opt_add_arg(&args, "-o" OPTIONS) < 0) {
		fuse_opt_free_args(&args);
		return -ENOMEM;
	}
	m->session = fuse_session_new(&args, &ops, sizeof(ops), m);
	fuse_opt_free_args(&args);
	if (!m->session)
		return -EIO;
	errno = 0;
	if (fuse_session_mount(m->session, path) < 0)
		return errno ? -errno : -EIO;
	m->mounted = true;
	return 0;
}

int mount_new(struct tree *tree, const char *path, struct mount **ret_mount)
{
	_cleanup_(mount_free_p) struct mount *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->tree = tree;
	m->last = calloc(tree->count, sizeof(*m->last));
	if (!m->last)
		return -ENOMEM;
	r = attach(m, path);
	if (r == 0)
		*ret_mount = take_ptr(m);
	return r;
}

void mount_free(struct mount *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < m->late_count; i++)
		send_late(&m->late[i]);
	if (m->mounted)
		fuse_session_unmount(m->session);
	if (m->session)
		fuse_session_destroy(m->session);
	for (unsigned i = 0; m->last && i < m->tree->count; i++)
		strbuf_deinit(&m->last[i].text);
	free(m->last);
	free(m->buf.mem);
	free(m);
}

void mount_free_p(struct mount **m)
{
	mount_free(*m);
}

int mount_fd(const struct mount *m)
{
	return fuse_session_fd(m->session);
}

int mount_serve(struct mount *m)
{
	int r = fuse_session_receive_buf(m->session, &m->buf);

	if (r == -EINTR || r == -EAGAIN)
		return 0;
	if (r <= 0)
		return r ? r : -ENODEV;
	fuse_session_process_buf(m->session, &m->buf);
	return fuse_session_exited(m->session) ? -ENODEV : 0;
}
