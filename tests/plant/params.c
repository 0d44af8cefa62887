/*
 * The hidden parameters of a machine, drawn from its seed; see model.h.
 *
 * Ranges are of machines as they are sold: a processor draws some ten watts when it is busy at its
 * highest frequency, leakage is a tenth of a package, a heat sink takes half a minute.
 */
#include <math.h>

#include "model.h"

enum { KHZ_PER_GHZ = 1000000 };

static double round_to(double value, double step)
{
	return round(value / step) * step;
}

static void draw_frequencies(struct params *p, struct dice *d)
{
	double low = dice_between(d, 0.8, 1.4), high = dice_between(d, 2.6, 3.8);

	p->freq_count = 8 + dice_u64(d) % (MODEL_FREQS_MAX - 8 + 1);
	for (unsigned i = 0; i < p->freq_count; i++)
		p->khz[i] =
			round_to(low + (high - low) * i / (p->freq_count - 1), 0.1) * KHZ_PER_GHZ +
			0.5;
	p->volts_low = dice_between(d, 0.62, 0.78);
	p->volts_per_ghz = (dice_between(d, 1.05, 1.25) - p->volts_low) / (high - low);
}

static double busy_watts(const struct params *p, double farads)
{
	double low = p->khz[0] * 1e-6, high = p->khz[p->freq_count - 1] * 1e-6;
	double volts = p->volts_low + p->volts_per_ghz * (high - low);

	return farads * volts * volts * high;
}

/* Processors of a kind differ by a few percent. */
static void draw_processors(struct params *p, const struct shape *shape, struct dice *d)
{
	double watts = dice_between(d, 7, 14), typical = watts / busy_watts(p, 1);

	for (unsigned i = 0; i < shape->cpus; i++)
		p->farads[i] = typical * dice_between(d, 0.96, 1.04);
	p->idle_share[0] = dice_between(d, 0.55, 0.7);
	p->idle_share[1] = dice_between(d, 0.1, 0.18);
	p->idle_share[2] = dice_between(d, 0.005, 0.02);
}

static void draw_package(struct params *p, const struct shape *shape, struct dice *d)
{
	unsigned cpus = shape->cpus / shape->packages;
	double dynamic = busy_watts(p, p->farads[0]) * cpus;

	p->leak_w = dynamic * dice_between(d, 0.08, 0.14);
	p->leak_per_k = dice_between(d, 0.008, 0.014);
	p->uncore_w = 2 + dynamic * dice_between(d, 0.08, 0.15);
	p->memory_idle_w = 1 + cpus * dice_between(d, 0.2, 0.5);
	p->memory_work_w = dice_between(d, 0.8, 2);
	p->nominal_w = dynamic + p->leak_w + p->uncore_w;
}

static void draw_heat(struct params *p, const struct shape *shape, struct dice *d)
{
	double conduct = p->nominal_w / dice_between(d, 38, 46);

	p->air_c = dice_between(d, 20, 28);
	p->conduct_still = conduct * dice_between(d, 0.4, 0.55);
	p->conduct_fan = conduct - p->conduct_still;
	p->heat_j_per_k = conduct * dice_between(d, 12, 30);
	p->fan_w = shape->packages * dice_between(d, 4, 9);
	p->fan_rpm = round_to(dice_between(d, 3000, 9000), 10);
	p->fan_lag_s = dice_between(d, 0.8, 2.5);
	p->passive_c = round_to(dice_between(d, 80, 90), 1);
	p->critical_c = p->passive_c + 15;
}

static void draw_sensors(struct params *p, const struct shape *shape, struct dice *d)
{
	double range_j;

	p->meter_lag_s = dice_between(d, 0.05, 0.3);
	p->meter_gain = dice_between(d, 0.993, 1.007);
	p->meter_noise_w = p->nominal_w * shape->packages * dice_between(d, 0.0005, 0.002);
	p->meter_step_w = dice_u64(d) & 1 ? 0.5 : 0.1;
	p->rapl_lag_s = dice_between(d, 0.008, 0.03);
	p->cap_lag_s = dice_between(d, 0.05, 0.2);
	p->clamp_floor = dice_between(d, 0.12, 0.2);
	p->energy_unit_uj = dice_u64(d) & 1 ? 1e6 / 65536 : 1e6 / 16384;
	range_j = shape->energy_range_j > 0 ? shape->energy_range_j
					    : p->energy_unit_uj * 4294967296. / 1e6;
	p->energy_units = range_j * 1e6 / p->energy_unit_uj;
}

void params_draw(struct params *p, const struct shape *shape, struct dice *d)
{
	*p = (struct params){};
	draw_frequencies(p, d);
	draw_processors(p, shape, d);
	draw_package(p, shape, d);
	draw_heat(p, shape, d);
	draw_sensors(p, shape, d);
	p->board_w = dice_between(d, 12, 30);
	p->efficiency = dice_between(d, 0.88, 0.95);
}
