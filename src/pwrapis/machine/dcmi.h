/*
 * Requests and replies of DCMI about power (Data Center Manageability Interface 1.5, 6.6).
 *
 * Bytes in, bytes out; who carries them is ipmi.h. A reply begins with its completion code.
 */
#ifndef PWRAPIS_MACHINE_DCMI_H
#define PWRAPIS_MACHINE_DCMI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DCMI_NETFN = 0x2c,
	DCMI_GET_POWER = 0x02,
	DCMI_GET_LIMIT = 0x03,
	DCMI_SET_LIMIT = 0x04,
	DCMI_ACTIVATE_LIMIT = 0x05,
	DCMI_REQUEST_MAX = 15,
	DCMI_REPLY_MAX = 64,
};

struct dcmi_power {
	double now_watts, min_watts, max_watts, mean_watts; /* the last three over the period */
	double period_seconds;
};

struct dcmi_limit {
	bool active;
	double watts;
	double correction_seconds; /* within which it is reached */
	uint8_t action; /* of the controller, when it is not: 0 for none, 1 for power off, 0x11 for
			   an entry in its log */
	unsigned sample_seconds; /* over which power is looked at for it */
};

enum { DCMI_WATTS_MAX = 65535 };

/* The data of a request that reads; its length, 0 for a command that is not one of these. */
size_t dcmi_request(uint8_t command, uint8_t data[DCMI_REQUEST_MAX]);
/*
 * The data of a request that sets a limit, which does not make it active, and of one that does or
 * ends that. Where @limit does not say within which time it is reached, and over which power is
 * looked at, they are six seconds and one.
 */
size_t dcmi_request_limit(const struct dcmi_limit *limit, uint8_t data[DCMI_REQUEST_MAX]);
size_t dcmi_request_active(bool active, uint8_t data[DCMI_REQUEST_MAX]);

/*
 * -EOPNOTSUPP: the controller does not know the command; -EAGAIN: it is busy; -EACCES: not allowed
 * to us; -ENODATA: it does not measure now; -EBADMSG: no such reply; -EIO: another completion code.
 * Of a limit that is set, -ERANGE: the controller does not take so much, or so little; -EINVAL: nor
 * the times.
 */
int dcmi_parse_power(const uint8_t *reply, size_t len, struct dcmi_power *ret_power);
int dcmi_parse_limit(const uint8_t *reply, size_t len, struct dcmi_limit *ret_limit);
int dcmi_parse_set(const uint8_t *reply, size_t len);

#endif
