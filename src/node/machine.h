/*
 * The machine that is looked at: the one that runs, or a folder that plays one.
 *
 * What these functions read is escaped (base/str.h) and therefore UTF-8, whatever the file holds.
 * Paths are formats, since most of them hold a number or a name that another file has told.
 */
#ifndef NODE_MACHINE_H
#define NODE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MACHINE_LINE_MAX = 512, MACHINE_PATH_MAX = 256 };

struct machine {
	int root_fd; /* borrowed */
	/* What the processor says of a hypervisor (native.h): "" for none; NULL when it cannot
	 * be asked about this machine. */
	const char *hypervisor;
	/* Whether this process is known to be in the first namespaces of its kernel, and so in no
	 * container (native.h). */
	bool first_namespaces;
};

/* The first line of a file, escaped, cut to @size. 0 or a negative errno; @buf is "" on failure. */
__attribute__((format(printf, 4, 5))) int machine_line(const struct machine *m, char *buf,
						       size_t size, const char *path, ...);

/* A file that holds one decimal number. */
__attribute__((format(printf, 3, 4))) int
machine_number(const struct machine *m, uint64_t *ret_number, const char *path, ...);

/* Whether there is such a file and it can be reached. */
__attribute__((format(printf, 2, 3))) bool machine_has(const struct machine *m, const char *path,
						       ...);

/*
 * The names in a folder, sorted, numbers in them by value. A name that is not of printable ASCII is
 * left out: the kernel makes none, and the others can be used as they are. NULL when there is no
 * such folder or no memory: nothing to look at. For _cleanup_: str_vector_free_p.
 */
char **machine_list(const struct machine *m, const char *path);

/* A file of text, raw, cut at @max bytes and at the first NUL. The caller's. */
int machine_text(const struct machine *m, const char *path, size_t max, char **ret_text);

#endif
