/*
 * The time line: every change of a watched file, newest first, live, with filters in the address.
 *
 * New records come by Trace.Follow. They appear by themselves only at the top of a list that nobody
 * is reading further down; otherwise a button says how many there are. What was shown is kept when
 * a record is opened, so that going back leads to the same row.
 */
import * as api from './api.js';
import {empty, failure, h, say} from './dom.js';
import {makeHead, makeRow} from './changerow.js';
import {filterForm} from './filterform.js';
import {fromQuery, isFiltered, resolveUser, toAddress, toParameters} from './filters.js';
import {List} from './list.js';
import {followRecords, STATE_WORDS} from './live.js';
import {findUser} from './named.js';
import {openTimeline} from './timeline.js';
import {counted, number} from './words.js';

/*
 * While the pointer moves over the list, a row that somebody is about to click stays where it is.
 */
const POINTER_REST_MS = 1500;
const FRESH_MS = 4000;
const PENDING_MAX = 5000;
const LIST = 'io.leonhard.Trace.List';

/* What was left by opening a record: {address, timeline, scrollTop, chosen}. */
let kept = null;

class Changes {
	#signal;
	#place;
	#filters;
	#timeline = null;
	#list = null;
	#pending = [];
	#fresh = new Set();
	#view = null; /* of the present filters: aborted when they change */
	#pointerAt = 0;
	#parts = {};

	constructor(place, signal) {
		this.#place = place;
		this.#signal = signal;
		signal.addEventListener('abort', () => this.#leave());
	}

	build(route) {
		const parts = this.#parts;

		this.#filters = fromQuery(route.query);
		parts.form = filterForm((filters) => {
			location.hash = toAddress(filters);
		});
		parts.live = h('span', {class: 'live', 'data-state': 'off'});
		parts.news = h('button', {
			type: 'button',
			class: 'news',
			hidden: true,
			onclick: () => this.#showNews(),
		});
		parts.body = h('div', {class: 'list-place'});
		parts.foot = h('div', {class: 'list-foot'});
		this.#place.append(
			h(
				'div',
				{class: 'changes'},
				h('div', {class: 'title-row'}, h('h1', {text: 'Changes'}), parts.live),
				parts.form.element,
				h('div', {class: 'list-frame'}, parts.news, parts.body),
				parts.foot,
			),
		);
		this.#open();
	}

	update(route) {
		this.#filters = fromQuery(route.query);
		this.#open();
	}

	/* Begins anew with the present filters. */
	async #open() {
		this.#view?.abort();
		const view = (this.#view = new AbortController());
		const before = kept?.address === toAddress(this.#filters) ? kept : null;

		kept = null;
		this.#pending = [];
		this.#fresh.clear();
		this.#list = null;
		this.#parts.form.show(this.#filters);
		this.#tellNews();
		this.#tellLive('off');
		if (this.#hasProblems()) return this.#showProblems();
		this.#parts.body.replaceChildren(before ? '' : loadingRows());
		this.#parts.foot.textContent = '';
		try {
			await resolveUser(this.#filters, findUser);
			if (view.signal.aborted) return;
			if (this.#hasProblems()) return this.#showProblems();
			const timeline =
				before?.timeline ??
				(await openTimeline(this.#caller(), this.#filters, () => this.#changed()));

			if (!view.signal.aborted) this.#begin(timeline, before, view.signal);
		} catch (error) {
			this.#fail(error, view.signal);
		}
	}

	/*
	 * Calls go on while a record is open, so that the time line is whole when it is come back to.
	 */
	#caller() {
		return (method, parameters) => api.call(method, parameters);
	}

	#fail(error, signal) {
		if (signal.aborted || error.name === 'AbortError') return;
		if (!error.kind) console.error(error);
		this.#parts.body.replaceChildren(failure(error, LIST, () => this.#open()));
	}

	#hasProblems() {
		return Object.keys(this.#filters.problems).length > 0;
	}

	#showProblems() {
		const problems = Object.values(this.#filters.problems);

		this.#parts.form.show(this.#filters);
		this.#parts.body.replaceChildren(
			empty(
				'This filter is not understood',
				problems.join(' '),
				h('a', {class: 'button', href: '#/changes', text: 'Show all changes'}),
			),
		);
		this.#parts.foot.textContent = '';
	}

	#begin(timeline, before, signal) {
		this.#timeline = timeline;
		if (before) timeline.onChange = () => this.#changed();
		this.#list = this.#makeList(signal);
		if (timeline.count > 0) this.#showList();
		if (before) {
			this.#list.choose(before.chosen);
			this.#list.scrollTo(before.scrollTop);
			this.#list.element.focus({preventScroll: true});
		}
		this.#changed();
		this.#follow(signal);
	}

	#makeList(signal) {
		const list = new List(
			{
				label: 'Changes, newest first. Arrow keys move, Enter opens.',
				head: makeHead(),
				make: () =>
					makeRow((index) => {
						const record = this.#timeline.at(index);

						return {record, isFresh: record && this.#fresh.has(record.id)};
					}),
				look: (first, last) => this.#timeline.need(first, last),
				open: (index) => this.#openRecord(index),
				onScroll: () => this.#merge(),
			},
			signal,
		);

		list.element.addEventListener('pointermove', () => {
			this.#pointerAt = Date.now();
		});
		return list;
	}

	#showList() {
		this.#parts.body.replaceChildren(this.#list.element);
		this.#list.resize(this.#timeline.count);
	}

	#openRecord(index) {
		const record = this.#timeline.at(index);

		if (!record) return;
		this.#keep(index);
		location.hash = `#/changes/${record.id}`;
	}

