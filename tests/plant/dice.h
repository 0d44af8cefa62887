/*
 * Random numbers that a seed determines: the same on every machine and in every run.
 *
 * The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
 * 2014). It is for drawing parameters and noise, and no secret is safe with it.
 */
#ifndef PLANT_DICE_H
#define PLANT_DICE_H

#include <stdint.h>

struct dice {
	uint64_t state;
};

static inline uint64_t dice_u64(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* From @low up to @high, evenly. */
static inline double dice_between(struct dice *d, double low, double high)
{
	return low + (high - low) * (double)(dice_u64(d) >> 11) * 0x1p-53;
}

/* Mean 0, deviation 1, and never beyond 6: the sum of twelve even ones. */
static inline double dice_normal(struct dice *d)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += dice_between(d, 0, 1);
	return sum;
}

#endif
