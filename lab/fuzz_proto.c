/*
 * Fuzzes what a peer can send: the parser, the session that judges a guest's frames, and commands.
 *
 * The first byte says whose bytes they are. A guest's go through a whole session with a stream
 * whose owner takes everything; what it may claim is checked.
 */
#include <assert.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/def.h"
#include "lab/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static size_t taken;

static int take(void *owner, const struct lab_frame *f)
{
	taken += f->length;
	return 0;
}

static const struct stream_ops ops = {.frame = take};

static void feed_session(const uint8_t *bytes, size_t len)
{
	static struct session s;
	struct stream *st;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	if (session_init(&s, fds[0]) < 0 || session_exec(&s, "", 0, &ops, NULL, &st) < 0)
		abort();
	taken = 0;
	lab_parser_feed(&s.link.parser, bytes, len, s.link.fn, s.link.data);
	/* No credit was granted: two windows, and the frames that carry no data. */
	assert(taken <= 2 * LAB_WINDOW + len);
	session_deinit(&s);
	close(fds[1]);
}

static int take_exec(void *data, const struct lab_frame *f)
{
	struct lab_exec e;

	if (f->type == LAB_EXEC && lab_exec_decode(f->payload, f->length, &e) == 0) {
		assert(e.argv[0]);
		lab_exec_deinit(&e);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct lab_parser p;

	if (len == 0)
		return 0;
	if (bytes[0] & 1) {
		feed_session(bytes + 1, len - 1);
		return 0;
	}
	lab_parser_init(&p, LAB_HOST);
	lab_parser_feed(&p, bytes + 1, len - 1, take_exec, NULL);
	return 0;
}
