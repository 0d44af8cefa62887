/*
 * A record: who changed a path, how, from what to what; and the state of a path. What travels from
 * the assembly of edits to the store, and from there to those who ask. docs/format/record.md
 * explains the fields to users.
 */
#ifndef FILETRACE_RECORD_H
#define FILETRACE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filetrace/bpf/abi.h"

enum {
	SHA256_BYTES = 32,
	DIFF_MAX_BYTES = 128 * 1024,
};

struct sha256 {
	uint8_t bytes[SHA256_BYTES];
};

/* The order of the words in docs/format/record.md; kept in the store as numbers: never reordered.
 */
enum method {
	METHOD_UNKNOWN,
	METHOD_IN_PLACE,
	METHOD_APPEND,
	METHOD_TRUNCATE,
	METHOD_REPLACE,
	METHOD_CREATE,
	METHOD_DELETE,
	METHOD_LINK,
	METHOD_METADATA,
	METHOD_MOUNT,
	METHOD_COUNT,
};

enum attribution { ATTRIBUTION_NONE, ATTRIBUTION_PARTIAL, ATTRIBUTION_FULL, ATTRIBUTION_COUNT };

/* "in-place"; "full". NULL for a number that is none. */
const char *method_name(enum method method);
const char *attribution_name(enum attribution attribution);

enum state_kind {
	STATE_ABSENT,
	STATE_FILE,
	STATE_DIRECTORY,
	STATE_SYMLINK,
	STATE_OTHER,
	STATE_KIND_COUNT,
};

const char *state_kind_name(enum state_kind kind);

/* What a path is or was. All zero: absent. */
struct state {
	uint8_t kind;
	bool hashed; /* sha256 is there: content was read, or a link's target */
	bool secret; /* its content is not kept, nor its hash: redact.h */
	bool private; /* not everybody may read it, or enter its directory: its content is for
		       * administrators only */
	bool attributed; /* attributes is there */
	uint32_t mode, uid, gid;
	uint64_t size;
	struct ft_key key;
	uint32_t igeneration; /* 0 where the file system has none */
	int64_t mtime_ns, ctime_ns;
	struct sha256 sha256, attributes;
};

/* The same kind with the same content. Of what has no hash (a secret, a large file) the time at
 * which it was written decides. */
bool state_same_content(const struct state *a, const struct state *b);
/* The same mode, owner and attributes. */
bool state_same_outside(const struct state *a, const struct state *b);
/* Both: a record would have nothing to tell. */
bool state_same(const struct state *a, const struct state *b);
/* The same inode: of its number, and not one that has got that number later. */
bool state_same_inode(const struct state *a, const struct state *b);
/* Nothing at all has happened to it, as far as a file system tells: the same inode, of the same
 * size, with the same times. Its content is not asked for. */
bool state_untouched(const struct state *a, const struct state *b);

/* A field of an account in a file with secrets. */
struct record_field {
	char account[64];
	const char *field; /* static */
};

struct record {
	int64_t id; /* 0 until it is stored */
	int64_t time_ns; /* CLOCK_REALTIME */
	char *path; /* as the kernel has it: bytes; owned */
	enum method method;
	enum attribution attribution;
	bool coalesced;
	uint32_t op_count;
	struct ft_actor actor; /* image 0: not known */
	struct state old, new;
	char *diff; /* owned; NULL: none, or too large */
	size_t diff_len;
	bool diff_truncated;
	struct record_field *fields; /* owned */
	size_t field_count;
};

void record_deinit(struct record *r);

/* "pts/0" of the kernel's "pts0"; others as they are. */
void record_tty(const char tty[FT_TTY_BYTES], char ret_name[FT_TTY_BYTES + 1]);

/*
 * The systemd unit of a control group's path: its last part that names one ("ssh.service",
 * "session-3.scope"), unescaped as systemd does ("_" in front of reserved names). Below a user's
 * manager the unit there. False when there is none.
 */
bool record_unit(const char *cgroup, char ret_unit[FT_CGROUP_BYTES]);

#endif
