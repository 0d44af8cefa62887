/*
 * Processes of the machine, and what they do to content; see testworld.h.
 */
#include "filetrace/testworldint.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"

struct proc world_fork(struct world *w)
{
	uint64_t image = w->next_image++;

	return (struct proc){.image = image, .pid = (uint32_t)image + 5000};
}

void world_exec(struct world *w, struct proc *p)
{
	union ft_any_event event = {.exit.image = p->image, .exit.next = w->next_image};

	p->image = w->next_image++;
	kernel_emit_event(w, &event, FT_EXIT, sizeof(event.exit));
	kernel_done(w);
}

static void end_writing(struct world *w, struct world_file *f, uint64_t last_image);

/* The kernel tells of the end of a process before it closes its files. */
void world_exit(struct world *w, const struct proc *p)
{
	union ft_any_event event = {.exit.image = p->image};

	kernel_emit_event(w, &event, FT_EXIT, sizeof(event.exit));
	for (size_t i = 0; i < WORLD_FILES; i++)
		if (w->files[i].used && w->files[i].pid == p->pid) {
			if (w->files[i].begun)
				end_writing(w, &w->files[i], p->image);
			else
				w->files[i] = (struct world_file){};
		}
	kernel_done(w);
}

/* ---- files ---- */

static struct world_file *file_of(struct world *w, int fd)
{
	assert_true(fd >= 0 && fd < WORLD_FILES && w->files[fd].used);
	return &w->files[fd];
}

/* A descriptor in one process; one that others have inherited has more. */
static struct world_file *file_for(struct world *w, const struct proc *p, int fd)
{
	struct world_file *f = file_of(w, fd);

	if (f->pid == p->pid)
		return f;
	for (size_t i = 0; i < WORLD_FILES; i++)
		if (w->files[i].used && w->files[i].ino == f->ino && w->files[i].pid == p->pid)
			return &w->files[i];
	for (size_t i = 0; i < WORLD_FILES; i++)
		if (!w->files[i].used) {
			w->files[i] = (struct world_file){
				.used = true, .append = f->append, .ino = f->ino, .pid = p->pid};
			return &w->files[i];
		}
	fail_msg("no descriptor left");
	return NULL;
}

static void begin_writing(struct world *w, const struct proc *p, struct world_file *f, uint32_t op)
{
	struct world_inode *inode = kernel_inode_of(w, f->ino);
	union ft_any_event event = {
		.begin = {.actor = kernel_actor_of(p),
			  .inode = kernel_key_of(f->ino),
			  .generation = inode->ft.generation,
			  .size = strlen(inode->text),
			  .ops = op,
			  .place = kernel_place_of(w, kernel_any_path(w, f->ino))}};

	f->ops |= op;
	kernel_touch(w, inode);
	if (f->begun)
		return;
	f->begun = true;
	f->begun_by = p->image;
	inode->ft.edits++;
	if (inode->watched)
		kernel_emit_event(w, &event, FT_BEGIN,
				  offsetof(struct ft_begin_event, place.name) +
					  strlen(event.begin.place.name) + 1);
}

static void end_writing(struct world *w, struct world_file *f, uint64_t last_image)
{
	struct world_inode *inode = kernel_inode_of(w, f->ino);
	union ft_any_event event = {.end = {.image = f->begun_by,
					    .last_image = last_image,
					    .inode = kernel_key_of(f->ino),
					    .generation = inode->ft.generation,
					    .ops = f->ops,
					    .op_count = 1}};
	uint64_t ino = f->ino;

	inode->ft.edits--;
	event.end.others = inode->ft.edits;
	if (inode->watched)
		kernel_emit_event(w, &event, FT_END, sizeof(event.end));
	*f = (struct world_file){};
	kernel_drop_inode(w, ino);
}

