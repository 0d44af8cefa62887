/*
 * Arithmetic of the virtual list: which rows are in view, and where they stand. Pure.
 *
 * Browsers do not lay out elements of more than some ten million pixels. A list that would be
 * taller gets TALLEST pixels, and the scroll bar then moves through the rows proportionally:
 * `scale` rows' pixels for each of its own.
 */
export const TALLEST = 12_000_000;

/* Rows beyond the edges that are kept ready, so that scrolling shows no gap. */
const OVERSCAN = 8;

export function geometry(count, rowHeight, viewHeight) {
	const whole = count * rowHeight;
	const height = Math.min(whole, TALLEST);
	const room = Math.max(0, height - viewHeight);

	return {
		count,
		rowHeight,
		viewHeight,
		height,
		scale: whole > TALLEST ? (whole - viewHeight) / room : 1,
	};
}

/* The pixel of the whole list that is at the top of the view. */
function topOf(g, scrollTop) {
	return Math.max(0, scrollTop) * g.scale;
}

/* First and last row to be shown, those kept ready included; last < first when there are none. */
export function range(g, scrollTop) {
	const top = topOf(g, scrollTop);
	const first = Math.floor(top / g.rowHeight) - OVERSCAN;
	const last = Math.floor((top + g.viewHeight) / g.rowHeight) + OVERSCAN;

	return {first: Math.max(0, first), last: Math.min(g.count - 1, last)};
}

/* Where row @index stands, in pixels of the scrolled element. */
export function place(g, index, scrollTop) {
	return index * g.rowHeight - topOf(g, scrollTop) + Math.max(0, scrollTop);
}

/* The scrollTop at which row @index is wholly in view, nearest to the present one. */
export function reveal(g, index, scrollTop) {
	const top = index * g.rowHeight;
	const now = topOf(g, scrollTop);

	if (top < now) return top / g.scale;
	if (top + g.rowHeight > now + g.viewHeight) return (top + g.rowHeight - g.viewHeight) / g.scale;
	return scrollTop;
}

/* Where a key leads from row @index (-1: none yet); null when it is no key of the list. */
export function step(g, index, key) {
	const page = Math.max(1, Math.floor(g.viewHeight / g.rowHeight) - 1);
	const moves = {
		ArrowDown: index + 1,
		ArrowUp: index - 1,
		j: index + 1,
		k: index - 1,
		PageDown: index + page,
		PageUp: index - page,
		Home: 0,
		End: g.count - 1,
	};

	if (!(key in moves) || g.count === 0) return null;
	return Math.min(g.count - 1, Math.max(0, moves[key]));
}
