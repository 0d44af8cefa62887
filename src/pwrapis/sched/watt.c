/*
 * How many processors are active; see watt.h.
 */
#include "pwrapis/sched/watt.h"

#include "base/time.h"

#define HOLD_NS (WATT_HOLD_MS * NS_PER_MS)
#define HOLD_MAX_NS (WATT_HOLD_MAX_MS * NS_PER_MS)
#define BUSY_NS (WATT_BUSY_MS * NS_PER_MS)

/* ---- steps ---- */

static bool is_step(const struct watt *w, unsigned count)
{
	unsigned mask = w->attrs.mask ? w->attrs.mask : (1 << TOPOLOGY_LEVELS) - 1;

	for (enum topology_level level = 0; level < TOPOLOGY_LEVELS; level++)
		if (mask >> level & 1 && topology_ends(w->topology, count, level))
			return true;
	return count == w->topology->count;
}

/* The lowest span of @count or more. */
static unsigned step_from(const struct watt *w, unsigned count)
{
	while (count < w->topology->count && !is_step(w, count))
		count++;
	return count < w->topology->count ? count : w->topology->count;
}

/* ---- changes ---- */

/* Nothing is packed for a while: longer, when it was packed only just before. Further widening of
 * the same load is no other one. */
static void hold(struct watt *w, uint64_t now_ns)
{
	bool soon = now_ns - w->packed_ns < 2 * w->hold_ns;

	if (w->fresh)
		w->hold_ns = soon ? 2 * w->hold_ns : HOLD_NS;
	if (w->hold_ns > HOLD_MAX_NS)
		w->hold_ns = HOLD_MAX_NS;
	w->hold_until_ns = now_ns + w->hold_ns;
	w->fresh = false;
}

static bool change(struct watt *w, unsigned span, enum watt_reason reason)
{
	if (span == w->span)
		return false;
	w->span = span;
	w->reason = reason;
	w->change_count++;
	return true;
}

static bool widen(struct watt *w, uint64_t now_ns, unsigned least, enum watt_reason reason)
{
	if (w->fresh || now_ns >= w->hold_until_ns)
		hold(w, now_ns);
	return change(w, step_from(w, least), reason);
}

/* Twice, or one for each that runs or waits. */
static bool escape(struct watt *w, uint64_t now_ns, unsigned runnable)
{
	w->busy_until_ns = now_ns + BUSY_NS;
	return widen(w, now_ns, runnable > 2 * w->span ? runnable : 2 * w->span, WATT_ESCAPED);
}

/* ---- looks ---- */

bool watt_is_due(const struct watt *w, uint64_t now_ns)
{
	return now_ns - w->looked_ns >= w->attrs.interval_ns;
}

static bool pack(struct watt *w, uint64_t now_ns, double usage, double threshold)
{
	unsigned lower = step_from(w, 1);

	if (now_ns < w->hold_until_ns)
		return false;
	while (lower < w->span && usage * ((double)w->span / lower + 1) >= threshold)
		lower = step_from(w, lower + 1);
	if (lower >= w->span)
		return false;
	w->packed_ns = now_ns;
	w->fresh = true;
	return change(w, lower, WATT_PACKED);
}

bool watt_slow(struct watt *w, uint64_t now_ns, double usage)
{
	double threshold = w->attrs.threshold_percent / 100.0;

	w->looked_ns = now_ns;
	if (usage >= threshold)
		return watt_is_packed(w) && widen(w, now_ns, w->span + 1, WATT_BUSY);
	return pack(w, now_ns, usage, threshold);
}

bool watt_fast(struct watt *w, uint64_t now_ns, double usage, unsigned runnable)
{
	if (!watt_is_packed(w) || runnable <= w->span)
		return false;
	w->busy_until_ns = now_ns + BUSY_NS;
	if (usage < w->attrs.threshold_percent / 100.0)
		return false;
	return escape(w, now_ns, runnable);
}

bool watt_pressed(struct watt *w, uint64_t now_ns, unsigned runnable)
{
	if (!watt_is_packed(w))
		return false;
	w->busy_until_ns = now_ns + BUSY_NS;
	return runnable > w->span && escape(w, now_ns, runnable);
}

/* ---- the whole ---- */

void watt_start(struct watt *w, const struct topology *t, const struct watt_attrs *attrs,
		uint64_t now_ns)
{
	*w = (struct watt){
		.attrs = *attrs,
		.topology = t,
		.count = t->count,
		.span = t->count,
		.reason = WATT_STARTED,
		.looked_ns = now_ns,
		.hold_ns = HOLD_NS,
	};
}

void watt_move(struct watt *w, const struct topology *t)
{
	bool packed = watt_is_packed(w);

	w->topology = t;
	w->count = t->count;
	change(w, packed ? step_from(w, w->span) : t->count, WATT_HOTPLUG);
}

bool watt_is_packed(const struct watt *w)
{
	return w->span < w->count;
}

bool watt_is_busy(const struct watt *w, uint64_t now_ns)
{
	return watt_is_packed(w) && now_ns < w->busy_until_ns;
}

const char *watt_reason_text(enum watt_reason reason)
{
	static const char *const texts[WATT_REASONS] = {
		[WATT_STARTED] = "nothing has been seen yet",
		[WATT_BUSY] = "those before were busier than the threshold",
		[WATT_ESCAPED] = "tasks waited for those before",
		[WATT_PACKED] = "they are enough",
		[WATT_HOTPLUG] = "processors have come or gone",
	};

	return texts[reason];
}