	#keep(index) {
		if (this.#list && this.#timeline)
			kept = {
				address: toAddress(this.#filters),
				timeline: this.#timeline,
				scrollTop: this.#list.scrollTop,
				chosen: index,
			};
	}

	#leave() {
		if (this.#list && !kept) this.#keep(this.#list.chosen);
		this.#view?.abort();
	}

	/* The time line has other rows than before. */
	#changed() {
		if (!this.#list || this.#signal.aborted) return;
		if (this.#timeline.count === 0) {
			if (this.#timeline.isWhole || this.#timeline.isPaused || this.#timeline.error)
				this.#parts.body.replaceChildren(this.#nothing());
		} else if (!this.#list.element.isConnected) {
			this.#showList();
		} else {
			this.#list.resize(this.#timeline.count);
		}
		this.#tellFoot();
	}

	#nothing() {
		if (this.#timeline.error)
			return failure(this.#timeline.error, LIST, () => this.#timeline.retry());
		if (isFiltered(this.#filters))
			return empty(
				'No change fits',
				'Nothing that is recorded fits this filter. What happens from now on appears here.',
				h('a', {class: 'button', href: '#/changes', text: 'Show all changes'}),
			);
		return empty(
			'Nothing has changed yet',
			'When a watched file changes, it appears here by itself.',
			h('a', {class: 'button', href: '#/watches', text: 'See what is watched'}),
		);
	}

	/* What is said below the list. */
	#tellFoot() {
		const {count, isWhole, isDense, isPaused, isBusy, seen, error} = this.#timeline;
		const foot = this.#parts.foot;
		const parts = [`${isWhole ? counted(count, 'change') : `${number(count)} changes so far`}`];

		if (error && count > 0) {
			foot.replaceChildren(
				h('span', {class: 'bad-text', text: 'Older changes could not be loaded. '}),
				h('button', {
					type: 'button',
					class: 'quiet',
					text: 'Try again',
					onclick: () => this.#timeline.retry(),
				}),
			);
			return;
		}
		if (!isDense && this.#filters.method && !isWhole) parts.push(`${number(seen)} looked at`);
		if (isBusy) parts.push('looking further…');
		foot.replaceChildren(
			h('span', {text: parts.join(' · ')}),
			isPaused
				? h('button', {
						type: 'button',
						class: 'quiet',
						text: 'Look further back',
						onclick: () => this.#timeline.continue(),
					})
				: '',
		);
	}

	/* ---- live ---- */

	#follow(signal) {
		const {path, user} = toParameters(this.#filters, 0);
		const parameters = {};

		if (path !== undefined) parameters.path = path;
		if (user !== undefined) parameters.user = user;
		followRecords(parameters, {
			signal,
			after: () => this.#pending.at(-1)?.id ?? this.#timeline.newest,
			onState: (state) => this.#tellLive(state),
			onRecords: (records) => this.#news(records),
		});
	}

	#tellLive(state) {
		this.#parts.live.dataset.state = state;
		this.#parts.live.textContent = STATE_WORDS[state] ?? '';
	}

	#news(records) {
		const last = BigInt(this.#pending.at(-1)?.id ?? this.#timeline.newest);

		this.#pending.push(...records.filter((record) => BigInt(record.id) > last));
		if (this.#pending.length > PENDING_MAX) return this.#open();
		this.#merge();
	}

	#isBeingRead() {
		const {element, isAtTop, chosen} = this.#list;

		if (!element.isConnected) return false;
		return (
			!isAtTop ||
			(chosen > 0 && element.matches(':focus')) ||
			Date.now() - this.#pointerAt < POINTER_REST_MS
		);
	}

	/* Puts what is pending on top, unless that would move what somebody reads. */
	#merge() {
		if (this.#pending.length === 0) return;
		if (!this.#isBeingRead()) return this.#takePending();
		this.#tellNews();
		if (this.#list.isAtTop && Date.now() - this.#pointerAt < POINTER_REST_MS)
			setTimeout(() => !this.#view.signal.aborted && this.#merge(), POINTER_REST_MS);
	}

	#takePending() {
		const records = this.#pending;

		this.#pending = [];
		const shift = this.#timeline.add(records);

		for (const record of records) this.#fresh.add(record.id);
		setTimeout(() => records.forEach((record) => this.#fresh.delete(record.id)), FRESH_MS);
		if (this.#list.element.isConnected) this.#list.shift(this.#timeline.count, shift);
		this.#changed();
		this.#tellNews();
		if (shift > 0) say(`${counted(shift, 'new change')}`);
	}

	#showNews() {
		this.#pointerAt = 0;
		this.#list.choose(-1);
		this.#list.scrollTo(0);
		this.#takePending();
		this.#list.element.focus({preventScroll: true});
	}

	#tellNews() {
		const {news} = this.#parts;
		const count = this.#pending.length;

		if (count > 0) news.textContent = `${counted(count, 'new change')}`;
		news.hidden = count === 0;
	}
}

function loadingRows() {
	return h(
		'div',
		{class: 'state loading', role: 'status'},
		h('span', {class: 'spinner', 'aria-hidden': 'true'}),
		'Loading changes…',
	);
}

export function show(place, route, signal) {
	const page = new Changes(place, signal);

	page.build(route);
	return {update: (next) => page.update(next)};
}
