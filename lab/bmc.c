/*
 * A controller of a board; see bmc.h.
 *
 * The protocol: a message is a sequence number, the function of the network times four, a command,
 * its data, and a byte that makes the sum of all 0, and ends with 0xA0; a reply has its function
 * plus one, and a completion code behind the command. What ends with 0xA1 is about the hardware:
 * the version of the protocol, what there is, that the machine was reset. A byte that is one of
 * these or 0xAA is written as 0xAA and itself with bit 4 set.
 */
#include "lab/bmc.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/def.h"

enum { END_MESSAGE = 0xa0, END_HARDWARE = 0xa1, ESCAPE = 0xaa, ESCAPED = 0x10 };
enum { HARDWARE_VERSION = 0xff, PROTOCOL = 1 };
enum { HEAD_BYTES = 3, REPLY_MAX = 32 };
enum { FUNCTION_APP = 0x06, FUNCTION_GROUP = 0x2c, GROUP_DCMI = 0xdc };

enum code {
	CODE_OK = 0,
	CODE_NO_LIMIT = 0x80, /* none is active; of events: there is none */
	CODE_WATTS = 0x84,
	CODE_CORRECTION = 0x85,
	CODE_SAMPLE = 0x89,
	CODE_UNKNOWN = 0xc1,
	CODE_LENGTH = 0xc7,
	CODE_FIELD = 0xcc,
	CODE_STATE = 0xd5, /* not in the present state */
};

struct request {
	const uint8_t *data;
	size_t len;
};

/* Behind the completion code, which is what a handler returns. */
struct reply {
	uint8_t data[REPLY_MAX];
	size_t len;
};

static void put(struct reply *r, uint32_t number, unsigned bytes)
{
	for (; bytes--; number >>= 8)
		r->data[r->len++] = number & 0xff;
}

static uint32_t get(const uint8_t *data, unsigned bytes)
{
	uint32_t number = 0;

	while (bytes--)
		number = number << 8 | data[bytes];
	return number;
}

/* ---- what it is ---- */

/* Device, its revision, version of its program, IPMI 2.0, what else it can do, maker and product:
 * none. */
static enum code device_id(struct bmc *b, const struct request *q, struct reply *r)
{
	static const uint8_t id[] = {0x20, 0x01, 0x01, 0x00, 0x02, 0, 0, 0, 0, 0, 0};

	memcpy(r->data, id, sizeof(id));
	r->len = sizeof(id);
	return CODE_OK;
}

static enum code set_enables(struct bmc *b, const struct request *q, struct reply *r)
{
	b->enables = q->data[0];
	return CODE_OK;
}

static enum code get_enables(struct bmc *b, const struct request *q, struct reply *r)
{
	put(r, b->enables, 1);
	return CODE_OK;
}

static enum code clear_flags(struct bmc *b, const struct request *q, struct reply *r)
{
	return CODE_OK;
}

static enum code get_flags(struct bmc *b, const struct request *q, struct reply *r)
{
	put(r, 0, 1);
	return CODE_OK;
}

/* ---- power ---- */

/* Of DCMI 1.5: it manages power. */
static enum code capabilities(struct bmc *b, const struct request *q, struct reply *r)
{
	static const uint8_t supported[] = {1, 5, 2, 0, 1, 0};

	if (q->data[0] != 1)
		return CODE_FIELD;
	memcpy(r->data + r->len, supported, sizeof(supported));
	r->len += sizeof(supported);
	return CODE_OK;
}

static uint16_t draw(const struct bmc *b)
{
	uint16_t watts = BMC_DRAW_W;

	if (b->limit.active && b->limit.watts < watts)
		watts = b->limit.watts;
	return watts < BMC_FLOOR_W ? BMC_FLOOR_W : watts;
}

static void note(struct bmc *b, uint16_t watts)
{
	if (!b->told_count || watts < b->least_w)
		b->least_w = watts;
	if (watts > b->most_w)
		b->most_w = watts;
	b->told_w += watts;
	b->told_count++;
}

/* The statistics of the system; they are those of a second, as is each reading. */
static enum code get_power(struct bmc *b, const struct request *q, struct reply *r)
{
	uint16_t watts = draw(b);

	if (q->data[0] != 1)
		return CODE_FIELD;
	note(b, watts);
	put(r, watts, 2);
	put(r, b->least_w, 2);
	put(r, b->most_w, 2);
	put(r, (uint32_t)(b->told_w / b->told_count), 2);
	put(r, (uint32_t)time(NULL), 4);
	put(r, 1000, 4);
	put(r, 0x40, 1);
	return CODE_OK;
}

static enum code get_limit(struct bmc *b, const struct request *q, struct reply *r)
{
	put(r, 0, 2);
	put(r, b->limit.action, 1);
	put(r, b->limit.watts, 2);
	put(r, b->limit.correction_ms, 4);
	put(r, 0, 2);
	put(r, b->limit.sample_s, 2);
	return b->limit.active ? CODE_OK : CODE_NO_LIMIT;
}

static enum code set_limit(struct bmc *b, const struct request *q, struct reply *r)
{
	const struct bmc_limit limit = {
		.active = b->limit.active,
		.action = q->data[3],
		.watts = get(q->data + 4, 2),
		.correction_ms = get(q->data + 6, 4),
		.sample_s = get(q->data + 12, 2),
	};

