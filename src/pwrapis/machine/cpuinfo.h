/*
 * What the processors are: architecture, model, cores, and the nodes of memory they are near to.
 */
#ifndef PWRAPIS_MACHINE_CPUINFO_H
#define PWRAPIS_MACHINE_CPUINFO_H

#include <stdbool.h>

enum { CPUINFO_TEXT_BYTES = 128, CPUINFO_LIST_BYTES = 512, CPUINFO_NODES_MAX = 1024 };

struct cpuinfo_node {
	unsigned number;
	char cpus[CPUINFO_LIST_BYTES]; /* "0-3,8" */
};

/* What the machine does not tell is "" or 0. */
struct cpuinfo {
	char arch[CPUINFO_TEXT_BYTES]; /* as uname -m */
	char model[CPUINFO_TEXT_BYTES];
	bool big_endian;
	unsigned cpus; /* that there are, also off line */
	unsigned threads_per_core, cores_per_socket, sockets; /* of those on line */
	char online[CPUINFO_LIST_BYTES];
	double min_hz, max_hz; /* of the hardware, of all policies */
	struct cpuinfo_node *nodes;
	unsigned node_count;
};

/* -ENODATA when the machine does not tell which processors are on line. */
int cpuinfo_read(int root_fd, struct cpuinfo *ret_info);
void cpuinfo_deinit(struct cpuinfo *info);

/*
 * The model in the text of /proc/cpuinfo, of printable ASCII, cut to fit; Arm's numbers where there
 * is no name. "" when it does not say.
 */
void cpuinfo_parse_model(const char *text, char model[CPUINFO_TEXT_BYTES]);

#endif
