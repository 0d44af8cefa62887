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
	DCMI_REQUEST_MAX = 4,
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
};

/* The data of a request; its length, 0 for a command that is not one of these. */
size_t dcmi_request(uint8_t command, uint8_t data[DCMI_REQUEST_MAX]);

/*
 * -EOPNOTSUPP: the controller does not know the command; -EAGAIN: it is busy; -EACCES: not allowed
 * to us; -ENODATA: it does not measure now; -EBADMSG: no such reply; -EIO: another completion code.
 */
int dcmi_parse_power(const uint8_t *reply, size_t len, struct dcmi_power *ret_power);
int dcmi_parse_limit(const uint8_t *reply, size_t len, struct dcmi_limit *ret_limit);

#endif