int world_open(struct world *w, const struct proc *p, const char *path, unsigned flags)
{
	uint64_t ino = kernel_ino_of(w, path);
	int fd = 0;

	if (ino && flags & W_EXCL)
		return -EEXIST;
	if (!ino && !(flags & W_CREATE))
		return -ENOENT;
	if (!ino)
		kernel_create(w, p, path, STATE_FILE, S_IFREG | 0644, "", FT_NAME_CREATE);
	while (w->files[fd].used)
		fd++;
	assert_true(fd < WORLD_FILES);
	w->files[fd] = (struct world_file){.used = true,
					   .append = flags & W_APPEND,
					   .ino = kernel_ino_of(w, path),
					   .pid = p->pid};
	if (flags & W_TRUNC && *kernel_inode_of(w, w->files[fd].ino)->text)
		world_truncate(w, p, fd, 0);
	kernel_done(w);
	return fd;
}

static void set_text(struct world *w, uint64_t ino, char *text)
{
	struct world_inode *inode = kernel_inode_of(w, ino);

	free(inode->text);
	inode->text = text;
	inode->state.mtime_ns = (int64_t)w->now_ns;
}

void world_pwrite(struct world *w, const struct proc *p, int fd, const char *text, long at)
{
	struct world_file *f = file_for(w, p, fd);
	const char *old = kernel_inode_of(w, f->ino)->text;
	size_t old_len = strlen(old), pos = at == W_END ? old_len : (size_t)at;
	size_t end = pos + strlen(text), size = end > old_len ? end : old_len;
	char *new = calloc(1, size + 1);

	assert_non_null(new);
	memset(new, '.', size);
	memcpy(new, old, old_len);
	memcpy(new + pos, text, strlen(text));
	begin_writing(w, p, f, f->mapped ? FT_OP_MMAP : FT_OP_WRITE);
	set_text(w, f->ino, new);
	kernel_done(w);
}

void world_write(struct world *w, const struct proc *p, int fd, const char *text)
{
	world_pwrite(w, p, fd, text, W_END);
}

void world_write_fails(struct world *w, const struct proc *p, int fd)
{
	struct world_file *f = file_for(w, p, fd);
	int64_t ctime_ns = kernel_inode_of(w, f->ino)->state.ctime_ns;

	begin_writing(w, p, f, FT_OP_WRITE);
	kernel_inode_of(w, f->ino)->state.ctime_ns = ctime_ns;
	kernel_done(w);
}

void world_truncate(struct world *w, const struct proc *p, int fd, size_t size)
{
	struct world_file *f = file_for(w, p, fd);
	char *new = calloc(1, size + 1);
	size_t len = strlen(kernel_inode_of(w, f->ino)->text);

	assert_non_null(new);
	memset(new, '.', size);
	memcpy(new, kernel_inode_of(w, f->ino)->text, len < size ? len : size);
	begin_writing(w, p, f, FT_OP_TRUNCATE);
	set_text(w, f->ino, new);
	kernel_done(w);
}

void world_map(struct world *w, const struct proc *p, int fd)
{
	struct world_file *f = file_for(w, p, fd);

	f->mapped = true;
	begin_writing(w, p, f, FT_OP_MMAP);
	kernel_done(w);
}

static void put_file(struct world *w, const struct proc *p, struct world_file *f)
{
	uint64_t ino = f->ino;

	if (f->begun) {
		end_writing(w, f, p->image);
	} else {
		*f = (struct world_file){};
		kernel_drop_inode(w, ino);
	}
	kernel_done(w);
}

void world_close(struct world *w, const struct proc *p, int fd)
{
	struct world_file *f = file_for(w, p, fd);

	if (!f->mapped)
		put_file(w, p, f);
}

void world_unmap(struct world *w, const struct proc *p, int fd)
{
	put_file(w, p, file_for(w, p, fd));
}

void world_put(struct world *w, const struct proc *p, const char *path, unsigned flags,
	       const char *text)
{
	int fd = world_open(w, p, path, flags);

	assert_true(fd >= 0);
	if (*text)
		world_write(w, p, fd, text);
	world_close(w, p, fd);
}
