/*
 * Events of fanotify(7) as the kernel writes them, taken apart.
 *
 * Objects are named by file handles. Nothing is believed of a buffer but what is within its bounds.
 */
#ifndef FILETRACE_FANEVENT_H
#define FILETRACE_FANEVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filetrace/bpf/abi.h"

enum { FAN_HANDLE_BYTES = 128 };

/* Unused bytes are zero, so that equal handles are equal bytes. */
struct fan_handle {
	uint32_t fsid[2];
	int32_t type;
	uint32_t len;
	uint8_t bytes[FAN_HANDLE_BYTES];
};

/* An entry of a directory; "." is the directory itself. */
struct fan_place {
	bool known;
	struct fan_handle dir;
	char name[FT_NAME_BYTES];
};

struct fan_event {
	uint64_t mask; /* FAN_* */
	int32_t pid;
	int pidfd; /* the caller's to close; negative: the process is gone */
	bool has_object;
	struct fan_handle object;
	struct fan_place place; /* of FAN_RENAME: where it was */
	struct fan_place to; /* of FAN_RENAME */
};

/*
 * The event at the beginning of @buf, and how many bytes it takes. -EBADMSG when it makes no sense;
 * the descriptor in it, if there is one, is *@ret_event's also then.
 */
int fan_event_decode(const void *buf, size_t len, struct fan_event *ret_event, size_t *ret_size);

#endif
