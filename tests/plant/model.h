/*
 * The physics of a simulated machine: load, frequency, power, heat, fans, limits and sensors.
 *
 * The model goes forward in steps of one millisecond of its own time and knows no other clock, so
 * that the same shape, seed, load and writes give the same numbers always. Units are SI but for
 * frequencies, which are kHz where files have them and GHz where power is computed. What is true
 * is noise-free here; what sensors show of it is in struct sensor.
 *
 *	package = uncore + leakage(T) + sum over processors of share * C * V(f)^2 * f
 *	memory  = idle + a part for each unit of work that is done
 *	board   = rest + (packages + memory + fan) / efficiency of the supply
 *	heat    : C dT/dt = package - (T - air) * conductance(fan);  fan power: cube of its speed
 *
 * The parameters come from the seed (params.c). They are for this folder and for the log that is
 * read after a test, never for whoever controls the machine.
 */
#ifndef PLANT_MODEL_H
#define PLANT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "dice.h"

enum {
	MODEL_CPUS_MAX = 256,
	MODEL_PACKAGES_MAX = 8,
	MODEL_FREQS_MAX = 12,
	MODEL_IDLE_STATES = 3, /* POLL, C1, C6 */
	MODEL_STEP_NS = 1000 * 1000,
	MODEL_BACKLOG_S =
		10, /* of work that waits, for each processor; what is beyond is dropped */
};

enum governor {
	GOVERNOR_PERFORMANCE,
	GOVERNOR_POWERSAVE,
	GOVERNOR_USERSPACE,
	GOVERNOR_ONDEMAND,
	GOVERNOR_SCHEDUTIL,
	GOVERNORS,
};

enum idle_governor { IDLE_MENU, IDLE_TEO, IDLE_LADDER, IDLE_GOVERNORS };

enum fan_mode { FAN_FULL, FAN_MANUAL, FAN_AUTOMATIC };

/* What is asked for: everybody may know it. */
struct shape {
	unsigned cpus, packages, policy_cpus; /* policy_cpus divides cpus / packages */
	uint64_t seed;
	double energy_range_j; /* of counters; 0: as the seed has it */
};

/* What the seed has drawn: hidden. */
struct params {
	uint32_t khz[MODEL_FREQS_MAX]; /* ascending */
	unsigned freq_count;
	double volts_low, volts_per_ghz; /* at the lowest frequency, and above it */
	double farads[MODEL_CPUS_MAX]; /* W / (V^2 GHz) */
	double idle_share[MODEL_IDLE_STATES]; /* of the power of a busy processor */
	double leak_w, leak_per_k, uncore_w; /* of a package; leakage at 50 degrees */
	double memory_idle_w, memory_work_w; /* of a package, and of each busy processor */
	double board_w, efficiency;
	double nominal_w; /* of a package with everything busy at the highest frequency */
	double heat_j_per_k, conduct_still, conduct_fan, air_c;
	double fan_w, fan_rpm, fan_lag_s;
	double passive_c, critical_c;
	double meter_lag_s, meter_gain, meter_noise_w, meter_step_w;
	double rapl_lag_s, cap_lag_s, clamp_floor;
	double energy_unit_uj;
	uint64_t energy_units; /* where a counter starts anew */
};

struct cpu {
	bool online;
	double asked; /* processors' worth of work at the highest frequency: the load */
	double backlog_s; /* work that waits, in seconds at the highest frequency */
	double done_s, dropped_s; /* work, since the start */
	double busy; /* share of the last step */
	double busy_s, idle_s[MODEL_IDLE_STATES]; /* since the start */
	uint64_t idle_count[MODEL_IDLE_STATES];
	bool disabled[MODEL_IDLE_STATES];
};

struct policy {
	unsigned first, count, package;
	enum governor governor;
	uint32_t min_khz, max_khz, speed_khz;
	uint32_t target_khz; /* of the governor, within the range */
	double khz; /* what is left of it by all limits */
	double util; /* of the busiest processor, of the highest frequency */
	uint32_t rate_us;
	double up_threshold; /* ondemand's */
	uint64_t next_ns;
};

/* A limit of mean power over a window, by way of a frequency. */
struct limiter {
	double limit_w, window_s, mean_w;
};

struct energy {
	double joules; /* true */
	double watts;
};

struct package {
	struct limiter limits[2]; /* long_term, short_term */
	bool enabled, memory_enabled;
	double clamp, heat_clamp; /* shares of the highest frequency */
	double temp_c;
	struct energy cpu, memory;
	uint64_t throttled_ns;
};

struct sensor {
	double filtered_w, shown_w, interval_s;
	uint64_t next_ns;
};

struct model {
	struct shape shape;
	struct params params;
	struct dice noise;
	uint64_t now_ns;
	struct cpu cpus[MODEL_CPUS_MAX];
	struct policy policies[MODEL_CPUS_MAX];
	unsigned policy_count;
	struct package packages[MODEL_PACKAGES_MAX];
	struct energy board, fan;
	struct limiter cap;
	double cap_clamp, cap_min_w, cap_max_w;
	double fan_level, fan_speed; /* asked for, and reached: 0 to 1 */
	enum fan_mode fan_mode;
	enum idle_governor idle_governor;
	struct sensor meter;
};

/* -EINVAL for a shape that does not divide or is beyond the bounds. */
int model_init(struct model *m, const struct shape *shape);
/* As many whole steps as there are in @ns. */
void model_run(struct model *m, uint64_t ns);

/* What a counter of energy shows. */
uint64_t model_energy_uj(const struct model *m, double joules);
uint64_t model_energy_range_uj(const struct model *m);

double model_max_ghz(const struct model *m);
struct policy *model_policy_of(struct model *m, unsigned cpu);
unsigned model_package_of(const struct model *m, unsigned cpu);
/* Whether a processor of it is on line. */
bool model_policy_online(const struct model *m, const struct policy *p);
/* The share of the highest frequency that a processor has. */
double model_speed(struct model *m, unsigned cpu);

/* ---- within the model ---- */

void params_draw(struct params *p, const struct shape *shape, struct dice *d);
/* What the governor of the policy wants, when it is time for it. */
void governor_run(struct model *m, struct policy *p);
/* At once, after a write. */
void governor_kick(struct model *m, struct policy *p);
extern const char *const governor_names[GOVERNORS];

#endif
