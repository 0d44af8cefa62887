/*
 * The records of a time line, newest first: fetched as they are looked at, and added as they
 * happen. No page; gets the function that calls.
 *
 * Two ways, behind one face (`count`, at(), need(), add()):
 *
 * - Without filters, ids of the store follow each other (docs/format/record.md: they only grow; it
 *   drops the oldest first). A row's place is then the distance of its id from the newest, and any
 *   part of 100,000 records can be fetched at once, in blocks of ids. An id that has no record any
 *   more is a row that says so.
 * - With filters nobody knows how many records fit. Rows are fetched from the newest on, and the
 *   list grows while it is scrolled.
 */
import {accepts, isFiltered, toParameters} from './filters.js';

const BLOCK = 200;
const BLOCKS_KEPT = 40;
/* The first look: enough for a tall window, and soon there. */
const FIRST = 50;
const AHEAD = 30;
/* Records looked at in one call when most of them are dropped here. */
const SIFT = 1000;
/* Calls one after another for few rows; then the person decides whether to look further. */
const SIFT_CALLS = 25;

const LIST = 'io.leonhard.Trace.List';
const DESCRIBE = 'io.leonhard.Trace.Describe';

/*
 * Opens the way that fits. @call(method, parameters) as of api.js. @onChange: something to draw
 * anew.
 */
export async function openTimeline(call, filters, onChange, nowMs = Date.now()) {
	const parameters = toParameters(filters, nowMs);

	if (!isFiltered(filters)) {
		const [about, first] = await Promise.all([call(DESCRIBE), call(LIST, {limit: FIRST})]);
		if (first.records.length > 0 && isDense(about))
			return new DenseTimeline(call, about, first.records, onChange);
		return new GrowingTimeline(call, filters, parameters, onChange, first);
	}
	const ask = () => call(LIST, {...parameters, limit: filters.method ? SIFT : FIRST});
	const timeline = new GrowingTimeline(call, filters, parameters, onChange, await ask());

	return timeline.newest === '0' ? openEmpty(call, filters, parameters, onChange, ask) : timeline;
}

/*
 * Nothing fits: then the store says which id is the newest, since following from the first one on
 * would bring all that is older than the filter allows. Asked anew after that, nothing is missed.
 */
async function openEmpty(call, filters, parameters, onChange, ask) {
	const about = await call(DESCRIBE);
	const timeline = new GrowingTimeline(call, filters, parameters, onChange, await ask());

	timeline.startAt(about.newest ?? '0');
	return timeline;
}

function isDense(about) {
	return (
		about.oldest !== null &&
		about.newest !== null &&
		BigInt(about.newest) - BigInt(about.oldest) + 1n === BigInt(about.records)
	);
}

/* ---- any place at once ---- */

export class DenseTimeline {
	error = null;
	isDense = true;
	isWhole = true;
	#call;
	#newest;
	#oldest;
	#rows = new Map();
	#blocks = new Map(); /* number: 'wanted' | 'loading' | 'loaded', in order of use */
	#busy = 0;
	#wanted = [];

	constructor(call, about, records, onChange) {
		this.#call = call;
		this.onChange = onChange;
		this.#oldest = BigInt(about.oldest);
		this.#newest = BigInt(records[0].id);
		for (const record of records) this.#rows.set(record.id, record);
	}

