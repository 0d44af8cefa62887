/*
 * Arithmetic of a graph: round numbers on its axes, and where a line of points breaks. Pure.
 */

const STEPS = [1, 2, 2.5, 5, 10, 20];
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/* A flat line is not at the edge of its graph. */
function widen(low, high) {
	if (high > low) return [low, high];
	const room = Math.abs(high) * 0.1 || 1;

	return [low - room, high + room];
}

/*
 * {low, high, ticks, places}: round numbers, at most @most steps of them, that hold all from @low
 * to @high; places: how many digits they have behind the point. What is never below 0 is not shown
 * below it.
 */
export function scale(low, high, most = 4) {
	const [from, to] = widen(low, high);
	const rough = (to - from) / most;
	const power = 10 ** Math.floor(Math.log10(rough));
	let ticks = [];
	let places = 0;

	for (const factor of STEPS) {
		const step = factor * power;
		const first = Math.floor(from / step + 1e-9);
		const last = Math.ceil(to / step - 1e-9);

		if (last - first > most) continue;
		places = Math.max(0, (factor === 2.5 ? 1 : 0) - Math.floor(Math.log10(factor * power)));
		for (let i = first; i <= last; i++) ticks.push(Number((i * step).toPrecision(12)));
		break;
	}
	if (low >= 0) ticks = ticks.filter((tick) => tick >= 0);
	return {low: ticks[0], high: ticks.at(-1), ticks, places};
}

/* The least and the greatest of all @points; null when there are none. */
export function extent(points) {
	let low = Infinity;
	let high = -Infinity;

	for (const point of points) {
		low = Math.min(low, point.min);
		high = Math.max(high, point.max);
	}
	return low <= high ? [low, high] : null;
}

/* Points in runs, at most @apartMs from one to the next: what was not measured is not drawn. */
export function runs(points, apartMs) {
	const found = [];

	for (const point of points) {
		const last = found.at(-1)?.at(-1);

		if (last && point.atMs - last.atMs <= apartMs) found.at(-1).push(point);
		else found.push([point]);
	}
	return found;
}

function clock(ms) {
	const date = new Date(ms);
	const two = (count) => String(count).padStart(2, '0');

	return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/* Whole hours in the viewer's zone, @count or fewer. */
function hourTicks(fromMs, toMs, count) {
	const hours = [1, 2, 3, 4, 6, 8, 12, 24].find(
		(step) => (toMs - fromMs) / HOUR_MS / step <= count,
	);
	const ticks = [];
	const at = new Date(fromMs);

	at.setMinutes(0, 0, 0);
	for (; at.getTime() <= toMs; at.setHours(at.getHours() + 1))
		if (at.getTime() >= fromMs && at.getHours() % (hours ?? 24) === 0)
			ticks.push({atMs: at.getTime(), text: clock(at)});
	return ticks;
}

/* [{atMs, text}]: how long ago, in spans that are looked at live; else hours. */
export function timeTicks(fromMs, toMs, count = 5) {
	const span = toMs - fromMs;

	if (span > 2 * HOUR_MS) return hourTicks(fromMs, toMs, count);
	const steps = [30_000, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS];
	const step = steps.find((ms) => span / ms <= count) ?? HOUR_MS;
	const words = (ago) =>
		ago % MINUTE_MS ? `−${ago / 1000} s` : `−${ago / MINUTE_MS} min`;
	const ticks = [];

	for (let ago = Math.floor(span / step) * step; ago >= 0; ago -= step)
		ticks.push({atMs: toMs - ago, text: ago === 0 ? 'now' : words(ago)});
	return ticks;
}
