/*
 * Frequencies of processors; see frequency.h.
 */
#include "pwrapis/frequency.h"

#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "pwrapis/items.h"

static void look_at_policy(struct frequency *f, struct machine *m, unsigned index)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	uint64_t cpu;

	if (machine_words(m, item_number(ITEM_PROCESSORS), index, &words) < 0)
		return;
	for (char **w = words; *w; w++) {
		if (parse_u64(*w, 0, FREQUENCY_CPUS_MAX - 1, &cpu) < 0)
			continue;
		f->policies[cpu] = index + 1;
		f->cpu_counts[index]++;
	}
}

void frequency_look(struct frequency *f, struct machine *m)
{
	unsigned count = machine_count(m, POWER_POLICY);

	memset(f, 0, sizeof(*f));
	f->policy_count = count < FREQUENCY_CPUS_MAX ? count : FREQUENCY_CPUS_MAX;
	for (unsigned i = 0; i < f->policy_count; i++)
		look_at_policy(f, m, i);
	f->mean = NAN;
}

void frequency_sample(struct frequency *f, struct machine *m)
{
	double sum = 0;
	unsigned known = 0;

	for (unsigned i = 0; i < f->policy_count; i++) {
		struct power_value value;

		f->hertz[i] = 0;
		if (!f->cpu_counts[i] ||
		    machine_read(m, item_number(ITEM_FREQUENCY), i, &value) < 0)
			continue;
		f->hertz[i] = (float)value.number;
		sum += value.number * f->cpu_counts[i];
		known += f->cpu_counts[i];
	}
	f->mean = known ? sum / known : NAN;
}

double frequency_of_cpu(const struct frequency *f, unsigned cpu)
{
	if (cpu >= FREQUENCY_CPUS_MAX || !f->policies[cpu])
		return 0;
	return f->hertz[f->policies[cpu] - 1];
}
