/*
 * A graph of lines over time, as SVG: axes with round numbers and units, lines that differ by
 * dashes as well as colours, a sentence for who does not see it, and the numbers behind it as a
 * table.
 *
 * It is drawn anew only while it can be seen: not while it is scrolled out of view or the page is
 * hidden.
 */
import {h} from './dom.js';
import {extent, runs, scale, timeTicks} from './scale.js';

const HEIGHT = 168;
const LEFT = 62;
const RIGHT = 12;
const TOP = 8;
const BOTTOM = 22;
const TICK_PX = 110;
const ROWS = 12;

function svg(tag, attributes = {}, ...children) {
	const element = document.createElementNS('http://www.w3.org/2000/svg', tag);

	for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
	element.append(...children);
	return element;
}

const px = (number) => number.toFixed(1);

/* The point of @points that holds at @atMs: the newest before, if it is not old. */
function pointAt(points, atMs, apartMs) {
	const found = points.findLast((point) => point.atMs <= atMs);

	return found && atMs - found.atMs <= apartMs ? found : null;
}

export class Graph {
	#title;
	#format;
	#shown;
	#range;
	#gapMs;
	#lines = [];
	#frame = {fromMs: 0, toMs: 1, stepMs: 1000};
	#isSeen = false;
	#isStale = false;
	#parts = {};
	element;

