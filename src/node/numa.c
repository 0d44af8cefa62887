/*
 * NUMA nodes; see numa.h.
 */
#include "node/numa.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"
#include "node/cpulist.h"
#include "node/meminfo.h"
#include "rpc/json.h"

#define NODE_DIR "/sys/devices/system/node"

enum { FILE_BYTES_MAX = 64 * 1024, DISTANCE_MAX = 255 };

static int parse_distance(const char **text, unsigned *ret_distance)
{
	const char *p = *text;
	unsigned v = 0;

	for (; *p >= '0' && *p <= '9' && v <= DISTANCE_MAX; p++)
		v = v * 10 + (*p - '0');
	if (v == 0 || v > DISTANCE_MAX || (*p && *p != ' ' && *p != '\n'))
		return -EINVAL;
	while (*p == ' ' || *p == '\n')
		p++;
	*text = p;
	*ret_distance = v;
	return 0;
}

int numa_parse_distances(const char *text, json_t **ret_distances)
{
	_cleanup_json_ json_t *distances = json_array();
	unsigned v;

	while (*text) {
		int r = parse_distance(&text, &v);

		if (r < 0)
			return r;
		if (json_array_append_new(distances, json_integer(v)) < 0)
			return -ENOMEM;
	}
	if (!distances)
		return -ENOMEM;
	*ret_distances = take_ptr(distances);
	return 0;
}

static int read_file(const struct machine *m, unsigned node, const char *name, char **ret_text)
{
	char path[MACHINE_PATH_MAX];

	snprintf(path, sizeof(path), NODE_DIR "/node%u/%s", node, name);
	return machine_text(m, path, FILE_BYTES_MAX, ret_text);
}

/* The list as the kernel writes it, when it is one. */
static int read_cpus(const struct machine *m, unsigned node, char **ret_text)
{
	_cleanup_free_ char *text = NULL;
	struct cpulist list;
	int r = read_file(m, node, "cpulist", &text);

	if (r == 0)
		r = cpulist_parse(&list, text);
	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	*ret_text = take_ptr(text);
	return 0;
}

static uint64_t read_memory(const struct machine *m, unsigned node)
{
	_cleanup_free_ char *text = NULL;
	uint64_t bytes = 0;

	if (read_file(m, node, "meminfo", &text) == 0)
		meminfo_find(text, "MemTotal", &bytes);
	return bytes;
}

static int read_distances(const struct machine *m, unsigned node, json_t **ret_distances)
{
	_cleanup_free_ char *text = NULL;
	int r = read_file(m, node, "distance", &text);

	return r < 0 ? r : numa_parse_distances(text, ret_distances);
}

static int add_node(const struct machine *m, unsigned node, json_t *nodes)
{
	_cleanup_json_ json_t *distances = NULL;
	_cleanup_free_ char *cpus = NULL;
	json_t *j;

	if (read_distances(m, node, &distances) < 0)
		distances = json_array();
	if (read_cpus(m, node, &cpus) < 0)
		cpus = NULL;
	j = json_pack("{s:i, s:s, s:o, s:O}", "id", node, "cpus", cpus ? cpus : "", "memory_bytes",
		      json_uint(read_memory(m, node)), "distances", distances);
	return json_array_append_new(nodes, j) < 0 ? -ENOMEM : 0;
}

int numa_collect(const struct machine *m, json_t **ret_nodes)
{
	_cleanup_json_ json_t *nodes = json_array();
	struct cpulist online;
	int r = nodes ? 0 : -ENOMEM;

	cpulist_read(&online, m, NODE_DIR "/online");
	for (size_t node = bitmap_find_set(&online.map, 0); r == 0 && node < CPULIST_MAX;
	     node = bitmap_find_set(&online.map, node + 1))
		r = add_node(m, node, nodes);
	if (r < 0)
		return r;
	*ret_nodes = take_ptr(nodes);
	return 0;
}
