/*
 * Requests and replies of DCMI about power; see dcmi.h.
 */
#include "pwrapis/machine/dcmi.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"

enum {
	GROUP = 0xdc, /* first byte of each request, and of each reply behind its code */
	POWER_BYTES = 19,
	LIMIT_BYTES = 15,
	SET_BYTES = 2,
	CORRECTION_MS = 6000,
	SAMPLE_SECONDS = 1,
	POWER_MEASURES = 0x40, /* in the last byte */
	CODE_OK = 0,
	CODE_NO_LIMIT = 0x80, /* there is one, but it is not active */
};

static const struct request {
	uint8_t command, len, data[DCMI_REQUEST_MAX];
} requests[] = {
	/* Statistics of power, of the system. */
	{DCMI_GET_POWER, 4, {GROUP, 0x01, 0x00, 0x00}},
	{DCMI_GET_LIMIT, 3, {GROUP, 0x00, 0x00}},
};

static const struct code {
	uint8_t code;
	int error;
} codes[] = {
	{0xc0, -EAGAIN},     {0xc1, -EOPNOTSUPP}, {0xc2, -EOPNOTSUPP}, {0xc3, -EAGAIN},
	{0xc9, -EOPNOTSUPP}, {0xcb, -EOPNOTSUPP}, {0xcc, -EOPNOTSUPP}, {0xcd, -EOPNOTSUPP},
	{0xd4, -EACCES},     {0xd5, -EAGAIN},	  {0xd6, -EOPNOTSUPP},
};

size_t dcmi_request(uint8_t command, uint8_t data[DCMI_REQUEST_MAX])
{
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		if (requests[i].command == command) {
			memcpy(data, requests[i].data, DCMI_REQUEST_MAX);
			return requests[i].len;
		}
	return 0;
}

/* Numbers go with the lowest byte first. */
static void put_number(uint8_t *bytes, unsigned count, uint32_t value)
{
	for (; count--; value >>= 8)
		*bytes++ = value & 0xff;
}

static uint32_t number(const uint8_t *bytes, unsigned count)
{
	uint32_t value = 0;

	while (count--)
		value = value << 8 | bytes[count];
	return value;
}

size_t dcmi_request_limit(const struct dcmi_limit *limit, uint8_t data[DCMI_REQUEST_MAX])
{
	uint32_t correction_ms = (uint32_t)(limit->correction_seconds * 1000);

	memset(data, 0, DCMI_REQUEST_MAX);
	data[0] = GROUP;
	data[4] = limit->action;
	put_number(data + 5, 2, (uint32_t)limit->watts);
	put_number(data + 7, 4, correction_ms ? correction_ms : CORRECTION_MS);
	put_number(data + 13, 2, limit->sample_seconds ? limit->sample_seconds : SAMPLE_SECONDS);
	return DCMI_REQUEST_MAX;
}

size_t dcmi_request_active(bool active, uint8_t data[DCMI_REQUEST_MAX])
{
	memset(data, 0, DCMI_REQUEST_MAX);
	data[0] = GROUP;
	data[1] = active;
	return 4;
}

static int check_reply(const uint8_t *reply, size_t len, size_t need, bool may_be_inactive)
{
	uint8_t code;

	if (len == 0)
		return -EBADMSG;
	code = reply[0];
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].code == code)
			return codes[i].error;
	if (code != CODE_OK && !(may_be_inactive && code == CODE_NO_LIMIT))
		return -EIO;
	return len >= need && reply[1] == GROUP ? 0 : -EBADMSG;
}

int dcmi_parse_power(const uint8_t *reply, size_t len, struct dcmi_power *ret_power)
{
	int r = check_reply(reply, len, POWER_BYTES, false);

	if (r < 0)
		return r;
	if (!(reply[18] & POWER_MEASURES))
		return -ENODATA;
	*ret_power = (struct dcmi_power){
		.now_watts = number(reply + 2, 2),
		.min_watts = number(reply + 4, 2),
		.max_watts = number(reply + 6, 2),
		.mean_watts = number(reply + 8, 2),
		.period_seconds = number(reply + 14, 4) / 1000.0,
	};
	return 0;
}

int dcmi_parse_limit(const uint8_t *reply, size_t len, struct dcmi_limit *ret_limit)
{
	int r = check_reply(reply, len, LIMIT_BYTES, true);

	/* A controller may leave the rest out where there is no limit. */
	if (r == -EBADMSG && len && reply[0] == CODE_NO_LIMIT) {
		*ret_limit = (struct dcmi_limit){};
		return 0;
	}
	if (r < 0)
		return r;
	*ret_limit = (struct dcmi_limit){
		.active = reply[0] == CODE_OK,
		.watts = number(reply + 5, 2),
		.correction_seconds = number(reply + 7, 4) / 1000.0,
		.action = reply[4],
		.sample_seconds = number(reply + 13, 2),
	};
	return 0;
}

int dcmi_parse_set(const uint8_t *reply, size_t len)
{
	/* Codes of this command alone: the power, the time to reach it, the time to look at it. */
	static const struct code own[] = {{0x84, -ERANGE}, {0x85, -EINVAL}, {0x89, -EINVAL}};

	for (size_t i = 0; len && i < ARRAY_SIZE(own); i++)
		if (own[i].code == reply[0])
			return own[i].error;
	return check_reply(reply, len, SET_BYTES, false);
}
