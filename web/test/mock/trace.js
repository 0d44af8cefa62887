/*
 * The mock's io.leonhard.Trace: records by number, filters as of the interface, watches, followers.
 */
import * as data from './data.js';

const ERROR = 'io.leonhard.Trace.';
const INVALID = 'org.varlink.service.InvalidParameter';
const DENIED = 'org.varlink.service.PermissionDenied';
/* Between two records, on average; so 100,000 of them are three months. */
const SPACING_MS = 77_000;
const PIECE = 48 << 10;

export class Refusal extends Error {
	constructor(error, parameters = {}) {
		super(error);
		Object.assign(this, {error, parameters});
	}
}

/* A pattern as of List: a path, all below one that ends in /, or a glob. */
export function pathFits(pattern, path) {
	if (pattern.endsWith('/')) return path.startsWith(pattern);
	if (!/[*?[]/.test(pattern)) return path === pattern;
	const source = pattern
		.replace(/[.+^${}()|\\]/g, '\\$&')
		.replace(/\*/g, '[^/]*')
		.replace(/\?/g, '[^/]');

	return new RegExp(`^${source}$`).test(path);
}

export class MockTrace {
	#oldest = 1;
	#newest;
	#startMs = Date.now();
	#live = new Map();
	#followers = new Set();
	watches = data.watches();

	constructor(count) {
		this.#newest = count;
		this.#first = count;
	}

	#first;

	get newest() {
		return this.#newest;
	}

	get(id) {
		if (!(id >= this.#oldest && id <= this.#newest)) return null;
		return (
			this.#live.get(id) ??
			data.summary(
				id,
				(this.#startMs - (this.#first - id + 1) * SPACING_MS + ((id * 7919) % 60_000)) *
					1e6,
			)
		);
	}

	/* Something happens now. */
	emit(more = {}) {
		const id = ++this.#newest;
		const record = {...data.summary(id, Date.now() * 1e6), ...more, id: String(id)};

		this.#live.set(id, record);
		for (const follower of this.#followers) follower(record);
		return record;
	}

	#fits(parameters, record) {
		const {path, user, since_ns: since, until_ns: until} = parameters;

		return (
			(path == null || pathFits(path, record.path)) &&
			(user == null || record.uid === user || record.login_uid === user) &&
			(since == null || record.time_ns >= since) &&
			(until == null || record.time_ns <= until)
		);
	}

	list(parameters) {
		const limit = parameters.limit ?? 100;

		if (limit < 1 || limit > 1000) throw new Refusal(INVALID, {parameter: 'limit'});
		if (parameters.path != null && !parameters.path.startsWith('/'))
			throw new Refusal(INVALID, {parameter: 'path'});
		const records = [];
		let id =
			parameters.before == null
				? this.#newest
				: Math.min(this.#newest, Number(parameters.before) - 1);

		for (; id >= this.#oldest && records.length <= limit; id--) {
			const record = this.get(id);

			if (parameters.since_ns != null && record.time_ns < parameters.since_ns - 6e13) break;
			if (this.#fits(parameters, record)) records.push(record);
		}
		return {records: records.slice(0, limit), more: records.length > limit};
	}

	show({id}, isAdmin) {
		const summary = this.get(Number(id));

		if (!summary) throw new Refusal(`${ERROR}NoSuchRecord`, {id});
		return {record: data.record(summary, isAdmin)};
	}

	describe() {
		const isEmpty = this.#newest < this.#oldest;

		return {
			backend: 'lsm',
			cannot_see: [],
			oldest: isEmpty ? null : String(this.#oldest),
			newest: isEmpty ? null : String(this.#newest),
			records: this.#newest - this.#oldest + 1,
			lost: 0,
			store_bytes: 61_341_696,
		};
	}

	/* Calls @send(parameters) for each reply; returns what ends it, or null when it has ended. */
	follow(parameters, send) {
		const after = parameters.after == null ? this.#newest : Number(parameters.after);
		const tell = (record) => this.#fits(parameters, record) && send({record});

		for (let id = after + 1; id <= this.#newest; id++) tell(this.get(id));
		this.#followers.add(tell);
		return () => this.#followers.delete(tell);
	}

	readContent({id, side}, isAdmin, send) {
		const {record} = this.show({id}, isAdmin);

		if (record.withheld) throw new Refusal(`${ERROR}Withheld`, {id});
		if (record.redacted)
			throw new Refusal(`${ERROR}NoContent`, {reason: 'it is secret, and was not kept'});
		const whole = data.content(record, side);

		for (let i = 0; i < whole.length; i += PIECE)
			send({data: whole.subarray(i, i + PIECE).toString('base64'), size: whole.length});
		return null;
	}

	addWatch({path}, isAdmin) {
		if (!isAdmin) throw new Refusal(DENIED);
		if (typeof path !== 'string') throw new Refusal(INVALID, {parameter: 'path'});
		if (path.startsWith('/proc'))
			throw new Refusal(`${ERROR}WatchRefused`, {
				path,
				reason: 'it is on a file system without files of its own',
			});
		let watch = this.watches.find((w) => w.path === path);

		if (!watch) this.watches.push((watch = {path, origin: 'user', files: 7, problem: null}));
		return {watch};
	}

	removeWatch({path}, isAdmin) {
		if (!isAdmin) throw new Refusal(DENIED);
		if (typeof path !== 'string') throw new Refusal(INVALID, {parameter: 'path'});
		if (!this.watches.some((w) => w.path === path))
			throw new Refusal(`${ERROR}NoSuchWatch`, {path});
		this.watches = this.watches.filter((w) => w.path !== path);
		return {};
	}
}
