/*
 * How busy processors are, as a subtraction; see usage.h.
 */
#include "pwrapis/machine/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/time.h"

enum {
	SAMPLES = 8,
	TEXT_FIRST_BYTES = 16 * 1024,
	/* Lines of 8,192 processors. */
	TEXT_MAX_BYTES = 2 * 1024 * 1024,
	/* Columns of a processor that are counted; what guests use is in them already. */
	COLUMN_IDLE = 3,
	COLUMN_IOWAIT = 4,
};

/* Apart so far that the ring reaches over some seconds. */
#define SAMPLE_STEP_NS (250 * NS_PER_MS)

struct sample {
	uint64_t at_ns;
	struct usage_times *times; /* of @count processors */
	size_t count;
};

struct usage {
	int fd; /* of /proc/stat: opened once, read from its start each time */
	char *text;
	size_t room;
	struct usage_times *now; /* of USAGE_CPUS_MAX */
	size_t count;
	uint64_t step_ns;
	struct sample samples[SAMPLES];
	size_t next, sample_count;
};

int usage_new(int root_fd, struct usage **ret_usage)
{
	_cleanup_(usage_free_p) struct usage *u = calloc(1, sizeof(*u));
	int r;

	if (!u)
		return -ENOMEM;
	u->fd = -1;
	u->step_ns = SAMPLE_STEP_NS;
	u->room = TEXT_FIRST_BYTES;
	u->text = malloc(u->room);
	/* Pages that no processor needs are never touched. */
	u->now = calloc(USAGE_CPUS_MAX, sizeof(*u->now));
	if (!u->text || !u->now)
		return -ENOMEM;
	r = fs_open(root_fd, "/proc/stat", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &u->fd);
	if (r < 0)
		return r;
	*ret_usage = take_ptr(u);
	return 0;
}

void usage_set_step(struct usage *u, uint64_t step_ns)
{
	u->step_ns = step_ns;
}

void usage_free(struct usage *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < SAMPLES; i++)
		free(u->samples[i].times);
	cleanup_close_p(&u->fd);
	free(u->text);
	free(u->now);
	free(u);
}

void usage_free_p(struct usage **u)
{
	usage_free(*u);
}

static int grow_text(struct usage *u)
{
	char *text;

	if (u->room >= TEXT_MAX_BYTES)
		return -EFBIG;
	text = realloc(u->text, 2 * u->room);
	if (!text)
		return -ENOMEM;
	u->text = text;
	u->room *= 2;
	return 0;
}

