/*
 * What outlives the daemon: maps and links, pinned in a folder of a BPF file system.
 *
 * The folder's name holds the version of the interface and a hash of the object, so that only the
 * daemon that made it, or one that is the same, goes on with it; a BPF file system does not outlive
 * the boot. It is filled under another name and renamed: a folder that is there is whole.
 */
#ifndef FILETRACE_PIN_H
#define FILETRACE_PIN_H

#include <stdbool.h>
#include <stddef.h>

#include <bpf/libbpf.h>

/* The folder for an object of @len bytes. The caller's. -ENOMEM. */
int pin_path(const char *pin_dir, const void *object, size_t len, char **ret_path);
bool pin_exists(const char *path);

/* Pins all maps of @skeleton and the links that it has. On failure nothing is left. */
int pin_make(const char *path, const struct bpf_object_skeleton *skeleton);
/* A descriptor of a pinned map. */
int pin_map(const char *path, const char *name, int *ret_fd);

/* With all that is in it; 0 when it is not there. */
int pin_remove(const char *path);
/* All folders of this kind in @pin_dir but @keep, which may be NULL. */
int pin_remove_others(const char *pin_dir, const char *keep);

#endif
