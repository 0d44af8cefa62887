/*
 * The kernel's device of the board's controller, and what DCMI tells through it; see ipmi.h.
 *
 * The ioctls queue a message and take one that is there; neither waits for the controller. Who may
 * open the device may ask the controller anything, power off included: usual kernels let only root,
 * and the privileged half asks nothing but what is in dcmi.c.
 *
 * A limit is set with what the controller had beside it: its action, none where there was no limit,
 * and its times. It becomes active with that. What is put back is both, the watts and whether they
 * were active; where the controller had no watts, it is only made inactive.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ipmi.h>
#include <math.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/machine/ipmi.h"
#include "pwrapis/machine/source.h"

#define DEVICE "/dev/ipmi0"

static int send_message(void *arg, uint8_t command, const uint8_t *data, size_t len, long id)
{
	int fd = (int)(intptr_t)arg;
	uint8_t copy[DCMI_REQUEST_MAX];
	struct ipmi_system_interface_addr to = {
		.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE,
		.channel = IPMI_BMC_CHANNEL,
	};
	struct ipmi_req request = {
		.addr = (unsigned char *)&to,
		.addr_len = sizeof(to),
		.msgid = id,
		.msg = {.netfn = DCMI_NETFN, .cmd = command, .data_len = len, .data = copy},
	};

	memcpy(copy, data, len);
	if (ioctl(fd, IPMICTL_SEND_COMMAND, &request) == 0)
		return 0;
	return errno == ENOTTY ? -EOPNOTSUPP : -errno;
}

static int receive_message(void *arg, uint8_t reply[DCMI_REPLY_MAX], size_t *ret_len, long *ret_id)
{
	int fd = (int)(intptr_t)arg;
	struct ipmi_addr from;
	struct ipmi_recv message = {
		.addr = (unsigned char *)&from,
		.addr_len = sizeof(from),
		.msg = {.data = reply, .data_len = DCMI_REPLY_MAX},
	};

	if (ioctl(fd, IPMICTL_RECEIVE_MSG_TRUNC, &message) < 0 && errno != EMSGSIZE)
		return -errno;
	/* Events and commands of others are answers to nothing that was asked. */
	*ret_id = message.recv_type == IPMI_RESPONSE_RECV_TYPE ? message.msgid : 0;
	*ret_len = message.msg.data_len;
	return 0;
}

static void wait_for_message(void *arg, uint64_t ns)
{
	struct pollfd p = {.fd = (int)(intptr_t)arg, .events = POLLIN};

	poll(&p, 1, (int)(ns / NS_PER_MS) + 1);
}

static uint64_t device_now(void *arg)
{
	return time_now_ns(CLOCK_MONOTONIC);
}

static void close_device(void *arg)
{
	close((int)(intptr_t)arg);
}

int ipmi_open(int root_fd, struct ipmi_port *ret_port)
{
	int fd;
	int r = fs_open(root_fd, DEVICE, O_RDWR | O_NONBLOCK | O_NOCTTY, 0, &fd);

	if (r < 0)
		return r == -ENOENT || r == -ENOTDIR || r == -ENXIO ? -EOPNOTSUPP : r;
	*ret_port = (struct ipmi_port){
		.send = send_message,
		.receive = receive_message,
		.wait = wait_for_message,
		.now = device_now,
		.close = close_device,
		.arg = (void *)(intptr_t)fd,
	};
	return 0;
}

static int open_once(struct machine *m)
{
	struct ipmi_port port;
	int r;

	if (m->ipmi)
		return 0;
	r = ipmi_open(m->root_fd, &port);
	return r < 0 ? r : ipmi_new(&port, &m->ipmi);
}

static int ask(struct machine *m, uint8_t command, uint8_t reply[DCMI_REPLY_MAX], size_t *ret_len)
{
	int r = open_once(m);

	return r < 0 ? r : ipmi_ask(m->ipmi, command, time_now_ns(CLOCK_MONOTONIC), reply, ret_len);
}

/* Waits for the reply. */
static int call(struct machine *m, uint8_t command, const uint8_t *data, size_t len,
		uint8_t reply[DCMI_REPLY_MAX], size_t *ret_len)
{
	int r = m->patient ? open_once(m) : -EAGAIN;

	return r < 0 ? r : ipmi_call(m->ipmi, command, data, len, reply, ret_len);
}

static int read_power(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	const struct source *s = item->more;
	uint8_t reply[DCMI_REPLY_MAX];
	struct dcmi_power power;
	size_t len;
	int r = ask(m, DCMI_GET_POWER, reply, &len);

	if (r == 0)
		r = dcmi_parse_power(reply, len, &power);
	if (r == 0)
		ret_value->number = *(const double *)((const char *)&power + s->number);
	return r;
}

static int call_limit(struct machine *m, struct dcmi_limit *ret_limit)
{
	uint8_t data[DCMI_REQUEST_MAX], reply[DCMI_REPLY_MAX];
	size_t len = dcmi_request(DCMI_GET_LIMIT, data);
	int r = call(m, DCMI_GET_LIMIT, data, len, reply, &len);

	return r < 0 ? r : dcmi_parse_limit(reply, len, ret_limit);
}

/* The first time it is waited for, by the half that may: a cap is asked for once, not once a
 * second. */
