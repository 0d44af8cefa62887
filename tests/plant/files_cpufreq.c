/*
 * /sys/devices/system/cpu/cpufreq: policies, as the kernel's core has them.
 *
 * A limit beyond the other one or the hardware is brought within, as by the kernel. The limits
 * count for the frequency at once, and so does another governor.
 */
#include <errno.h>

#include "base/def.h"
#include "tree.h"

#define CPU_DIR "sys/devices/system/cpu"

static struct policy *policy(struct plant *p, unsigned i)
{
	return &p->model.policies[i];
}

static uint32_t lowest(const struct plant *p)
{
	return p->model.params.khz[0];
}

static uint32_t highest(const struct plant *p)
{
	return p->model.params.khz[p->model.params.freq_count - 1];
}

static bool has_cpus(struct plant *p, unsigned i, unsigned j)
{
	return model_policy_online(&p->model, policy(p, i));
}

static void show_driver(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "plant-cpufreq\n");
}

static void show_governor(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%s\n", governor_names[policy(p, i)->governor]);
}

static int store_governor(struct plant *p, unsigned i, unsigned j, const char *text)
{
	int governor = store_word(text, governor_names, GOVERNORS);

	if (governor < 0)
		return governor;
	/* As it starts, userspace keeps the frequency. */
	policy(p, i)->speed_khz = policy(p, i)->target_khz;
	policy(p, i)->governor = governor;
	governor_kick(&p->model, policy(p, i));
	return 0;
}

static void show_governors(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_words(out, governor_names, GOVERNORS);
}

static void show_frequencies(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	for (unsigned n = p->model.params.freq_count; n-- > 0;)
		strbuf_addf(out, n ? "%u " : "%u\n", p->model.params.khz[n]);
}

static void show_current(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%.0f\n", policy(p, i)->khz);
}

static void show_min(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%u\n", policy(p, i)->min_khz);
}

static void show_max(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%u\n", policy(p, i)->max_khz);
}

static uint32_t within(const struct plant *p, long long khz)
{
	return khz < lowest(p) ? lowest(p) : khz > highest(p) ? highest(p) : khz;
}

static int store_min(struct plant *p, unsigned i, unsigned j, const char *text)
{
	struct policy *q = policy(p, i);
	long long khz;
	int r = store_number(text, 0, UINT32_MAX, &khz);

	if (r < 0)
		return r;
	q->min_khz = within(p, khz);
	if (q->min_khz > q->max_khz)
		q->min_khz = q->max_khz;
	governor_kick(&p->model, q);
	return 0;
}

static int store_max(struct plant *p, unsigned i, unsigned j, const char *text)
{
	struct policy *q = policy(p, i);
	long long khz;
	int r = store_number(text, 0, UINT32_MAX, &khz);

	if (r < 0)
		return r;
	q->max_khz = within(p, khz);
	if (q->min_khz > q->max_khz)
		q->min_khz = q->max_khz;
	governor_kick(&p->model, q);
	return 0;
}

static void show_hardware_min(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%u\n", lowest(p));
}

static void show_hardware_max(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%u\n", highest(p));
}

static void show_latency(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "10000\n");
}

static void show_speed(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	if (policy(p, i)->governor == GOVERNOR_USERSPACE)
		strbuf_addf(out, "%u\n", policy(p, i)->speed_khz);
	else
		strbuf_addf(out, "<unsupported>\n");
}

static int store_speed(struct plant *p, unsigned i, unsigned j, const char *text)
{
	long long khz;
	int r = store_number(text, 0, UINT32_MAX, &khz);

	if (r < 0)
		return r;
	if (policy(p, i)->governor != GOVERNOR_USERSPACE)
		return -EINVAL;
	policy(p, i)->speed_khz = khz;
	governor_kick(&p->model, policy(p, i));
	return 0;
}

static void show_cpus(struct plant *p, unsigned i, bool all, struct strbuf *out)
{
	const struct policy *q = policy(p, i);
	const char *space = "";

	for (unsigned c = q->first; c < q->first + q->count; c++)
		if (all || p->model.cpus[c].online) {
			strbuf_addf(out, "%s%u", space, c);
			space = " ";
		}
	strbuf_addf(out, "\n");
}

static void show_affected(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_cpus(p, i, false, out);
}

static void show_related(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_cpus(p, i, true, out);
}

