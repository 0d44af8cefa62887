/*
 * Readers of powers: memory.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "node/cpulist.h"
#include "node/read.h"

#define MEMORY "/sys/devices/system/memory"
#define HUGE_PAGES "/sys/kernel/mm/hugepages"
#define TIERS "/sys/devices/virtual/memory_tiering"

enum { KIB_PER_MIB = 1024 };

void read_numa(const struct machine *m, const char *argument, struct finding *f)
{
	char line[MACHINE_LINE_MAX];
	struct cpulist nodes;
	size_t count;

	if (machine_line(m, line, sizeof(line), "/sys/devices/system/node/online") < 0 ||
	    cpulist_parse(&nodes, line) < 0) {
		finding_set(f, POWER_NO, "no list in /sys/devices/system/node/online");
		return;
	}
	count = bitmap_count(&nodes.map);
	finding_detail(f, "%zu node%s", count, count == 1 ? "" : "s");
	finding_set(f, count > 1 ? POWER_YES : POWER_NO, "/sys/devices/system/node/online says %s",
		    *line ? line : "nothing");
}

/* A number of base 16, without a prefix. */
static bool parse_hex(const char *text, uint64_t *ret_value)
{
	char *end;

	if (!*text || strlen(text) > 16 || strspn(text, "0123456789abcdefABCDEF") != strlen(text))
		return false;
	*ret_value = strtoull(text, &end, 16);
	return true;
}

static unsigned count_blocks(const struct machine *m)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, MEMORY);
	unsigned count = 0;

	for (char **name = names; name && *name; name++)
		count += str_starts(*name, "memory");
	return count;
}

void read_memory_hotplug(const struct machine *m, const char *argument, struct finding *f)
{
	char line[MACHINE_LINE_MAX], online[MACHINE_LINE_MAX];
	uint64_t bytes;

	if (machine_line(m, line, sizeof(line), MEMORY "/block_size_bytes") < 0 ||
	    !parse_hex(line, &bytes)) {
		finding_set(f, POWER_NO, "no number in " MEMORY "/block_size_bytes");
		return;
	}
	machine_line(m, online, sizeof(online), MEMORY "/auto_online_blocks");
	finding_detail(f, "%u blocks of %" PRIu64 " MiB, new ones %s", count_blocks(m), bytes >> 20,
		       *online ? online : "as somebody decides");
	finding_set(f, POWER_YES, MEMORY "/block_size_bytes is there");
}

/* "hugepages-2048kB": what the name says, for people. */
static void add_size(const char *name, struct finding *f)
{
	static const char begin[] = "hugepages-";
	_cleanup_free_ char *digits = NULL;
	char size[64];
	uint64_t kib;

	if (!str_starts(name, begin) || !str_ends(name, "kB"))
		return;
	digits = strndup(name + strlen(begin), strlen(name) - strlen(begin) - strlen("kB"));
	if (!digits || parse_u64(digits, 1, UINT32_MAX, &kib) < 0)
		return;
	if (kib >= KIB_PER_MIB * KIB_PER_MIB)
		snprintf(size, sizeof(size), "%" PRIu64 " GiB", kib / KIB_PER_MIB / KIB_PER_MIB);
	else if (kib >= KIB_PER_MIB)
		snprintf(size, sizeof(size), "%" PRIu64 " MiB", kib / KIB_PER_MIB);
	else
		snprintf(size, sizeof(size), "%" PRIu64 " KiB", kib);
	finding_list(f, ", ", size);
}

void read_huge_pages(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, HUGE_PAGES);
	char line[MACHINE_LINE_MAX], *chosen;

	for (char **name = names; name && *name; name++)
		add_size(*name, f);
	finding_set(f, f->detail[0] ? POWER_YES : POWER_NO, "%s in " HUGE_PAGES,
		    f->detail[0] ? "sizes" : "no size");
	/* "always [madvise] never" */
	machine_line(m, line, sizeof(line), "/sys/kernel/mm/transparent_hugepage/enabled");
	chosen = strchr(line, '[');
	if (!chosen || !strchr(chosen, ']'))
		return;
	*strchr(++chosen, ']') = '\0';
	finding_detail(f, "%stransparent: %s", f->detail[0] ? "; " : "", chosen);
}

void read_ksm(const struct machine *m, const char *argument, struct finding *f)
{
	static const char *const meanings[] = {"stopped", "merging", "stopped, all unmerged"};
	uint64_t run;

	if (machine_number(m, &run, "/sys/kernel/mm/ksm/run") < 0 || run >= ARRAY_SIZE(meanings)) {
		finding_set(f, POWER_NO, "/sys/kernel/mm/ksm/run does not say 0, 1 or 2");
		return;
	}
	finding_detail(f, "%s", meanings[run]);
	finding_set(f, POWER_YES, "/sys/kernel/mm/ksm/run says %u", (unsigned)run);
}

void read_tiers(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, TIERS);
	unsigned count = 0;

	for (char **name = names; name && *name; name++)
		count += str_starts(*name, "memory_tier");
	if (count)
		finding_detail(f, "%u tier%s", count, count == 1 ? "" : "s");
	finding_set(f, count > 1 ? POWER_YES : POWER_NO, "tiers in " TIERS ": %u", count);
}
