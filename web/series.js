/*
 * Lines of the page Power: what was seen live, and what the service has kept. Pure; gets the
 * function that calls.
 *
 * Points of the service have the node's time, live ones the viewer's. The two clocks need not
 * agree: the newest point that the service has is taken to be of now.
 */
import {GRAPHS, lineName, linesOf, POWER, SPANS} from './powerwords.js';

const LIVE_MS = SPANS['10m'].ms;
/* Series that are asked for at once. */
const SERIES_MAX = 12;

export class Lines {
	#live = new Map(); /* graph and line: points */
	#kept = new Map();
	#keptSpan = null;

	/* Takes one look, as of @atMs. */
	add(readings, atMs) {
		for (const graph of GRAPHS)
			for (const {name, value} of linesOf(graph, readings))
				this.#push(`${graph.id}\n${name}`, {atMs, min: value, mean: value, max: value});
	}

	#push(key, point) {
		const points = this.#live.get(key) ?? [];

		points.push(point);
		while (points[0].atMs < point.atMs - LIVE_MS) points.shift();
		this.#live.set(key, points);
	}

	/* What the service has kept of @span: [{graph, name, points, statistics}]. */
	setKept(span, lines) {
		this.#keptSpan = span;
		this.#kept = new Map(lines.map((line) => [`${line.graph.id}\n${line.name}`, line]));
	}

	/*
	 * [{name, points, statistics}] of @graph, of the last @span before @nowMs. What is live has no
	 * statistics but those of its points, which would be older.
	 */
	of(graph, span, nowMs) {
		const from = nowMs - SPANS[span].ms;
		const kept = this.#keptSpan === span ? this.#kept : new Map();
		const isLive = span !== '24h';
		const live = isLive ? this.#live : new Map();
		const keys = new Set([...kept.keys(), ...live.keys()]);

		return [...keys]
			.filter((key) => key.startsWith(`${graph.id}\n`))
			.map((key) => ({
				name: key.split('\n')[1],
				points: join(kept.get(key)?.points ?? [], live.get(key) ?? []).filter(
					({atMs}) => atMs >= from,
				),
				statistics: (!isLive && kept.get(key)?.statistics) || null,
			}))
			.filter(({points}) => points.length > 0);
	}
}

/* Where both know something, what was seen live holds. */
function join(kept, live) {
	const begin = live[0]?.atMs ?? Infinity;

	return [...kept.filter(({atMs}) => atMs < begin), ...live];
}

/* ---- what the service has kept ---- */

/* [{graph, item, place, name}] out of a reply of ListSeries. */
function choose(series) {
	const found = [];

	for (const graph of GRAPHS) {
		const own = series
			.filter(({item}) => (graph.mean ? item === graph.mean : graph.takes(item)))
			.slice(0, graph.most);

		found.push(
			...own.map(({item, place}) => ({
				graph,
				item,
				place,
				name: lineName(graph, item, place),
			})),
		);
	}
	return found.slice(0, SERIES_MAX);
}

async function load(call, chosen, {ms, stepMs}) {
	const {item, place} = chosen;
	const [history, statistics] = await Promise.all([
		call(`${POWER}History`, {item, place, step_ns: stepMs * 1e6}),
		call(`${POWER}Statistics`, {item, place, window_ns: ms * 1e6}),
	]);

	return {
		...chosen,
		statistics,
		points: history.points.map((point) => ({...point, atMs: point.at_ns / 1e6})),
	};
}

/* Lets the newest of all points be of @nowMs. */
function align(lines, nowMs) {
	const newest = Math.max(...lines.map(({points}) => points.at(-1)?.atMs ?? -Infinity));
	const ahead = Number.isFinite(newest) ? nowMs - newest : 0;

	return lines.map((line) => ({
		...line,
		points: line.points.map((point) => ({...point, atMs: point.atMs + ahead})),
	}));
}

/* The lines of @span; those of a series that has gone meanwhile are left out. */
export async function keptLines(call, span, nowMs = Date.now()) {
	const {series} = await call(`${POWER}ListSeries`, {});
	const lines = await Promise.all(
		choose(series).map((chosen) =>
			load(call, chosen, SPANS[span]).catch((error) => {
				if (error.error === `${POWER}NoHistory`) return null;
				throw error;
			}),
		),
	);

	return align(lines.filter(Boolean), nowMs);
}
