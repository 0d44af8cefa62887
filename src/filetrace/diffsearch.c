/*
 * The search for a short edit from one text to the other; see diffint.h.
 *
 * Think of a grid: old lines from left to right, new lines downwards. A step to the right deletes a
 * line, a step down inserts one, and where both lines are equal a diagonal step is free. An edit is
 * a way from one corner to the other, and the shortest has the fewest steps that are not free.
 *
 * Two fronts grow towards each other, from both corners; each holds, by diagonal (x - y), how far
 * one gets with so many steps. Where they meet is a point of a shortest way. It divides the grid in
 * two, each of which is searched in the same manner, so that no way needs to be kept: space is
 * linear (Myers 1986, section 4b).
 *
 * Time is the product of length and steps, too much for long texts that differ in everything. So
 * there is an account of work. While there is some left, the way is a shortest one. After that a
 * search is given up after a few steps, and the grid is divided where a front got farthest: still a
 * right edit, since any point of the grid lies on one, only not the shortest.
 */
#include "filetrace/diffint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"

enum {
	WORK = 16 * 1024 * 1024, /* diagonals looked at and lines compared: about 0.1 s */
	COARSE_STEPS = 32, /* of a search when that is used up */
};

/* The lines that are left to be searched: of one side, those that the other has too. */
struct lines {
	uint32_t *ids, *where; /* where: in the side they are of */
	int32_t count;
};

struct search {
	struct diff *diff;
	struct lines lines[2];
	int32_t *forward, *backward; /* by diagonal; they point at diagonal 0 */
	int64_t work; /* what is left */
};

struct box {
	int32_t x0, x1, y0, y1; /* x1 and y1 exclusive */
};

struct point {
	int32_t x, y;
};

/* The diagonals that a front has reached: every second one. */
struct front {
	int32_t *at; /* x by diagonal */
	int32_t low, high;
};

/*
 * Widens a front by one diagonal at each side, or narrows it where that is out of the grid. What is
 * beside gets the value that no step comes from.
 */
static void widen(struct front *f, const struct box *b, int32_t none)
{
	if (f->low > b->x0 - b->y1)
		f->at[--f->low - 1] = none;
	else
		f->low++;
	if (f->high < b->x1 - b->y0)
		f->at[++f->high + 1] = none;
	else
		f->high--;
}

static bool reaches(const struct front *f, int32_t diagonal)
{
	return diagonal >= f->low && diagonal <= f->high;
}

/* One step of the front that comes from the first corner. True when it meets the other one. */
static bool step_forward(struct search *s, const struct box *b, struct front *f,
			 const struct front *other, bool may_meet, struct point *ret_point)
{
	const uint32_t *old = s->lines[0].ids, *new = s->lines[1].ids;

	widen(f, b, INT32_MIN);
	for (int32_t k = f->high; k >= f->low; k -= 2) {
		int32_t x = f->at[k - 1] < f->at[k + 1] ? f->at[k + 1] : f->at[k - 1] + 1;
		int32_t begin = x;

		while (x < b->x1 && x - k < b->y1 && old[x] == new[x - k])
			x++;
		f->at[k] = x;
		s->work -= 1 + x - begin;
		if (may_meet && reaches(other, k) && other->at[k] <= x) {
			*ret_point = (struct point){x, x - k};
			return true;
		}
	}
	return false;
}

/* The same from the last corner, to the left and upwards. */
static bool step_backward(struct search *s, const struct box *b, struct front *f,
			  const struct front *other, bool may_meet, struct point *ret_point)
{
	const uint32_t *old = s->lines[0].ids, *new = s->lines[1].ids;

	widen(f, b, INT32_MAX);
	for (int32_t k = f->high; k >= f->low; k -= 2) {
		int32_t x = f->at[k - 1] < f->at[k + 1] ? f->at[k - 1] : f->at[k + 1] - 1;
		int32_t begin = x;

		while (x > b->x0 && x - k > b->y0 && old[x - 1] == new[x - k - 1])
			x--;
		f->at[k] = x;
		s->work -= 1 + begin - x;
		if (may_meet && reaches(other, k) && x <= other->at[k]) {
			*ret_point = (struct point){x, x - k};
			return true;
		}
	}
	return false;
}

/* The point of diagonal @k at @x, or the last before it that is in the grid. */
static struct point clamp(const struct box *b, int32_t x, int32_t k)
{
	x = x < b->x0 ? b->x0 : x > b->x1 ? b->x1 : x;
	x = x - k < b->y0 ? b->y0 + k : x - k > b->y1 ? b->y1 + k : x;
	return (struct point){x, x - k};
}

/* Where either front is farthest from its corner. */
static struct point farthest(const struct box *b, const struct front *forward,
			     const struct front *backward)
{
	struct point best = {b->x0, b->y0};
	int64_t far = -1;

	for (int32_t k = forward->low; k <= forward->high; k += 2) {
		struct point p = clamp(b, forward->at[k], k);
		int64_t d = (int64_t)p.x - b->x0 + p.y - b->y0;

		if (d > far) {
			best = p;
			far = d;
		}
	}
	for (int32_t k = backward->low; k <= backward->high; k += 2) {
		struct point p = clamp(b, backward->at[k], k);
		int64_t d = (int64_t)b->x1 - p.x + b->y1 - p.y;

		if (d > far) {
			best = p;
			far = d;
		}
	}
	return best;
}

