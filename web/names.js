/*
 * Names of users, asked for as they are needed: many at once, one request at a time. Pure; gets the
 * function that asks. words.js keeps what becomes known. Whom the node does not know, or could not
 * be asked about, stays a number, and is asked for again after a while.
 */
import {isUserKnown, knowUser, userNumber} from './words.js';

/* As many as the node takes at once. */
const BATCH = 64;
/* Rows that are drawn together ask together. */
const GATHER_MS = 20;
const AGAIN_MS = 60_000;

export class Names {
	#ask;
	#onKnown;
	#now;
	#wanted = new Set();
	#askedAt = new Map();
	#isBusy = false;

	/* @ask(query) -> {number: name} of {uid: '0,1000'} or {name}. @onKnown: there are new ones. */
	constructor(ask, onKnown, now = Date.now) {
		this.#ask = ask;
		this.#onKnown = onKnown;
		this.#now = now;
	}

	/* Numbers that are on the page; null for a user that nobody knows is passed over. */
	want(uids) {
		for (const uid of uids)
			if (Number.isInteger(uid) && !isUserKnown(uid) && !this.#rests(uid))
				this.#wanted.add(uid);
		if (this.#wanted.size > 0 && !this.#isBusy) this.#run();
	}

	/* The number of a user by name; null when the node knows none. What fails, fails. */
	async find(name) {
		return userNumber(name) ?? this.#take(await this.#ask({name}));
	}

	#rests(uid) {
		return this.#now() - (this.#askedAt.get(uid) ?? -Infinity) < AGAIN_MS;
	}

	async #run() {
		this.#isBusy = true;
		await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
		while (this.#wanted.size > 0) await this.#askFor([...this.#wanted].slice(0, BATCH));
		this.#isBusy = false;
	}

	async #askFor(uids) {
		for (const uid of uids) {
			this.#wanted.delete(uid);
			this.#askedAt.set(uid, this.#now());
		}
		try {
			this.#take(await this.#ask({uid: uids.join(',')}));
		} catch (error) {
			/* Numbers say it, too. */
		}
	}

	/* The number of the first of them, or null. */
	#take(users) {
		const found = Object.entries(users).map(([uid, name]) => [Number(uid), name]);

		for (const [uid, name] of found) knowUser(uid, name);
		if (found.length > 0) this.#onKnown();
		return found[0]?.[0] ?? null;
	}
}
