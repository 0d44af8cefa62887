/*
 * The plant goes on; see plant.h.
 */
#include "plant.h"

#include "base/time.h"

/* Load is looked at so often; and so much is made up for in one go. */
static const uint64_t slice_ns = 10 * NS_PER_MS, most_ns = 600 * NS_PER_S;

void plant_deinit(struct plant *p)
{
	throttle_deinit(&p->throttle);
	load_free(p->load);
	if (p->log)
		fclose(p->log);
}

static void run_slice(struct plant *p, uint64_t ns, uint64_t clock_ns)
{
	if (p->load)
		load_apply(p->load, &p->model, clock_ns, p->throttle.count > 0);
	model_run(&p->model, ns);
	if (p->log && p->model.now_ns >= p->log_next_ns)
		truth_write(p, clock_ns);
}

static void run(struct plant *p, uint64_t ns, uint64_t clock_ns)
{
	for (; ns >= slice_ns; ns -= slice_ns)
		run_slice(p, slice_ns, clock_ns);
	if (ns >= MODEL_STEP_NS)
		run_slice(p, ns, clock_ns);
}

void plant_run(struct plant *p, uint64_t ns)
{
	for (; ns >= slice_ns; ns -= slice_ns)
		run_slice(p, slice_ns, p->model.now_ns);
	run_slice(p, ns, p->model.now_ns);
}

void plant_catch_up(struct plant *p, uint64_t clock_ns)
{
	uint64_t due = (uint64_t)((clock_ns - p->start_ns) * p->scale) - p->slipped_ns;
	uint64_t behind = due > p->model.now_ns ? due - p->model.now_ns : 0;

	if (behind > most_ns) {
		p->slipped_ns += behind - most_ns;
		behind = most_ns;
	}
	run(p, behind, clock_ns);
	throttle_apply(&p->throttle, &p->model);
}
