/*
 * ring: prints the next ten samples of power, energy and usage that leonhard-pwrapis shares in
 * memory.
 *
 *     cc ring.c $(pkg-config --cflags pwrapi) -o ring
 *     ./ring [SOCKET]
 */
#include <stdio.h>
#include <string.h>

#include <powerring.h>

enum { SAMPLES = 10 };

static void print_part(const struct powerring_sample *s, int part, const char *name)
{
	if (s->known & ((uint64_t)POWERRING_BOARD_WATTS << part))
		printf("  %s %7.2f W", name, s->watts[part]);
	if (s->known & ((uint64_t)POWERRING_BOARD_JOULES << part))
		printf(" %10.2f J", s->joules[part]);
}

static void print_sample(const struct powerring_sample *s)
{
	printf("%6llu", (unsigned long long)s->number);
	print_part(s, POWERRING_BOARD, "board");
	print_part(s, POWERRING_PROCESSORS, "processors");
	print_part(s, POWERRING_MEMORY, "memory");
	if (s->known & POWERRING_USAGE)
		printf("  usage %5.1f %%", s->usage * 100);
	if (s->known == 0)
		printf("  this machine tells nothing");
	printf("\n");
}

/* At most @left of those behind *@number: how many, or a negative errno. */
static int print_new(const struct powerring *ring, uint64_t *number, int left)
{
	struct powerring_sample samples[SAMPLES];
	size_t count;

	if (powerring_has_ended(ring))
		return -ECONNRESET;
	count = powerring_since(ring, *number, samples, left, NULL);
	for (size_t i = 0; i < count; i++)
		print_sample(&samples[i]);
	if (count)
		*number = samples[count - 1].number;
	return (int)count;
}

int main(int argc, char **argv)
{
	struct powerring ring;
	uint64_t number;
	int left = SAMPLES, r = powerring_open(argc > 1 ? argv[1] : NULL, &ring);

	if (r < 0) {
		fprintf(stderr, "ring: cannot open: %s\n", strerror(-r));
		return 1;
	}
	number = powerring_latest_number(&ring);
	while (r >= 0 && left > 0) {
		r = print_new(&ring, &number, left);
		left -= r;
		usleep(20000);
	}
	if (r < 0)
		fprintf(stderr, "ring: %s\n", strerror(-r));
	powerring_close(&ring);
	return r < 0;
}
