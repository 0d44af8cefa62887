/*
 * What the driver of a network interface tells and takes: SIOCETHTOOL, on any socket.
 *
 * Reading needs no privilege; setting needs CAP_NET_ADMIN in the network namespace in which the
 * socket was made. The speeds that an interface offers to the other end are a mask of link modes,
 * of which most belong to one speed.
 */
#ifndef PWRAPIS_MACHINE_ETHTOOL_H
#define PWRAPIS_MACHINE_ETHTOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "pwrapis/machine/backend.h"

enum { ETHTOOL_WORDS = 7 }; /* of a mask, each of 32 modes: more than kernels have */

struct ethtool_modes {
	uint32_t words[ETHTOOL_WORDS];
};

struct ethtool_link {
	bool automatic; /* the speed is negotiated: only then something is offered */
	unsigned words; /* of a mask, of this kernel */
	struct ethtool_modes supported, offered;
};

struct ethtool_sleep {
	bool enabled; /* may sleep between frames */
	bool active; /* does so: the other end does, too */
};

/*
 * Asks the kernel; the command is as of linux/ethtool.h. -EOPNOTSUPP: this interface, or its
 * driver, does not have it. Where the machine is not the kernel's own (a folder), always.
 */
int ethtool_ask(struct machine *m, const char *name, void *command);

int ethtool_get_link(struct machine *m, const char *name, struct ethtool_link *ret_link);
/* Everything else of the link stays as it is. */
int ethtool_offer(struct machine *m, const char *name, const struct ethtool_modes *modes);

int ethtool_get_sleep(struct machine *m, const char *name, struct ethtool_sleep *ret_sleep);
int ethtool_let_sleep(struct machine *m, const char *name, bool enabled);

/* The highest speed among modes in Mbit/s; 0: none of them has one. */
uint32_t ethtool_speed(const struct ethtool_modes *modes);
/*
 * What to offer for a limit: of what is supported all speeds up to @mbit, and what is offered now
 * and is no speed. -ERANGE: nothing is supported that is so slow.
 */
int ethtool_limit(const struct ethtool_link *link, uint32_t mbit, struct ethtool_modes *ret_modes);

/* A mask as text, the highest word first: "0x2f"; and back: -EINVAL, also of modes that are not
 * supported. */
void ethtool_print(const struct ethtool_modes *modes, char text[POWER_TEXT_BYTES]);
int ethtool_parse(const char *text, const struct ethtool_modes *supported,
		  struct ethtool_modes *ret_modes);

#endif
