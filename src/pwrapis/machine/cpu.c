/*
 * Processors: which there are, whether they are on line, and where they belong.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "core/bitmap.h"
#include "pwrapis/machine/cpulist.h"
#include "pwrapis/machine/source.h"

#define ONLINE MACHINE_CPU_DIR "/online"

/* What the numbers of an instance are. */
enum { NUMBER_CPU, NUMBER_POLICY };

static int read_online(struct machine *m, const struct power_item *item, unsigned index,
		       struct power_value *ret_value)
{
	const struct instance *cpu = machine_instance(m, POWER_CPU, index);
	struct cpulist online;
	int r = cpulist_read(m->root_fd, ONLINE, &online);

	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	ret_value->number = bitmap_test(&online.map, cpu->number[NUMBER_CPU]);
	return 0;
}

static int read_policy(struct machine *m, const struct power_item *item, unsigned index,
		       struct power_value *ret_value)
{
	const struct instance *cpu = machine_instance(m, POWER_CPU, index);

	if (cpu->number[NUMBER_POLICY] < 0)
		return -EOPNOTSUPP;
	snprintf(ret_value->text, sizeof(ret_value->text), "policy%d", cpu->number[NUMBER_POLICY]);
	return 0;
}

static const struct power_item items[] = {
	{.name = "cpu.online",
	 .help = "Whether the kernel uses the processor.",
	 .domain = POWER_CPU,
	 .unit = POWER_BOOLEAN,
	 .flags = POWER_SIGNAL,
	 .read = read_online},
	{.name = "cpu.policy",
	 .help = "The policy of cpufreq that its frequency is of.",
	 .domain = POWER_CPU,
	 .unit = POWER_TEXT,
	 .flags = POWER_SIGNAL,
	 .read = read_policy},
	SOURCE_SIGNAL("cpu.package", "The number of its package, of the firmware's choice.",
		      POWER_CPU, POWER_NONE, .file = "topology/physical_package_id"),
	SOURCE_SIGNAL("cpu.core", "The number of its core, in its package.", POWER_CPU, POWER_NONE,
		      .file = "topology/core_id"),
};

/* Which policy each processor is of: also those off line, which are related still. */
static int map_policies(struct machine *m, short policy_of[MACHINE_CPUS_MAX])
{
	for (unsigned i = 0; i < machine_count(m, POWER_POLICY); i++) {
		const struct instance *policy = machine_instance(m, POWER_POLICY, i);
		int number = machine_numbered(policy->name, "policy", MACHINE_CPUS_MAX);
		_cleanup_(str_vector_free_p) char **words = NULL;
		char line[SOURCE_BYTES];

		if (source_line(m, policy, "related_cpus", line) < 0)
			continue;
		if (str_split(line, &words) < 0)
			return -ENOMEM;
		for (char **word = words; *word; word++) {
			int cpu = machine_numbered(*word, "", MACHINE_CPUS_MAX);

			if (cpu >= 0)
				policy_of[cpu] = number;
		}
	}
	return 0;
}

static int add_cpu(struct machine *m, unsigned number, int policy)
{
	char name[POWER_NAME_BYTES], path[INSTANCE_PATH_BYTES];
	struct instance *cpu;
	int r;

	snprintf(name, sizeof(name), "cpu%u", number);
	snprintf(path, sizeof(path), MACHINE_CPU_DIR "/cpu%u", number);
	r = machine_add(m, POWER_CPU, name, path, &cpu);
	if (cpu) {
		cpu->number[NUMBER_CPU] = number;
		cpu->number[NUMBER_POLICY] = policy;
	}
	return r;
}

static int look(struct machine *m)
{
	short policy_of[MACHINE_CPUS_MAX];
	struct cpulist present;
	int r;

	memset(policy_of, 0xff, sizeof(policy_of));
	if (cpulist_read(m->root_fd, MACHINE_CPU_DIR "/present", &present) < 0)
		return 0;
	r = map_policies(m, policy_of);
	for (size_t cpu = bitmap_find_set(&present.map, 0); r == 0 && cpu < MACHINE_CPUS_MAX;
	     cpu = bitmap_find_set(&present.map, cpu + 1))
		r = add_cpu(m, cpu, policy_of[cpu]);
	return r;
}

const struct backend backend_cpu = {items, ARRAY_SIZE(items), look};
