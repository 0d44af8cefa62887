/*
 * The virtual list: a grid of which only the rows in view exist. It owns scrolling, keys and which
 * row is chosen; what is in a row is the caller's.
 *
 * Row elements are used again and again: row i is shown by element i modulo their number, so that
 * scrolling writes only those that came into view. Their places are set through the style object,
 * which the content security policy allows.
 */
import {h} from './dom.js';
import {geometry, place, range, reveal, step} from './window.js';

export class List {
	#scroller;
	#sizer;
	#count = 0;
	#rows = [];
	#chosen = -1;
	#geometry;
	#frame = 0;
	#options;

	/*
	 * @options: label, make() -> {element, show(index)}, look(first, last) when other rows come
	 * into view, open(index), onScroll().
	 */
	constructor(options, signal) {
		this.#options = options;
		this.#sizer = h('div', {class: 'list-sizer', role: 'rowgroup'});
		this.#scroller = h(
			'div',
			{
				class: 'list',
				role: 'grid',
				tabindex: '0',
				'aria-label': options.label,
				'aria-rowcount': 0,
				onscroll: () => this.#later(),
				onkeydown: (e) => this.#key(e),
			},
			options.head,
			this.#sizer,
		);
		this.#geometry = geometry(0, 1, 1);
		const observer = new ResizeObserver(() => this.measure());

		observer.observe(this.#scroller);
		signal.addEventListener('abort', () => {
			observer.disconnect();
			cancelAnimationFrame(this.#frame);
		});
	}

	get element() {
		return this.#scroller;
	}

	get scrollTop() {
		return this.#scroller.scrollTop;
	}

	get isAtTop() {
		return this.#scroller.scrollTop < 4;
	}

	get chosen() {
		return this.#chosen;
	}

	/* The stylesheet says how high a row is, by the width there is. */
	measure() {
		const style = getComputedStyle(this.#scroller);
		const rowHeight = parseFloat(style.getPropertyValue('--row')) || 36;
		const head = this.#options.head?.offsetHeight ?? 0;
		const before = this.#geometry;
		const top = this.#scroller.scrollTop;

		this.#geometry = geometry(
			this.#count,
			rowHeight,
			Math.max(1, this.#scroller.clientHeight - head),
		);
		this.#sizer.style.height = `${this.#geometry.height}px`;
		if (rowHeight !== before.rowHeight) {
			this.#scroller.scrollTop = (top / before.rowHeight) * rowHeight;
			this.#forget();
		}
		this.draw(true);
	}

	/* There are @count rows now. */
	resize(count) {
		this.#count = count;
		this.#scroller.setAttribute('aria-rowcount', count);
		if (this.#chosen >= count) this.#chosen = count - 1;
		this.measure();
	}

	/* @shift rows came on top: what is chosen stays chosen. */
	shift(count, shift) {
		if (this.#chosen >= 0) this.#chosen += shift;
		this.resize(count);
	}

	scrollTo(top) {
		this.#scroller.scrollTop = top;
		this.draw(false);
	}

	choose(index) {
		this.#chosen = index;
		this.draw(true);
	}

	#later() {
		if (this.#frame) return;
		this.#frame = requestAnimationFrame(() => {
			this.#frame = 0;
			this.draw(false);
			this.#options.onScroll?.();
		});
	}

	/* Makes what is in view right. @all: also rows that were right before. */
	draw(all) {
		const top = this.#scroller.scrollTop;
		const {first, last} = range(this.#geometry, top);
		const needed = Math.max(0, last - first + 1);

		while (this.#rows.length < needed || this.#rows.length % 2) this.#addRow();
		const shown = new Set();

		for (let index = first; index <= last; index++) {
			const row = this.#rows[index % this.#rows.length];

			shown.add(row);
			this.#put(row, index, top, all);
		}
		for (const row of this.#rows)
			if (!shown.has(row) && row.index !== -1) {
				row.index = -1;
				row.element.hidden = true;
			}
		this.#tellChosen(first, last);
		if (needed > 0) this.#options.look(first, last);
	}

	/* Every row gets another place. */
	#forget() {
		for (const row of this.#rows) row.index = -1;
	}

	#addRow() {
		const row = {...this.#options.make(), index: -1};

		row.element.hidden = true;
		row.element.addEventListener('click', (event) => this.#click(event, row));
		this.#sizer.append(row.element);
		this.#rows.push(row);
		this.#forget();
	}

	#put(row, index, top, all) {
		const isNew = row.index !== index;

		if (isNew || this.#geometry.scale !== 1)
			row.element.style.transform = `translateY(${place(this.#geometry, index, top)}px)`;
		if (!isNew && !all) return;
		row.index = index;
		row.element.hidden = false;
		row.element.id = `row-${index}`;
		row.element.setAttribute('aria-rowindex', index + 1);
		row.element.setAttribute('aria-selected', index === this.#chosen);
		row.show(index);
	}

	#tellChosen(first, last) {
		if (this.#chosen >= first && this.#chosen <= last)
			this.#scroller.setAttribute('aria-activedescendant', `row-${this.#chosen}`);
		else this.#scroller.removeAttribute('aria-activedescendant');
	}

	#click(event, row) {
		if (event.ctrlKey || event.metaKey || event.shiftKey || row.index < 0) return;
		event.preventDefault();
		this.choose(row.index);
		this.#options.open(row.index);
	}

	#key(event) {
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		if (event.key === 'Enter' && this.#chosen >= 0) {
			event.preventDefault();
			this.#options.open(this.#chosen);
			return;
		}
		const next = step(this.#geometry, this.#chosen, event.key);

		if (next === null) return;
		event.preventDefault();
		this.#chosen = next;
		this.#scroller.scrollTop = reveal(this.#geometry, next, this.#scroller.scrollTop);
		this.draw(true);
	}
}