static const struct attribute policy_files[] = {
	{"scaling_driver", 0444, show_driver, NULL, has_cpus},
	{"scaling_governor", 0644, show_governor, store_governor, has_cpus},
	{"scaling_available_governors", 0444, show_governors, NULL, has_cpus},
	{"scaling_available_frequencies", 0444, show_frequencies, NULL, has_cpus},
	{"scaling_cur_freq", 0444, show_current, NULL, has_cpus},
	{"scaling_min_freq", 0644, show_min, store_min, has_cpus},
	{"scaling_max_freq", 0644, show_max, store_max, has_cpus},
	{"scaling_setspeed", 0644, show_speed, store_speed, has_cpus},
	{"cpuinfo_min_freq", 0444, show_hardware_min, NULL, has_cpus},
	{"cpuinfo_max_freq", 0444, show_hardware_max, NULL, has_cpus},
	{"cpuinfo_transition_latency", 0444, show_latency, NULL, has_cpus},
	{"affected_cpus", 0444, show_affected, NULL, has_cpus},
	{"related_cpus", 0444, show_related, NULL, has_cpus},
};

/* ---- of governors, while they are at work ---- */

static bool is_ondemand(struct plant *p, unsigned i, unsigned j)
{
	return policy(p, i)->governor == GOVERNOR_ONDEMAND;
}

static bool is_schedutil(struct plant *p, unsigned i, unsigned j)
{
	return policy(p, i)->governor == GOVERNOR_SCHEDUTIL;
}

static void show_rate(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%u\n", policy(p, i)->rate_us);
}

static int store_rate(struct plant *p, unsigned i, unsigned j, const char *text)
{
	long long us;
	int r = store_number(text, 0, 10000000, &us);

	if (r == 0)
		policy(p, i)->rate_us = us;
	return r;
}

static void show_threshold(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%.0f\n", policy(p, i)->up_threshold * 100);
}

static int store_threshold(struct plant *p, unsigned i, unsigned j, const char *text)
{
	long long percent;
	int r = store_number(text, 1, 100, &percent);

	if (r == 0)
		policy(p, i)->up_threshold = percent / 100.;
	return r;
}

static const struct attribute schedutil_files[] = {
	{"rate_limit_us", 0644, show_rate, store_rate, is_schedutil},
};

static const struct attribute ondemand_files[] = {
	{"sampling_rate", 0644, show_rate, store_rate, is_ondemand},
	{"up_threshold", 0644, show_threshold, store_threshold, is_ondemand},
};

static const struct attribute schedutil_folder = {.there = is_schedutil};
static const struct attribute ondemand_folder = {.there = is_ondemand};
static const struct attribute policy_folder = {.there = has_cpus};

static void make_governor(struct maker *m, unsigned policy_number, const char *name,
			  const struct attribute *folder_row, const struct attribute *files,
			  size_t count)
{
	unsigned folder = make_folderf(m, CPU_DIR "/cpufreq/policy%u/%s",
				       m->tree->plant->model.policies[policy_number].first, name);

	make_files(m, folder, files, count, policy_number, 0);
	m->tree->nodes[folder].attribute = folder_row;
	m->tree->nodes[folder].i = policy_number;
}

static void make_policy(struct maker *m, unsigned number)
{
	const struct policy *q = &m->tree->plant->model.policies[number];
	unsigned folder = make_folderf(m, CPU_DIR "/cpufreq/policy%u", q->first);

	make_files(m, folder, policy_files, ARRAY_SIZE(policy_files), number, 0);
	m->tree->nodes[folder].attribute = &policy_folder;
	m->tree->nodes[folder].i = number;
	make_governor(m, number, "schedutil", &schedutil_folder, schedutil_files,
		      ARRAY_SIZE(schedutil_files));
	make_governor(m, number, "ondemand", &ondemand_folder, ondemand_files,
		      ARRAY_SIZE(ondemand_files));
	for (unsigned c = q->first; c < q->first + q->count; c++) {
		char path[TREE_PATH_BYTES], target[TREE_PATH_BYTES];

		snprintf(path, sizeof(path), CPU_DIR "/cpu%u/cpufreq", c);
		snprintf(target, sizeof(target), "../cpufreq/policy%u", q->first);
		make_link(m, path, target);
	}
}

void make_cpufreq(struct maker *m)
{
	for (unsigned i = 0; i < m->tree->plant->model.policy_count && m->error == 0; i++)
		make_policy(m, i);
}
