/*
 * The lab's wire protocol, shared by the host (lab-run, lab-copy) and the guest (lab-agent).
 *
 * A frame is a header of 8 bytes, little-endian, and a payload:
 *
 *	u32 length	bytes of payload, at most LAB_PAYLOAD_MAX
 *	u16 stream	which command the frame is about; 0 for the connection itself
 *	u8  type	enum lab_type
 *	u8  channel	0 standard input, 1 standard output, 2 standard error
 *
 * DATA is sent only within the window that the receiver has granted for that stream and channel:
 * LAB_WINDOW at first, more by CREDIT. So no side ever has to stop reading the connection, and the
 * memory that a peer can claim is bounded. README.md tells the flow of a command.
 *
 * Nothing here allocates in proportion to what a peer says, and every frame is checked against one
 * table before anybody sees it. Functions return 0 or a negative errno; -EPROTO for a peer that
 * breaks the rules.
 */
#ifndef LAB_PROTO_H
#define LAB_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAB_PORT_NAME "io.leonhard.lab"
#define LAB_CREDENTIAL "leonhard.lab"

enum {
	LAB_VERSION = 1,
	LAB_HEADER_BYTES = 8,
	LAB_PAYLOAD_MAX = 64 * 1024,
	LAB_WINDOW = 256 * 1024,
	LAB_STREAM_COUNT_MAX = 64,
	LAB_EXEC_BYTES_MAX = 1024 * 1024,
	LAB_CHANNEL_COUNT = 3,
};

enum lab_type {
	LAB_HELLO = 1, /* guest: u32 version; the first frame, sent once */
	LAB_EXEC, /* host: a command, see lab_exec_encode(); channel 1: more pieces follow */
	LAB_DATA, /* bytes of a channel */
	LAB_EOF, /* the sender writes no more to the channel, or reads no more from it */
	LAB_CREDIT, /* u32 bytes by which the window of the channel grows */
	LAB_EXIT, /* guest: u32 kind, u32 value; the last frame of its stream */
	LAB_KILL, /* host: u32 signal number for the command's process group */
	LAB_POWEROFF, /* host: sync and power off */
};

enum lab_exit_kind {
	LAB_EXITED = 1, /* value: the exit status */
	LAB_SIGNALLED, /* value: the signal */
	LAB_FAILED, /* value: the errno with which the command could not start */
};

enum lab_side { LAB_HOST = 1, LAB_GUEST = 2 };

/* The payload is borrowed: it lives until the handler returns. */
struct lab_frame {
	uint8_t type, channel;
	uint16_t stream;
	uint32_t length;
	const uint8_t *payload;
};

/* A negative return value stops the parser, and is what lab_parser_feed() returns. */
typedef int (*lab_frame_fn)(void *data, const struct lab_frame *frame);

/* Collects the frames that @from sends. Zero is not a valid state: lab_parser_init(). */
struct lab_parser {
	enum lab_side from;
	size_t have_bytes;
	uint8_t buffer[LAB_HEADER_BYTES + LAB_PAYLOAD_MAX];
};

void lab_parser_init(struct lab_parser *p, enum lab_side from);

/* Hands every whole frame to @fn. After an error the parser must not be fed again. */
int lab_parser_feed(struct lab_parser *p, const void *bytes, size_t len, lab_frame_fn fn,
		    void *data);

/* Writes the header of @f to @out. The frame must be one that its sender may send. */
void lab_header_encode(const struct lab_frame *f, uint8_t out[LAB_HEADER_BYTES]);

/* Whether @from may send a frame with this header. */
bool lab_header_valid(const struct lab_frame *f, enum lab_side from);

void lab_put_u32(uint8_t *out, uint32_t v);
uint32_t lab_get_u32(const uint8_t *in);

/* What EXEC carries. The vectors end with NULL; an empty @cwd means root's home, or /. */
struct lab_exec {
	char *cwd;
	char **argv; /* at least one */
	char **env; /* additions to the agent's default environment */
	char *text; /* owns the strings when decoded */
};

/*
 * u32 argument count, u32 environment count, then the NUL-terminated strings: cwd, arguments,
 * environment. -E2BIG over LAB_EXEC_BYTES_MAX. The buffer belongs to the caller.
 */
int lab_exec_encode(const struct lab_exec *e, uint8_t **ret_bytes, size_t *ret_len);

/* Takes a copy of @bytes; free with lab_exec_deinit(). */
int lab_exec_decode(const void *bytes, size_t len, struct lab_exec *ret_exec);
void lab_exec_deinit(struct lab_exec *e);

#endif
