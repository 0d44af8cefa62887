/*
 * Interfaces as they are installed: one file each in /usr/share/leonhard/api below --root.
 *
 * Names may be short: without "io.leonhard.", and a whole interface in any case.
 */
#ifndef LEO_API_H
#define LEO_API_H

#include "rpc/idl.h"

#define API_DIR "/usr/share/leonhard/api"
#define API_PREFIX "io.leonhard."

/* The interfaces that are installed, sorted: a vector as of base/str.h. Without the folder none. */
int api_list(int root_fd, char ***ret_names);

/*
 * Reads an interface. -ENOENT when it is not installed. *@ret_problem, the caller's, is set on
 * -EINVAL: "/usr/share/…:LINE:COLUMN: what is wrong".
 */
int api_load(int root_fd, const char *interface, struct idl **ret_idl, char **ret_problem);

/* The path of its file; the caller's. -EINVAL when @interface cannot be the name of one. */
int api_path(const char *interface, char **ret_path);

/* The full name of what @word means: "node", "Node", "io.leonhard.Node". Without an installed one
 * that fits, the prefix is added to a word without dots, its first letter made a capital. */
int api_interface(int root_fd, const char *word, char **ret_interface);

/*
 * Splits "Node.Describe", "io.leonhard.Node.Describe" into the full name of the interface and the
 * method. -EINVAL when there is no dot, or nothing on one side of it.
 */
int api_method(int root_fd, const char *word, char **ret_interface, char **ret_method);

/* Without the prefix, where it has it. Borrows from @interface. */
const char *api_short(const char *interface);

#endif
