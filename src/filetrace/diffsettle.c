/*
 * Where marked runs are shown; see diffint.h.
 *
 * When the line behind a run is equal to the run's first line, the run can as well begin and end
 * one line later: the same edit, told differently. Whoever adds a paragraph to a list of them wants
 * to see that paragraph, and not the end of one and the beginning of the next.
 */
#include "filetrace/diffint.h"

/* A run of one side, [start, end), and the line of the other side that @end stays equal to. */
struct run {
	struct diff_side *side;
	const struct diff_side *other;
	uint32_t start, end, opposite;
};

static void to_start(struct run *r)
{
	while (r->start && r->side->changed[r->start - 1])
		r->start--;
}

static void to_end(struct run *r)
{
	while (r->side->changed[r->end])
		r->end++;
}

static void pass_changed(struct run *r)
{
	while (r->other->changed[r->opposite])
		r->opposite++;
}

/* One line up, when that means the same; what is met there becomes part of it. */
static bool move_up(struct run *r)
{
	if (!r->start || r->side->ids[r->start - 1] != r->side->ids[r->end - 1])
		return false;
	r->side->changed[--r->start] = true;
	r->side->changed[--r->end] = false;
	to_start(r);
	do
		r->opposite--;
	while (r->other->changed[r->opposite]);
	return true;
}

static bool move_down(struct run *r)
{
	if (r->end == r->side->count || r->side->ids[r->start] != r->side->ids[r->end])
		return false;
	r->side->changed[r->start++] = false;
	r->side->changed[r->end++] = true;
	to_end(r);
	r->opposite++;
	pass_changed(r);
	return true;
}

/* Whether the other side has a run at the same place. */
static bool is_beside(const struct run *r)
{
	return r->other->changed[(int64_t)r->opposite - 1];
}

static void settle_run(struct run *r)
{
	uint32_t size, beside;

	/* A run that has grown, by meeting another, may have farther to go. */
	do {
		size = r->end - r->start;
		while (move_up(r))
			;
		beside = is_beside(r) ? r->end : UINT32_MAX;
		while (move_down(r))
			if (is_beside(r))
				beside = r->end;
	} while (size != r->end - r->start);
	while (beside != UINT32_MAX && r->end > beside && move_up(r))
		;
}

static void settle_side(struct diff_side *side, const struct diff_side *other)
{
	struct run r = {.side = side, .other = other};

	while (r.end < side->count) {
		pass_changed(&r);
		r.start = r.end;
		to_end(&r);
		if (r.start < r.end)
			settle_run(&r);
		/* The line behind, and its equal. */
		if (r.end < side->count) {
			r.end++;
			r.opposite++;
		}
	}
}

void diff_settle(struct diff *d)
{
	settle_side(&d->side[0], &d->side[1]);
	settle_side(&d->side[1], &d->side[0]);
}