	/*
	 * @format(value): a number with its unit, in words. @shown: {sign, of(value)}, what the axis
	 * has, so that its numbers are round in the unit that is shown. @range: what it holds in any
	 * case. @gapMs: so far apart points may be and still belong together.
	 */
	constructor({id, title, format, shown, range = [], gapMs = 0, signal}) {
		const parts = this.#parts;

		this.#title = title;
		this.#format = format;
		this.#shown = shown;
		this.#gapMs = gapMs;
		this.#range = range.map((value) => ({min: value, max: value}));
		parts.svg = svg('svg', {class: 'graph', role: 'img', height: HEIGHT});
		parts.legend = h('ul', {class: 'legend'});
		parts.numbers = h('div', {
			class: 'scroll',
			tabindex: '0',
			role: 'group',
			'aria-label': `${title} in numbers`,
		});
		parts.details = h(
			'details',
			{class: 'numbers', ontoggle: () => parts.details.open && this.#tabulate()},
			h('summary', {text: 'Numbers'}),
			parts.numbers,
		);
		this.element = h(
			'section',
			{class: `card graph-card graph-${id}`, 'aria-labelledby': `graph-${id}`},
			h('h2', {id: `graph-${id}`, text: title}),
			parts.svg,
			parts.legend,
			parts.details,
		);
		this.#watchVisibility(signal);
	}

	#watchVisibility(signal) {
		const resize = new ResizeObserver(() => this.#drawSoon());
		const seen = new IntersectionObserver(([entry]) => {
			this.#isSeen = entry.isIntersecting;
			if (this.#isStale) this.#drawSoon();
		});

		resize.observe(this.element);
		seen.observe(this.element);
		document.addEventListener('visibilitychange', () => this.#isStale && this.#drawSoon(), {
			signal,
		});
		signal.addEventListener('abort', () => {
			resize.disconnect();
			seen.disconnect();
		});
	}

	/*
	 * @lines: [{name, points: [{atMs, min, mean, max}], statistics}]; @frame: {fromMs, toMs,
	 * stepMs}.
	 */
	set(lines, frame) {
		this.#lines = lines;
		this.#frame = frame;
		this.#drawSoon();
	}

	/* What is shown is of another time, or there is more of it: numbers that are open are, too. */
	renew() {
		if (this.#parts.details.open) this.#tabulate();
	}

	/* The farthest that two points of one run are apart. */
	#apart() {
		return Math.max(this.#frame.stepMs * 2.5, this.#gapMs);
	}

	#drawSoon() {
		this.#isStale = true;
		if (!this.#isSeen || document.hidden) return;
		requestAnimationFrame(() => {
			if (!this.#isStale || !this.element.isConnected) return;
			this.#isStale = false;
			this.#draw();
		});
	}

	/* ---- drawing ---- */

	#draw() {
		const width = Math.floor(this.#parts.svg.getBoundingClientRect().width);
		const points = this.#lines.flatMap((line) => line.points);
		const bounds = points.length > 0 ? extent([...points, ...this.#range]) : null;

		this.#parts.svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
		this.#parts.svg.setAttribute('aria-label', this.#words());
		this.#tellLegend();
		if (!bounds || width < LEFT + RIGHT + 40) {
			this.#parts.svg.replaceChildren();
			return;
		}
		const axis = scale(...bounds.map(this.#shown.of));
		const at = this.#placer(axis, width);

		this.#parts.svg.replaceChildren(
			...this.#rules(axis, at, width),
			...this.#times(at, width),
			...this.#lines.flatMap((line, i) => this.#line(line, i, at)),
		);
	}

	#placer({low, high}, width) {
		const {fromMs, toMs} = this.#frame;
		const across = (width - LEFT - RIGHT) / (toMs - fromMs);
		const up = (HEIGHT - TOP - BOTTOM) / (high - low);

		return {
			x: (ms) => LEFT + (ms - fromMs) * across,
			y: (number) => HEIGHT - BOTTOM - (number - low) * up,
		};
	}

	#rules({ticks, places}, {y}, width) {
		const rule = (at) =>
			svg('line', {class: 'rule', x1: LEFT, x2: width - RIGHT, y1: px(at), y2: px(at)});

		return ticks.flatMap((tick) => [
			rule(y(tick)),
			svg(
				'text',
				{class: 'tick', x: LEFT - 6, y: px(y(tick) + 4), 'text-anchor': 'end'},
				`${tick.toFixed(places)} ${this.#shown.sign}`,
			),
		]);
	}

	#times({x}, width) {
		const {fromMs, toMs} = this.#frame;
		const most = Math.max(2, Math.floor((width - LEFT) / TICK_PX));

		return timeTicks(fromMs, toMs, most).map(({atMs, text}) => {
			const left = x(atMs);
			const isLast = left > width - 40;

			return svg(
				'text',
				{
					class: 'tick',
					x: px(isLast ? width - RIGHT : left),
					y: HEIGHT - 5,
					'text-anchor': isLast ? 'end' : left < LEFT + 20 ? 'start' : 'middle',
				},
				text,
			);
		});
	}

	/* Between the least and the greatest of each step an area, when steps are long. */
	#line({points}, i, {x, y}) {
		const {of} = this.#shown;
		const found = [];

		for (const run of runs(points, this.#apart())) {
			const top = run.map((point) => `${px(x(point.atMs))},${px(y(of(point.max)))}`);
			const bottom = run.map((point) => `${px(x(point.atMs))},${px(y(of(point.min)))}`);
			const line = run.map((point) => `${px(x(point.atMs))},${px(y(of(point.mean)))}`);

			if (this.#frame.stepMs > 1000)
				found.push(
					svg('polygon', {
						class: `area line-${i}`,
						points: [...top, ...bottom.reverse()].join(' '),
					}),
				);
			if (line.length === 1) line.push(line[0]);
			found.push(svg('polyline', {class: `line line-${i}`, points: line.join(' ')}));
		}
		return found;
	}

	/* ---- words and numbers ---- */

	#summary({points, statistics}) {
		const bounds = extent(points);
		const low = statistics?.min ?? bounds?.[0];
		const high = statistics?.max ?? bounds?.[1];
		const mean =
			statistics?.mean ??
			points.reduce((sum, point) => sum + point.mean, 0) / points.length;

		return {
			last: this.#format(points.at(-1).mean),
			range: `${this.#format(low)} to ${this.#format(high)}, mean ${this.#format(mean)}`,
		};
	}

	#words() {
		if (this.#lines.length === 0) return `${this.#title}: nothing is known of this time.`;
		return `${this.#title}. ${this.#lines
			.map((line) => {
				const {last, range} = this.#summary(line);

				return `${line.name}: ${last} last, ${range}.`;
			})
			.join(' ')}`;
	}

	#tellLegend() {
		const {legend} = this.#parts;

		if (this.#lines.length === 0) {
			legend.replaceChildren(h('li', {text: 'Nothing is known of this time.'}));
			return;
		}
		legend.replaceChildren(
			...this.#lines.map((line, i) => {
				const {last, range} = this.#summary(line);
				const mark = svg(
					'svg',
					{class: 'mark', width: 22, height: 8, 'aria-hidden': 'true'},
					svg('line', {class: `line line-${i}`, x1: 1, x2: 21, y1: 4, y2: 4}),
				);

				return h(
					'li',
					{},
					mark,
					h('span', {text: line.name}),
					h('b', {text: last}),
					h('span', {class: 'dim', text: range}),
				);
			}),
		);
	}

	/* As of now; it does not change while it is read. */
	#tabulate() {
		const {fromMs, toMs} = this.#frame;
		const every = (toMs - fromMs) / ROWS;
		const times = Array.from({length: ROWS}, (_, i) => toMs - i * every);
		const clock = new Intl.DateTimeFormat('en-GB', {timeStyle: 'medium'});
		const cell = ({points}, atMs) => {
			const point = pointAt(points, atMs, this.#apart());

			return h('td', {class: 'right', text: point ? this.#format(point.mean) : 'not known'});
		};

		this.#parts.numbers.replaceChildren(
			h(
				'table',
				{class: 'plain-table'},
				h(
					'thead',
					{},
					h(
						'tr',
						{},
						h('th', {scope: 'col', text: 'Time'}),
						this.#lines.map(({name}) =>
							h('th', {scope: 'col', class: 'right', text: name}),
						),
					),
				),
				h(
					'tbody',
					{},
					times.map((atMs) =>
						h(
							'tr',
							{},
							h('th', {scope: 'row', text: clock.format(atMs)}),
							this.#lines.map((line) => cell(line, atMs)),
						),
					),
				),
			),
		);
	}
}
