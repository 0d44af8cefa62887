/*
 * The log of what is true, without noise; see plant.h.
 *
 * Comments first: all that the seed has drawn. Then a line of names, and lines of numbers with
 * commas: time of the plant and of CLOCK_MONOTONIC, watts and joules of the board, the fan, each
 * package and its memory, temperatures, mean frequency, work done, waiting and dropped.
 */
#include <inttypes.h>

#include "base/def.h"
#include "plant.h"

static void write_params(FILE *f, const struct params *p)
{
	const struct {
		const char *name;
		double value;
	} list[] = {
		{"volts-low", p->volts_low},
		{"volts-per-ghz", p->volts_per_ghz},
		{"idle-share-0", p->idle_share[0]},
		{"idle-share-1", p->idle_share[1]},
		{"idle-share-2", p->idle_share[2]},
		{"leak-w", p->leak_w},
		{"leak-per-k", p->leak_per_k},
		{"uncore-w", p->uncore_w},
		{"memory-idle-w", p->memory_idle_w},
		{"memory-work-w", p->memory_work_w},
		{"board-w", p->board_w},
		{"efficiency", p->efficiency},
		{"nominal-w", p->nominal_w},
		{"heat-j-per-k", p->heat_j_per_k},
		{"conduct-still", p->conduct_still},
		{"conduct-fan", p->conduct_fan},
		{"air-c", p->air_c},
		{"fan-w", p->fan_w},
		{"fan-lag-s", p->fan_lag_s},
		{"meter-lag-s", p->meter_lag_s},
		{"meter-gain", p->meter_gain},
		{"meter-noise-w", p->meter_noise_w},
		{"meter-step-w", p->meter_step_w},
		{"rapl-lag-s", p->rapl_lag_s},
		{"cap-lag-s", p->cap_lag_s},
		{"clamp-floor", p->clamp_floor},
		{"energy-unit-uj", p->energy_unit_uj},
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		fprintf(f, "# %s %.9g\n", list[i].name, list[i].value);
}

void truth_begin(struct plant *p)
{
	const struct shape *s = &p->model.shape;

	if (!p->log)
		return;
	fprintf(p->log, "# simulated plant: seed %" PRIu64 ", %u cpus, %u packages, scale %g\n",
		s->seed, s->cpus, s->packages, p->scale);
	write_params(p->log, &p->model.params);
	for (unsigned i = 0; i < s->cpus; i++)
		fprintf(p->log, "# farads-%u %.9g\n", i, p->model.params.farads[i]);
	fprintf(p->log, "time_s,clock_s,board_w,board_j,fan_w");
	for (unsigned i = 0; i < s->packages; i++)
		fprintf(p->log, ",cpu%u_w,cpu%u_j,cpu%u_c,memory%u_w,memory%u_j", i, i, i, i, i);
	fprintf(p->log, ",mean_ghz,done_s,waiting_s,dropped_s\n");
}

static void write_work(FILE *f, struct model *m)
{
	double ghz = 0, done = 0, waiting = 0, dropped = 0;

	for (unsigned i = 0; i < m->shape.cpus; i++) {
		ghz += model_speed(m, i) * model_max_ghz(m) / m->shape.cpus;
		done += m->cpus[i].done_s;
		waiting += m->cpus[i].backlog_s;
		dropped += m->cpus[i].dropped_s;
	}
	fprintf(f, ",%.4f,%.6f,%.6f,%.6f\n", ghz, done, waiting, dropped);
}

void truth_write(struct plant *p, uint64_t clock_ns)
{
	struct model *m = &p->model;

	p->log_next_ns = m->now_ns + p->log_every_ns;
	fprintf(p->log, "%.3f,%.3f,%.4f,%.4f,%.4f", m->now_ns * 1e-9, clock_ns * 1e-9,
		m->board.watts, m->board.joules, m->fan.watts);
	for (unsigned i = 0; i < m->shape.packages; i++) {
		const struct package *k = &m->packages[i];

		fprintf(p->log, ",%.4f,%.4f,%.3f,%.4f,%.4f", k->cpu.watts, k->cpu.joules, k->temp_c,
			k->memory.watts, k->memory.joules);
	}
	write_work(p->log, m);
}

void truth_end(struct plant *p, uint64_t clock_ns)
{
	if (!p->log)
		return;
	truth_write(p, clock_ns);
	if (p->slipped_ns)
		fprintf(p->log, "# slipped-s %.3f\n", p->slipped_ns * 1e-9);
	fflush(p->log);
}
