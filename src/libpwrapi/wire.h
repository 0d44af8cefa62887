/*
 * The published wire of PowerAPI, version 1.0: what a client and the daemon say to each other.
 *
 * A message is a head of 40 bytes and then head.data_bytes of data. Numbers and structures are in
 * the byte order and layout of the host: both ends are on one machine. The last 8 bytes of the head
 * are a pointer in the memory of whoever sent it; they mean nothing, are sent as zero by us, and
 * are never looked at. Of a client that does not keep to this, nothing is taken: wire_check().
 *
 * The table of operations says for each what its request may be, and whether it needs the control
 * token. Both ends use it.
 */
#ifndef LIBPWRAPI_WIRE_H
#define LIBPWRAPI_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_MAJOR = 1, WIRE_MINOR = 0, WIRE_FORMAT_BINARY = 0 };

/* A request carries at most the numbers of 5,000 processes, a reply those of the largest machine.
 */
enum { WIRE_REQUEST_MAX = 65536, WIRE_REPLY_MAX = 1 << 20 };

enum wire_type {
	WIRE_REQUEST = 1,
	WIRE_REPLY,
	WIRE_EVENT, /* operation WIRE_COM_EVENT: struct PWR_COM_EventInfo */
	WIRE_DATA, /* operation WIRE_COM_DATA: struct PWR_COM_CallbackData */
};

struct wire_head {
	uint8_t major, minor;
	uint16_t operation; /* enum wire_operation */
	uint8_t format;
	uint8_t type; /* enum wire_type */
	uint16_t result; /* enum PWR_RtnCode, of a reply */
	uint32_t sequence; /* of a request: the client's own; of its reply: the same */
	uint32_t task;
	uint32_t crc; /* 0: the format has the field and nobody fills it */
	uint32_t data_bytes;
	uint32_t system; /* process id of the client */
	char reserved[4];
	uint64_t pointer; /* of the sender; 0 */
};

enum wire_operation {
	WIRE_COM_CREATE_TASK = 10,
	WIRE_COM_DELETE_TASK,
	WIRE_COM_DATA,
	WIRE_COM_EVENT,
	WIRE_COM_REQUEST_CONTROL,
	WIRE_COM_RELEASE_CONTROL,
	WIRE_SYS_SET_POWER_STATE = 100,
	WIRE_SYS_GET_CAP,
	WIRE_SYS_SET_CAP,
	WIRE_SYS_GET_POWER,
	WIRE_SYS_GET_STATISTIC,
	WIRE_CPU_GET_INFO = 200,
	WIRE_CPU_GET_USAGE,
	WIRE_CPU_GET_PERF,
	WIRE_CPU_GET_FREQ_ABILITY,
	WIRE_CPU_GET_FREQ_RANGE,
	WIRE_CPU_SET_FREQ_RANGE,
	WIRE_CPU_GET_GOVERNOR,
	WIRE_CPU_SET_GOVERNOR,
	WIRE_CPU_GET_GOVERNOR_ATTRS,
	WIRE_CPU_GET_GOVERNOR_ATTR,
	WIRE_CPU_SET_GOVERNOR_ATTR,
	WIRE_CPU_GET_FREQ,
	WIRE_CPU_SET_FREQ,
	WIRE_CPU_GET_IDLE_INFO,
	WIRE_CPU_GET_IDLE_GOVERNOR,
	WIRE_CPU_SET_IDLE_GOVERNOR,
	WIRE_CPU_GET_LATENCY,
	WIRE_CPU_SET_LATENCY,
	WIRE_DISK_GET_IO_RATE = 300,
	WIRE_DISK_GET_LIST,
	WIRE_DISK_GET_LOAD,
	WIRE_DISK_GET_POWER_LEVEL,
	WIRE_DISK_SET_POWER_LEVEL,
	WIRE_DISK_GET_SCSI_POLICY,
	WIRE_DISK_SET_SCSI_POLICY,
	WIRE_NET_GET_INFO = 400,
	WIRE_NET_GET_THROUGHPUT,
	WIRE_NET_GET_SPEED,
	WIRE_NET_SET_SPEED,
	WIRE_USB_GET_AUTOSUSPEND = 500,
	WIRE_USB_SET_AUTOSUSPEND,
	WIRE_PROC_QUERY = 600,
	WIRE_PROC_GET_WATT_STATE,
	WIRE_PROC_SET_WATT_STATE,
	WIRE_PROC_GET_WATT_ATTRS,
	WIRE_PROC_SET_WATT_ATTRS,
	WIRE_PROC_GET_WATT_PROCS,
	WIRE_PROC_ADD_WATT_PROCS,
	WIRE_PROC_DELETE_WATT_PROCS,
	WIRE_PROC_GET_GRID_STATE,
	WIRE_PROC_SET_GRID_STATE,
	WIRE_PROC_GET_GRID_PROCS,
	WIRE_PROC_SET_GRID_LEVEL,
	WIRE_PROC_GET_GRID_GOVERNOR,
	WIRE_PROC_SET_GRID_GOVERNOR,
	WIRE_PROC_GET_SERVICE,
	WIRE_PROC_SET_SERVICE,
	WIRE_PROC_SET_WATT_FIRST_DOMAIN,
	WIRE_HBM_GET_STATE = 700,
	WIRE_HBM_SET_POWER,
};

struct wire_op {
	uint16_t operation;
	bool control; /* needs the control token */
	uint32_t request_min, request_max; /* bytes of data */
	uint32_t unit; /* bytes between min and max come in these; 0: any number */
	const char *name; /* "cpu.set-governor", for logs and access lists */
};

/* NULL when there is no such operation that a client may ask. */
const struct wire_op *wire_op(uint16_t operation);

/* All of them, in ascending order; for tests and documentation. */
const struct wire_op *wire_ops(size_t *ret_count);

/*
 * Whether the head of a request of process @pid can be answered. 0; -EPROTO when what follows
 * cannot be understood and the connection must end (version, format, type, size over
 * WIRE_REQUEST_MAX); -EPERM when it names another process, -EOPNOTSUPP for an operation that there
 * is not, -EINVAL for a size that the operation does not have: these are answered.
 */
int wire_check(const struct wire_head *head, uint32_t pid);

_Static_assert(sizeof(struct wire_head) == 40, "the published message is written with its pointer");
_Static_assert(offsetof(struct wire_head, sequence) == 8, "no padding");
_Static_assert(offsetof(struct wire_head, pointer) == 32, "no padding");

#endif