	get count() {
		return Number(this.#newest - this.#oldest) + 1;
	}

	get newest() {
		return String(this.#newest);
	}

	#idAt(index) {
		return this.#newest - BigInt(index);
	}

	/* A record; undefined while it is fetched; null when it is not kept any more. */
	at(index) {
		return this.#rows.get(String(this.#idAt(index)));
	}

	indexOf(id) {
		const index = Number(this.#newest - BigInt(id));

		return index >= 0 && index < this.count ? index : -1;
	}

	/* What is looked at now; earlier wishes that are not being fetched yet are dropped. */
	need(first, last) {
		const wanted = [];

		for (let i = first; i <= last; i++)
			if (this.at(i) === undefined) {
				const block = this.#idAt(i) / BigInt(BLOCK);

				if (!wanted.includes(block) && this.#blocks.get(block) !== 'loading')
					wanted.push(block);
			}
		this.#wanted = wanted;
		this.#pump();
	}

	#pump() {
		while (this.#busy < 2 && this.#wanted.length > 0 && !this.error)
			this.#fetch(this.#wanted.shift());
	}

	/* All records of a block; a reply may have fewer of them when they are large. */
	async #read(block) {
		const begin = block * BigInt(BLOCK);
		const found = [];

		for (let before = begin + BigInt(BLOCK); before > begin; before = BigInt(found.at(-1).id)) {
			const limit = Number(before - begin);
			const {records, more} = await this.#call(LIST, {before: String(before), limit});

			found.push(...records);
			if (!more || records.length === 0 || records.length === limit) break;
		}
		return found;
	}

	async #fetch(block) {
		this.#busy++;
		this.#blocks.set(block, 'loading');
		try {
			this.#store(block, await this.#read(block));
		} catch (error) {
			this.#blocks.delete(block);
			this.error = error.name === 'AbortError' ? null : error;
		}
		this.#busy--;
		this.onChange();
		this.#pump();
	}

	#store(block, records) {
		const begin = block * BigInt(BLOCK);
		const found = new Map(records.map((record) => [record.id, record]));

		for (let id = begin; id < begin + BigInt(BLOCK); id++)
			if (id >= this.#oldest && id <= this.#newest)
				this.#rows.set(String(id), found.get(String(id)) ?? null);
		this.#blocks.delete(block);
		this.#blocks.set(block, 'loaded');
		this.#evict();
	}

	/* The blocks that were fetched longest ago go first. */
	#evict() {
		for (const [block, state] of this.#blocks) {
			if (this.#blocks.size <= BLOCKS_KEPT) return;
			if (state !== 'loaded') continue;
			const begin = block * BigInt(BLOCK);

			for (let id = begin; id < begin + BigInt(BLOCK); id++) this.#rows.delete(String(id));
			this.#blocks.delete(block);
		}
	}

	/* New records, the oldest first. Returns how many rows came on top. */
	add(records) {
		const before = this.#newest;

		for (const record of records) {
			this.#rows.set(record.id, record);
			if (BigInt(record.id) > this.#newest) this.#newest = BigInt(record.id);
		}
		return Number(this.#newest - before);
	}

	retry() {
		this.error = null;
		this.onChange();
	}
}

/* ---- growing ---- */

export class GrowingTimeline {
	error = null;
	isDense = false;
	isWhole = false; /* whether the oldest that fits is here */
	isPaused = false; /* much was looked at, little found: go on by continue() */
	seen = 0; /* records looked at */
	#call;
	#filters;
	#parameters;
	#rows = [];
	#newest = '0';
	#last = null;
	#busy = false;

	constructor(call, filters, parameters, onChange, first) {
		this.#call = call;
		this.#filters = filters;
		this.#parameters = parameters;
		this.onChange = onChange;
		if (first.records.length > 0) this.#newest = first.records[0].id;
		this.#take(first);
		if (!this.isWhole && this.#rows.length < AHEAD) this.need(0, 0);
	}

	get count() {
		return this.#rows.length;
	}

	get newest() {
		return this.#newest;
	}

	/* What is older than @id is known not to fit. */
	startAt(id) {
		if (BigInt(id) > BigInt(this.#newest)) this.#newest = id;
	}

	get isBusy() {
		return this.#busy;
	}

	at(index) {
		return this.#rows[index];
	}

	indexOf(id) {
		return this.#rows.findIndex((record) => record.id === id);
	}

	#take({records, more}) {
		for (const record of records) if (accepts(this.#filters, record)) this.#rows.push(record);
		this.seen += records.length;
		if (records.length > 0) this.#last = records[records.length - 1].id;
		this.isWhole = !more || records.length === 0;
	}

	need(first, last) {
		if (
			last + AHEAD >= this.#rows.length &&
			!this.#busy &&
			!this.isWhole &&
			!this.error &&
			!this.isPaused
		)
			this.#grow();
	}

	async #grow() {
		const goal = this.#rows.length + AHEAD;
		const limit = this.#filters.method ? SIFT : BLOCK;

		this.#busy = true;
		try {
			for (let calls = 0; this.#rows.length < goal && !this.isWhole; calls++) {
				if (calls === SIFT_CALLS) {
					this.isPaused = true;
					break;
				}
				this.#take(
					await this.#call(LIST, {...this.#parameters, before: this.#last, limit}),
				);
				this.onChange();
			}
		} catch (error) {
			this.error = error.name === 'AbortError' ? null : error;
		}
		this.#busy = false;
		this.onChange();
	}

	continue() {
		this.isPaused = false;
		this.onChange();
	}

	add(records) {
		const fitting = records.filter((record) => accepts(this.#filters, record));

		for (const record of records)
			if (BigInt(record.id) > BigInt(this.#newest)) this.#newest = record.id;
		this.#rows.unshift(...fitting.reverse());
		return fitting.length;
	}

	retry() {
		this.error = null;
		this.onChange();
	}
}
