/*
 * The lab's wire protocol; see proto.h.
 */
#include "lab/proto.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "base/def.h"

#define CHANNEL(n) (1u << (n))

/* What each side may send: the lengths, and the channels as a mask. */
static const struct rule {
	uint32_t length_min, length_max;
	uint8_t from_host, from_guest;
	bool of_stream;
} rules[] = {
	[LAB_HELLO] = {4, 4, 0, CHANNEL(0), false},
	[LAB_EXEC] = {0, LAB_PAYLOAD_MAX, CHANNEL(0) | CHANNEL(1), 0, true},
	[LAB_DATA] = {1, LAB_PAYLOAD_MAX, CHANNEL(0), CHANNEL(1) | CHANNEL(2), true},
	[LAB_EOF] = {0, 0, CHANNEL(0) | CHANNEL(1) | CHANNEL(2),
		     CHANNEL(0) | CHANNEL(1) | CHANNEL(2), true},
	[LAB_CREDIT] = {4, 4, CHANNEL(1) | CHANNEL(2), CHANNEL(0), true},
	[LAB_EXIT] = {8, 8, 0, CHANNEL(0), true},
	[LAB_KILL] = {4, 4, CHANNEL(0), 0, true},
	[LAB_POWEROFF] = {0, 0, CHANNEL(0), 0, false},
};

void lab_put_u32(uint8_t *out, uint32_t v)
{
	v = htole32(v);
	memcpy(out, &v, sizeof(v));
}

uint32_t lab_get_u32(const uint8_t *in)
{
	uint32_t v;

	memcpy(&v, in, sizeof(v));
	return le32toh(v);
}

bool lab_header_valid(const struct lab_frame *f, enum lab_side from)
{
	const struct rule *rule;
	unsigned channels;

	if (f->type == 0 || f->type >= ARRAY_SIZE(rules) || f->channel >= LAB_CHANNEL_COUNT)
		return false;
	rule = &rules[f->type];
	channels = from == LAB_HOST ? rule->from_host : rule->from_guest;
	return (channels & CHANNEL(f->channel)) && rule->of_stream == (f->stream != 0) &&
	       f->length >= rule->length_min && f->length <= rule->length_max;
}

void lab_header_encode(const struct lab_frame *f, uint8_t out[LAB_HEADER_BYTES])
{
	lab_put_u32(out, f->length);
	out[4] = f->stream & 0xff;
	out[5] = f->stream >> 8;
	out[6] = f->type;
	out[7] = f->channel;
}

static struct lab_frame header_decode(const uint8_t *in)
{
	return (struct lab_frame){
		.length = lab_get_u32(in),
		.stream = in[4] | in[5] << 8,
		.type = in[6],
		.channel = in[7],
		.payload = in + LAB_HEADER_BYTES,
	};
}

void lab_parser_init(struct lab_parser *p, enum lab_side from)
{
	p->from = from;
	p->have_bytes = 0;
}

/* Moves bytes into the buffer until it holds @want; true when it does. */
static bool fill(struct lab_parser *p, size_t want, const uint8_t **bytes, size_t *len)
{
	size_t n = want - p->have_bytes;

	if (n > *len)
		n = *len;
	memcpy(p->buffer + p->have_bytes, *bytes, n);
	p->have_bytes += n;
	*bytes += n;
	*len -= n;
	return p->have_bytes == want;
}

int lab_parser_feed(struct lab_parser *p, const void *bytes, size_t len, lab_frame_fn fn,
		    void *data)
{
	const uint8_t *next = bytes;
	int r;

	while (len) {
		struct lab_frame f;

		if (p->have_bytes < LAB_HEADER_BYTES && !fill(p, LAB_HEADER_BYTES, &next, &len))
			return 0;
		f = header_decode(p->buffer);
		if (!lab_header_valid(&f, p->from))
			return -EPROTO;
		if (f.length && !fill(p, LAB_HEADER_BYTES + f.length, &next, &len))
			return 0;
		p->have_bytes = 0;
		r = fn(data, &f);
		if (r < 0)
			return r;
	}
	return 0;
}

static size_t strings_bytes(char *const *v, uint32_t *ret_count)
{
	size_t bytes = 0;
	uint32_t n = 0;

	for (; v && v[n]; n++)
		bytes += strlen(v[n]) + 1;
	*ret_count = n;
	return bytes;
}

static uint8_t *put_string(uint8_t *out, const char *s)
{
	size_t n = strlen(s) + 1;

	memcpy(out, s, n);
	return out + n;
}

int lab_exec_encode(const struct lab_exec *e, uint8_t **ret_bytes, size_t *ret_len)
{
	const char *cwd = e->cwd ? e->cwd : "";
	uint32_t argc, envc;
	size_t len = 8 + strlen(cwd) + 1;
	uint8_t *bytes, *out;

	len += strings_bytes(e->argv, &argc);
	len += strings_bytes(e->env, &envc);
	if (argc == 0)
		return -EINVAL;
	if (len > LAB_EXEC_BYTES_MAX)
		return -E2BIG;
	bytes = malloc(len);
	if (!bytes)
		return -ENOMEM;
	lab_put_u32(bytes, argc);
	lab_put_u32(bytes + 4, envc);
	out = put_string(bytes + 8, cwd);
	for (uint32_t i = 0; i < argc; i++)
		out = put_string(out, e->argv[i]);
	for (uint32_t i = 0; i < envc; i++)
		out = put_string(out, e->env[i]);
	*ret_bytes = bytes;
	*ret_len = len;
	return 0;
}

static char *next_string(char **text, const char *end)
{
	char *s = *text, *nul = s < end ? memchr(s, '\0', end - s) : NULL;

	if (nul)
		*text = nul + 1;
	return nul ? s : NULL;
}

/* A vector of the next @count strings; NULL when the text ends before them. */
static char **next_strings(char **text, const char *end, uint32_t count)
{
	_cleanup_free_ char **v = calloc((size_t)count + 1, sizeof(char *));

	if (!v)
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		v[i] = next_string(text, end);
		if (!v[i])
			return NULL;
	}
	return take_ptr(v);
}

int lab_exec_decode(const void *bytes, size_t len, struct lab_exec *ret_exec)
{
	_cleanup_(lab_exec_deinit) struct lab_exec e = {};
	uint32_t argc, envc;
	char *text, *end;

	if (len < 8 || len > LAB_EXEC_BYTES_MAX)
		return -EPROTO;
	argc = lab_get_u32(bytes);
	envc = lab_get_u32((const uint8_t *)bytes + 4);
	/* Every string is at least its NUL: this bounds the vectors by what was really sent. */
	if (argc == 0 || argc > len || envc > len)
		return -EPROTO;
	e.text = malloc(len - 8 + 1);
	if (!e.text)
		return -ENOMEM;
	memcpy(e.text, (const uint8_t *)bytes + 8, len - 8);
	text = e.text;
	end = e.text + len - 8;
	e.cwd = next_string(&text, end);
	if (e.cwd)
		e.argv = next_strings(&text, end, argc);
	if (e.argv)
		e.env = next_strings(&text, end, envc);
	if (!e.env || text != end)
		return -EPROTO;
	*ret_exec = e;
	e = (struct lab_exec){};
	return 0;
}

void lab_exec_deinit(struct lab_exec *e)
{
	free(e->argv);
	free(e->env);
	free(e->text);
	*e = (struct lab_exec){};
}
