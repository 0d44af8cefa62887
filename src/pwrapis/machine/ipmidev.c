/*
 * The kernel's device of the board's controller, and what DCMI tells through it; see ipmi.h.
 *
 * The ioctls queue a message and take one that is there; neither waits for the controller. Who may
 * open the device may ask the controller anything, power off included: usual kernels let only root,
 * and the privileged half asks nothing but what is in dcmi.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ipmi.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "base/def.h"
#include "base/fs.h"
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
	*ret_port = (struct ipmi_port){send_message, receive_message, close_device,
				       (void *)(intptr_t)fd};
	return 0;
}

static int ask(struct machine *m, uint8_t command, uint8_t reply[DCMI_REPLY_MAX], size_t *ret_len)
{
	struct ipmi_port port;
	int r = 0;

	if (!m->ipmi) {
		r = ipmi_open(m->root_fd, &port);
		if (r == 0)
			r = ipmi_new(&port, &m->ipmi);
	}
	return r < 0 ? r : ipmi_ask(m->ipmi, command, time_now_ns(CLOCK_MONOTONIC), reply, ret_len);
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

static int ask_limit(struct machine *m, struct dcmi_limit *ret_limit)
{
	uint8_t reply[DCMI_REPLY_MAX];
	size_t len;
	int r = ask(m, DCMI_GET_LIMIT, reply, &len);

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
	 .help = "The limit of power that the controller has, by DCMI.",
	 .domain = POWER_BOARD,
	 .unit = POWER_WATTS,
	 .flags = POWER_SIGNAL | POWER_GUARDED,
	 .read = read_limit,
	 .more = &(const struct source){.file = DEVICE}},
	{.name = "ipmi.limit-active",
	 .help = "Whether the controller enforces it.",
	 .domain = POWER_BOARD,
	 .unit = POWER_BOOLEAN,
	 .flags = POWER_SIGNAL | POWER_GUARDED,
	 .read = read_active,
	 .more = &(const struct source){.file = DEVICE}},
};

const struct backend backend_ipmi = {items, ARRAY_SIZE(items), NULL};
