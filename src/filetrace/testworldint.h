/*
 * What the parts of the machine share; for testworld*.c only.
 */
#ifndef FILETRACE_TESTWORLDINT_H
#define FILETRACE_TESTWORLDINT_H

#include "filetrace/testworld.h"

enum { WORLD_DEVICE = 8 };

struct ft_key kernel_key_of(uint64_t ino);
struct world_inode *kernel_inode_of(struct world *w, uint64_t ino);
struct world_name *kernel_name_of(struct world *w, const char *path);
uint64_t kernel_ino_of(struct world *w, const char *path);
void kernel_hash_text(struct state *s, const char *text);
void kernel_emit_event(struct world *w, const union ft_any_event *event, enum ft_type type,
		       size_t size);
void kernel_done(struct world *w);
struct ft_actor kernel_actor_of(const struct proc *p);
bool kernel_under_watch(const struct world *w, const char *path);
struct ft_place kernel_place_of(struct world *w, const char *path);
const char *kernel_any_path(struct world *w, uint64_t ino);
void kernel_touch(struct world *w, struct world_inode *inode);
uint64_t kernel_new_inode(struct world *w, enum state_kind kind, unsigned mode, const char *text);
void kernel_add_name(struct world *w, const char *path, uint64_t ino);
void kernel_drop_inode(struct world *w, uint64_t ino);
void kernel_remove_name(struct world *w, const char *path);
struct world_baseline *kernel_baseline_of(struct world *w, const char *path);
void kernel_name_event(struct world *w, const struct proc *p, enum ft_name_op op, uint64_t ino,
		       uint64_t victim, const char *path, const char *to);
void kernel_create(struct world *w, const struct proc *p, const char *path, enum state_kind kind,
		   unsigned mode, const char *text, enum ft_name_op op);

#endif