static int ask_limit(struct machine *m, struct dcmi_limit *ret_limit)
{
	uint8_t reply[DCMI_REPLY_MAX];
	size_t len;
	int r = ask(m, DCMI_GET_LIMIT, reply, &len);

	if (r == -EAGAIN)
		return call_limit(m, ret_limit);
	return r < 0 ? r : dcmi_parse_limit(reply, len, ret_limit);
}

static int read_limit(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	struct dcmi_limit limit;
	int r = ask_limit(m, &limit);

	if (r < 0)
		return r;
	if (limit.watts <= 0)
		return -ENODATA;
	ret_value->number = limit.watts;
	return 0;
}

/* ---- the limit as a control ---- */

/* What there is to put back says so where it is not active. */
static const char inactive[] = "inactive";

static int limit_state(struct machine *m, const struct power_item *item, unsigned index,
		       struct power_value *ret_value)
{
	struct dcmi_limit limit;
	int r = call_limit(m, &limit);

	if (r < 0)
		return r;
	ret_value->number = limit.watts;
	snprintf(ret_value->text, sizeof(ret_value->text), "%s", limit.active ? "" : inactive);
	return 0;
}

/* Whether the controller takes so much it says when it is told. */
static int check_limit(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	int r = source_writable(m, machine_instance(m, POWER_BOARD, index), DEVICE);

	if (r < 0)
		return r;
	if (!isfinite(value->number) || (*value->text && !str_equal(value->text, inactive)))
		return -EINVAL;
	if (*value->text && value->number == 0)
		return 0;
	return value->number >= 1 && value->number <= DCMI_WATTS_MAX ? 0 : -ERANGE;
}

static int tell(struct machine *m, uint8_t command, const uint8_t *data, size_t len)
{
	uint8_t reply[DCMI_REPLY_MAX];
	int r = call(m, command, data, len, reply, &len);

	return r < 0 ? r : dcmi_parse_set(reply, len);
}

static int put_watts(struct machine *m, const struct dcmi_limit *beside, double watts)
{
	uint8_t data[DCMI_REQUEST_MAX];
	struct dcmi_limit limit = *beside;

	limit.watts = round(watts);
	return tell(m, DCMI_SET_LIMIT, data, dcmi_request_limit(&limit, data));
}

static int write_limit(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	uint8_t data[DCMI_REQUEST_MAX];
	struct dcmi_limit before;
	bool has_watts = value->number > 0;
	int r = call_limit(m, &before);

	if (r == 0 && has_watts)
		r = put_watts(m, &before, value->number);
	if (r < 0)
		return r;
	r = tell(m, DCMI_ACTIVATE_LIMIT, data, dcmi_request_active(!*value->text, data));
	if (r < 0 && has_watts && before.watts > 0)
		put_watts(m, &before, before.watts);
	return r;
}

static int read_active(struct machine *m, const struct power_item *item, unsigned index,
		       struct power_value *ret_value)
{
	struct dcmi_limit limit;
	int r = ask_limit(m, &limit);

	if (r == 0)
		ret_value->number = limit.active;
	return r;
}

/* The number of the source says where in struct dcmi_power the reading is. */
#define DCMI_POWER(item_name, item_help, item_unit, member)                                     \
	{                                                                                       \
		.name = item_name, .help = item_help, .domain = POWER_BOARD, .unit = item_unit, \
		.flags = POWER_SIGNAL | POWER_PRIVATE | POWER_GUARDED, .read = read_power,      \
		.more = &(const struct source)                                                  \
		{                                                                               \
			.file = DEVICE, .number = offsetof(struct dcmi_power, member)           \
		}                                                                               \
	}

static const struct power_item items[] = {
	DCMI_POWER("ipmi.power", "Power of the machine now, by DCMI.", POWER_WATTS, now_watts),
	DCMI_POWER("ipmi.power-min", "The least power of the period.", POWER_WATTS, min_watts),
	DCMI_POWER("ipmi.power-max", "The most power of the period.", POWER_WATTS, max_watts),
	DCMI_POWER("ipmi.power-mean", "The mean power of the period.", POWER_WATTS, mean_watts),
	DCMI_POWER("ipmi.period", "The time over which the controller takes them.", POWER_SECONDS,
		   period_seconds),
	{.name = "ipmi.limit",
	 .help = "The limit of power that the controller has, by DCMI; active when it is set.",
	 .domain = POWER_BOARD,
	 .unit = POWER_WATTS,
	 .flags = POWER_SIGNAL | POWER_CONTROL | POWER_GUARDED,
	 .read = read_limit,
	 .state = limit_state,
	 .check = check_limit,
	 .write = write_limit,
	 .more = &(const struct source){.file = DEVICE, .min = 1, .max = DCMI_WATTS_MAX}},
	{.name = "ipmi.limit-active",
	 .help = "Whether the controller enforces it.",
	 .domain = POWER_BOARD,
	 .unit = POWER_BOOLEAN,
	 .flags = POWER_SIGNAL | POWER_GUARDED,
	 .read = read_active,
	 .more = &(const struct source){.file = DEVICE}},
};

const struct backend backend_ipmi = {items, ARRAY_SIZE(items), NULL};