	if (limit.watts < BMC_LIMIT_MIN_W || limit.watts > BMC_LIMIT_MAX_W)
		return CODE_WATTS;
	if (limit.correction_ms < 1000 || limit.correction_ms > 600000)
		return CODE_CORRECTION;
	if (limit.sample_s < 1 || limit.sample_s > 3600)
		return CODE_SAMPLE;
	b->limit = limit;
	return CODE_OK;
}

static enum code activate(struct bmc *b, const struct request *q, struct reply *r)
{
	if (q->data[0] > 1)
		return CODE_FIELD;
	if (!b->limit.watts)
		return CODE_STATE;
	b->limit.active = q->data[0];
	return CODE_OK;
}

/* ---- messages ---- */

static const struct command {
	uint8_t function, command;
	uint8_t bytes; /* of data that it has at least, behind the group */
	enum code (*serve)(struct bmc *b, const struct request *q, struct reply *r);
} commands[] = {
	{FUNCTION_APP, 0x01, 0, device_id},    {FUNCTION_APP, 0x2e, 1, set_enables},
	{FUNCTION_APP, 0x2f, 0, get_enables},  {FUNCTION_APP, 0x30, 1, clear_flags},
	{FUNCTION_APP, 0x31, 0, get_flags},    {FUNCTION_GROUP, 0x01, 1, capabilities},
	{FUNCTION_GROUP, 0x02, 3, get_power},  {FUNCTION_GROUP, 0x03, 2, get_limit},
	{FUNCTION_GROUP, 0x04, 14, set_limit}, {FUNCTION_GROUP, 0x05, 3, activate},
};

static enum code serve(struct bmc *b, uint8_t function, uint8_t command, struct request *q,
		       struct reply *r)
{
	bool group = function == FUNCTION_GROUP;

	if (group && (q->len == 0 || q->data[0] != GROUP_DCMI))
		return CODE_UNKNOWN;
	if (group) {
		put(r, GROUP_DCMI, 1);
		q->data++;
		q->len--;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];

		if (c->function == function && c->command == command)
			return q->len < c->bytes ? CODE_LENGTH : c->serve(b, q, r);
	}
	return CODE_UNKNOWN;
}

static int add_escaped(struct bmc *b, uint8_t byte)
{
	const uint8_t pair[] = {ESCAPE, byte | ESCAPED};
	bool plain = byte != END_MESSAGE && byte != END_HARDWARE && byte != ESCAPE;

	return plain ? queue_append(&b->out, &byte, 1) : queue_append(&b->out, pair, sizeof(pair));
}

static int send_bytes(struct bmc *b, const uint8_t *bytes, size_t len, uint8_t end)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < len; i++)
		r = add_escaped(b, bytes[i]);
	return r < 0 ? r : queue_append(&b->out, &end, 1);
}

static uint8_t sum(const uint8_t *bytes, size_t len)
{
	uint8_t total = 0;

	while (len--)
		total += bytes[len];
	return total;
}

static int on_message(struct bmc *b)
{
	struct request q = {.data = b->in + HEAD_BYTES};
	uint8_t out[HEAD_BYTES + 1 + REPLY_MAX + 1];
	struct reply r = {};
	size_t len = HEAD_BYTES + 1;

	/* A head and a checksum at least. */
	if (b->in_len < HEAD_BYTES + 1 || sum(b->in, b->in_len) != 0)
		return 0;
	q.len = b->in_len - HEAD_BYTES - 1;
	memcpy(out, b->in, HEAD_BYTES);
	out[1] |= 1 << 2;
	out[3] = serve(b, b->in[1] >> 2, b->in[2], &q, &r);
	memcpy(out + len, r.data, r.len);
	len += r.len;
	out[len] = -sum(out, len);
	return send_bytes(b, out, len + 1, END_MESSAGE);
}

/* What it says of the hardware changes nothing here. */
static int on_end(struct bmc *b, uint8_t end)
{
	int r = end == END_MESSAGE && !b->too_long ? on_message(b) : 0;

	b->in_len = 0;
	b->escaped = b->too_long = false;
	return r;
}

static void take(struct bmc *b, uint8_t byte)
{
	if (b->escaped)
		byte &= ~ESCAPED;
	b->escaped = false;
	if (b->in_len == sizeof(b->in))
		b->too_long = true;
	else
		b->in[b->in_len++] = byte;
}

int bmc_feed(struct bmc *b, const uint8_t *bytes, size_t len)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < len; i++) {
		if (bytes[i] == END_MESSAGE || bytes[i] == END_HARDWARE)
			r = on_end(b, bytes[i]);
		else if (bytes[i] == ESCAPE)
			b->escaped = true;
		else
			take(b, bytes[i]);
	}
	return r;
}

int bmc_init(struct bmc *b)
{
	static const uint8_t version[] = {HARDWARE_VERSION, PROTOCOL};

	*b = (struct bmc){};
	return send_bytes(b, version, sizeof(version), END_HARDWARE);
}

void bmc_deinit(struct bmc *b)
{
	queue_deinit(&b->out);
}
