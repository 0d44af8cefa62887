/*
 * Following what happens: a stream that is opened again, whatever ended it, and that rests while
 * nobody looks at the page. New records are taken up from where it ended.
 */
import * as api from './api.js';

const FOLLOW = 'io.leonhard.Trace.Follow';
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/* A page that was hidden for so long lets its connection go. */
const HIDDEN_MS = 20_000;
/* Records that come together are handed on together. */
const GATHER_MS = 50;

function sleep(ms, signal) {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, ms);

		signal.addEventListener(
			'abort',
			() => {
				clearTimeout(timer);
				resolve();
			},
			{once: true},
		);
	});
}

function whenVisible(signal) {
	return new Promise((resolve) => {
		const look = () => !document.hidden && resolve();

		document.addEventListener('visibilitychange', look, {signal});
		signal.addEventListener('abort', resolve, {once: true});
		look();
	});
}

/* A signal that is aborted with @signal, or when the page has been hidden for a while. */
function whileSeen(signal) {
	const own = new AbortController();
	let timer;
	const look = () => {
		clearTimeout(timer);
		if (document.hidden) timer = setTimeout(() => own.abort(), HIDDEN_MS);
	};

	document.addEventListener('visibilitychange', look, {signal: own.signal});
	signal.addEventListener('abort', () => own.abort(), {once: true, signal: own.signal});
	look();
	return own;
}

function gatherer(onRecords) {
	let waiting = [];
	let timer = 0;
	const flush = () => {
		const records = waiting;

		timer = 0;
		waiting = [];
		onRecords(records);
	};

	return {
		take(record) {
			waiting.push(record);
			timer ||= setTimeout(flush, GATHER_MS);
		},
		stop: () => clearTimeout(timer),
		get last() {
			return waiting.at(-1)?.id;
		},
	};
}

/* One stream, to its end. Returns the state that it ended in. */
async function followOnce(method, parameters, options) {
	const seen = whileSeen(options.signal);

	try {
		await api.stream(method, parameters, {
			signal: seen.signal,
			onOpen: () => options.onState('open'),
			onReply: options.onReply,
		});
		return 'lost';
	} catch (error) {
		if (error.name === 'AbortError') return document.hidden ? 'asleep' : 'lost';
		return {absent: 'absent', denied: 'denied', session: 'over'}[error.kind] ?? 'lost';
	} finally {
		seen.abort();
	}
}

/*
 * A stream of @method with what @parameters() returns each time that it is opened. @options:
 * signal, onState('open', 'lost', 'absent', 'denied', 'asleep'), onReply(parameters of a reply).
 */
export async function follow(method, parameters, options) {
	const {signal} = options;
	let wait = FIRST_WAIT_MS;

	while (!signal.aborted) {
		const begun = Date.now();
		const state = await followOnce(method, parameters(), options);

		if (signal.aborted || state === 'over') break;
		options.onState(state);
		if (state === 'denied') break;
		if (Date.now() - begun > LONGEST_WAIT_MS) wait = FIRST_WAIT_MS;
		await (state === 'asleep' ? whenVisible(signal) : sleep(wait, signal));
		wait = Math.min(wait * 2, LONGEST_WAIT_MS);
	}
}

/*
 * New records. @options: signal and onState as of follow(), after() -> id from which to go on,
 * onRecords(array, the oldest first).
 */
export async function followRecords(parameters, {signal, onState, after, onRecords}) {
	const gather = gatherer((records) => !signal.aborted && onRecords(records));

	await follow(FOLLOW, () => ({...parameters, after: gather.last ?? after()}), {
		signal,
		onState,
		onReply: ({record}) => gather.take(record),
	});
	gather.stop();
}

/* What a page says of its state. */
export const STATE_WORDS = {
	off: '',
	open: 'Live',
	lost: 'Reconnecting…',
	absent: 'Not live: service not there',
	denied: 'Not live: not permitted',
	asleep: 'Paused',
};
