/*
 * /sys/devices/system/cpu/cpuidle, and the idle states of each processor.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/def.h"
#include "tree.h"

#define CPU_DIR "sys/devices/system/cpu"

enum { US_PER_S = 1000000 };

static const struct {
	const char *name, *description;
	unsigned latency_us, residency_us;
} states[MODEL_IDLE_STATES] = {
	{"POLL", "simulated poll", 0, 0},
	{"C1", "simulated halt", 2, 4},
	{"C6", "simulated deep sleep", 130, 400},
};

static const char *const idle_governor_names[IDLE_GOVERNORS] = {
	[IDLE_MENU] = "menu",
	[IDLE_TEO] = "teo",
	[IDLE_LADDER] = "ladder",
};

static void show_driver(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "plant_idle\n");
}

static void show_governor(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%s\n", idle_governor_names[p->model.idle_governor]);
}

static int store_governor(struct plant *p, unsigned i, unsigned j, const char *text)
{
	int governor = store_word(text, idle_governor_names, IDLE_GOVERNORS);

	if (governor < 0)
		return governor;
	p->model.idle_governor = governor;
	return 0;
}

static void show_governors(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_words(out, idle_governor_names, IDLE_GOVERNORS);
}

static const struct attribute machine_files[] = {
	{"current_driver", 0444, show_driver, NULL, NULL},
	{"current_governor", 0644, show_governor, store_governor, NULL},
	{"current_governor_ro", 0444, show_governor, NULL, NULL},
	{"available_governors", 0444, show_governors, NULL, NULL},
};

static void show_name(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%s\n", states[j].name);
}

static void show_description(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%s\n", states[j].description);
}

static void show_latency(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%u\n", states[j].latency_us);
}

static void show_residency(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%u\n", states[j].residency_us);
}

static void show_time(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%" PRIu64 "\n", (uint64_t)(p->model.cpus[i].idle_s[j] * US_PER_S));
}

static void show_usage(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%" PRIu64 "\n", p->model.cpus[i].idle_count[j]);
}

static void show_disabled(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%d\n", p->model.cpus[i].disabled[j]);
}

static int store_disabled(struct plant *p, unsigned i, unsigned j, const char *text)
{
	return store_flag(text, &p->model.cpus[i].disabled[j]);
}

static const struct attribute state_files[] = {
	{"name", 0444, show_name, NULL, NULL},
	{"desc", 0444, show_description, NULL, NULL},
	{"latency", 0444, show_latency, NULL, NULL},
	{"residency", 0444, show_residency, NULL, NULL},
	{"time", 0444, show_time, NULL, NULL},
	{"usage", 0444, show_usage, NULL, NULL},
	{"disable", 0644, show_disabled, store_disabled, NULL},
};

void make_idle(struct maker *m)
{
	unsigned cpus = m->tree->plant->model.shape.cpus;

	make_files(m, make_folder(m, CPU_DIR "/cpuidle"), machine_files, ARRAY_SIZE(machine_files),
		   0, 0);
	for (unsigned i = 0; i < cpus; i++)
		for (unsigned j = 0; j < MODEL_IDLE_STATES; j++)
			make_files(m, make_folderf(m, CPU_DIR "/cpu%u/cpuidle/state%u", i, j),
				   state_files, ARRAY_SIZE(state_files), i, j);
}