/* A point at which the grid is divided: of a shortest way, as long as there is work left. */
static struct point divide(struct search *s, const struct box *b)
{
	int32_t from = b->x0 - b->y0, to = b->x1 - b->y1;
	struct front forward = {s->forward, from, from}, backward = {s->backward, to, to};
	/* Both have made as many steps after a round, the first has one more within it. */
	bool odd = (from - to) & 1;
	struct point p;

	forward.at[from] = b->x0;
	backward.at[to] = b->x1;
	for (int32_t steps = 1;; steps++) {
		if (step_forward(s, b, &forward, &backward, odd, &p) ||
		    step_backward(s, b, &backward, &forward, !odd, &p))
			return p;
		if (s->work <= 0 && steps >= COARSE_STEPS)
			return farthest(b, &forward, &backward);
	}
}

static void mark(struct search *s, const struct box *b)
{
	for (int32_t x = b->x0; x < b->x1; x++)
		s->diff->side[0].changed[s->lines[0].where[x]] = true;
	for (int32_t y = b->y0; y < b->y1; y++)
		s->diff->side[1].changed[s->lines[1].where[y]] = true;
}

/* Takes away what is equal at both ends. */
static void shrink(const struct search *s, struct box *b)
{
	const uint32_t *old = s->lines[0].ids, *new = s->lines[1].ids;

	while (b->x0 < b->x1 && b->y0 < b->y1 && old[b->x0] == new[b->y0]) {
		b->x0++;
		b->y0++;
	}
	while (b->x0 < b->x1 && b->y0 < b->y1 && old[b->x1 - 1] == new[b->y1 - 1]) {
		b->x1--;
		b->y1--;
	}
}

static int64_t box_size(const struct box *b)
{
	return (int64_t)b->x1 - b->x0 + b->y1 - b->y0;
}

/* Marks what changed in @b. The smaller part is left to a call of itself, and the larger one to the
 * loop: the depth is logarithmic. */
static void search_box(struct search *s, struct box b)
{
	for (;;) {
		struct box first, second;
		struct point p;

		shrink(s, &b);
		if (b.x0 == b.x1 || b.y0 == b.y1)
			break;
		p = divide(s, &b);
		first = (struct box){b.x0, p.x, b.y0, p.y};
		second = (struct box){p.x, b.x1, p.y, b.y1};
		if (!box_size(&first) || !box_size(&second))
			break;
		if (box_size(&first) > box_size(&second)) {
			search_box(s, second);
			b = first;
		} else {
			search_box(s, first);
			b = second;
		}
	}
	mark(s, &b);
}

/* Which ids each side has, among the lines from @head to @tail before its end. */
enum { OF_OLD = 1, OF_NEW = 2, OF_BOTH = 3 };

static int collect(struct search *s, size_t side, const uint8_t *of, uint32_t head, uint32_t tail)
{
	struct diff_side *from = &s->diff->side[side];
	struct lines *l = &s->lines[side];
	size_t room = (size_t)from->count - head - tail + 1;

	l->ids = calloc(room, sizeof(*l->ids));
	l->where = calloc(room, sizeof(*l->where));
	if (!l->ids || !l->where)
		return -ENOMEM;
	for (uint32_t i = head; i < from->count - tail; i++) {
		/* A line that the other side has not is in no way a part of what stays. */
		if (of[from->ids[i]] != OF_BOTH) {
			from->changed[i] = true;
			continue;
		}
		l->ids[l->count] = from->ids[i];
		l->where[l->count++] = i;
	}
	return 0;
}

/* The lines that both sides have, but for those that are equal at both ends. */
static int collect_both(struct search *s)
{
	struct diff_side *old = &s->diff->side[0], *new = &s->diff->side[1];
	_cleanup_free_ uint8_t *of = calloc((size_t)s->diff->id_count + 1, 1);
	uint32_t least = old->count < new->count ? old->count : new->count, head = 0, tail = 0;
	int r;

	if (!of)
		return -ENOMEM;
	while (head < least && old->ids[head] == new->ids[head])
		head++;
	while (tail < least - head &&
	       old->ids[old->count - 1 - tail] == new->ids[new->count - 1 - tail])
		tail++;
	for (uint32_t i = head; i < old->count - tail; i++)
		of[old->ids[i]] |= OF_OLD;
	for (uint32_t i = head; i < new->count - tail; i++)
		of[new->ids[i]] |= OF_NEW;
	r = collect(s, 0, of, head, tail);
	return r < 0 ? r : collect(s, 1, of, head, tail);
}

static void search_deinit(struct search *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(s->lines); i++) {
		free(s->lines[i].ids);
		free(s->lines[i].where);
	}
}

int diff_search(struct diff *d)
{
	_cleanup_(search_deinit) struct search s = {.diff = d, .work = WORK};
	_cleanup_free_ int32_t *fronts = NULL;
	size_t diagonals;
	int r = collect_both(&s);

	if (r < 0)
		return r;
	/* From -(new + 1) to old + 1. */
	diagonals = (size_t)s.lines[0].count + s.lines[1].count + 3;
	fronts = calloc(2 * diagonals, sizeof(*fronts));
	if (!fronts)
		return -ENOMEM;
	s.forward = fronts + s.lines[1].count + 1;
	s.backward = s.forward + diagonals;
	search_box(&s, (struct box){0, s.lines[0].count, 0, s.lines[1].count});
	return 0;
}