/* Reads up to the end, or as far as there are processors: they stand before all else. */
static int read_text(struct usage *u)
{
	size_t len = 0;
	ssize_t n;
	int r;

	do {
		if (len + 1 == u->room && (r = grow_text(u)) < 0)
			return r;
		n = pread(u->fd, u->text + len, u->room - len - 1, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? n : 0;
		u->text[len] = '\0';
	} while (n != 0 && !strstr(u->text, "\nintr "));
	return 0;
}

static int parse_cpu(const char *p, struct usage_times times[USAGE_CPUS_MAX], size_t *count)
{
	struct usage_times one = {.present = true};
	uint64_t number;
	int r = parse_digits(&p, &number);

	if (r < 0 || number >= USAGE_CPUS_MAX)
		return r == -EINVAL ? -EBADMSG : -ERANGE;
	for (size_t i = 0; i < USAGE_TIMES; i++) {
		if (*p++ != ' ' || parse_digits(&p, &one.ticks[i]) < 0)
			return -EBADMSG;
	}
	if (*p != ' ' && *p != '\n' && *p)
		return -EBADMSG;
	for (; *count <= number; ++*count)
		times[*count].present = false;
	times[number] = one;
	return 0;
}

int usage_parse(const char *text, struct usage_times times[USAGE_CPUS_MAX], size_t *ret_count)
{
	size_t count = 0;
	int r = 0;

	while (r == 0 && *text) {
		/* "cpu0 …", but not "cpu  …", which is the sum. */
		if (str_starts(text, "cpu") && text[3] != ' ')
			r = parse_cpu(text + 3, times, &count);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (r == 0)
		*ret_count = count;
	return r;
}

static int take(struct usage *u)
{
	int r = read_text(u);

	return r < 0 ? r : usage_parse(u->text, u->now, &u->count);
}

/* The @back-th sample before the last one: < sample_count. */
static struct sample *sample_at(struct usage *u, size_t back)
{
	return &u->samples[(u->next + 2 * SAMPLES - 1 - back) % SAMPLES];
}

/* Keeps what was taken, unless the last sample is too young. */
static int keep(struct usage *u, uint64_t now_ns)
{
	struct sample *s = &u->samples[u->next];
	size_t bytes = u->count * sizeof(*u->now);

	if (u->sample_count && now_ns - sample_at(u, 0)->at_ns < u->step_ns)
		return 0;
	if (s->count != u->count || !s->times) {
		struct usage_times *times = realloc(s->times, bytes ? bytes : 1);

		if (!times)
			return -ENOMEM;
		s->times = times;
	}
	memcpy(s->times, u->now, bytes);
	s->count = u->count;
	s->at_ns = now_ns;
	u->next = (u->next + 1) % SAMPLES;
	if (u->sample_count < SAMPLES)
		u->sample_count++;
	return 0;
}

int usage_sample(struct usage *u, uint64_t now_ns)
{
	int r;

	if (u->sample_count && now_ns - sample_at(u, 0)->at_ns < u->step_ns)
		return 0;
	r = take(u);
	return r < 0 ? r : keep(u, now_ns);
}

static const struct sample *find_sample(struct usage *u, uint64_t now_ns, uint64_t window_ns)
{
	for (size_t back = 0; back < u->sample_count; back++)
		if (now_ns - sample_at(u, back)->at_ns >= window_ns)
			return sample_at(u, back);
	return NULL;
}

/* Busy and all ticks between two times. A column that went back, as iowait does, stands still. */
static void subtract(const struct usage_times *then, const struct usage_times *now,
		     uint64_t *ret_busy, uint64_t *ret_all)
{
	*ret_busy = *ret_all = 0;
	for (size_t i = 0; i < USAGE_TIMES; i++) {
		uint64_t ticks =
			now->ticks[i] > then->ticks[i] ? now->ticks[i] - then->ticks[i] : 0;

		*ret_all += ticks;
		*ret_busy += i == COLUMN_IDLE || i == COLUMN_IOWAIT ? 0 : ticks;
	}
}

/* Of the processor @i at @then, NULL for the boot; NULL when it is not known. */
static const struct usage_times *times_at(const struct sample *then, size_t i)
{
	static const struct usage_times boot = {.present = true};

	if (!then)
		return &boot;
	return i < then->count && then->times[i].present ? &then->times[i] : NULL;
}

static int compare(const struct usage *u, const struct sample *then, double *cpus, size_t room,
		   double *ret_average, size_t *ret_count)
{
	double busy_sum = 0, all_sum = 0;
	size_t count = u->count < room ? u->count : room;

	for (size_t i = 0; i < u->count; i++) {
		const struct usage_times *before = times_at(then, i);
		uint64_t busy, all = 0;

		if (u->now[i].present && before)
			subtract(before, &u->now[i], &busy, &all);
		if (i < room)
			cpus[i] = all ? (double)busy / all : -1;
		busy_sum += all ? busy : 0;
		all_sum += all;
	}
	if (all_sum == 0)
		return -ENODATA;
	*ret_average = busy_sum / all_sum;
	*ret_count = count;
	return 0;
}

int usage_read(struct usage *u, uint64_t now_ns, uint64_t window_ns, double *cpus, size_t room,
	       double *ret_average, size_t *ret_count)
{
	const struct sample *then;
	int r = take(u);

	if (r < 0)
		return r;
	then = find_sample(u, now_ns, window_ns);
	if (!then) {
		r = keep(u, now_ns);
		return r < 0 ? r : -EAGAIN;
	}
	r = compare(u, then, cpus, room, ret_average, ret_count);
	return r < 0 ? r : keep(u, now_ns);
}

int usage_read_boot(struct usage *u, double *cpus, size_t room, double *ret_average,
		    size_t *ret_count)
{
	int r = take(u);

	return r < 0 ? r : compare(u, NULL, cpus, room, ret_average, ret_count);
}
