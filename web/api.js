/*
 * The console's way to the node: log-in, calls and streams of varlink methods over HTTP.
 *
 * Whatever goes wrong becomes one ApiError whose `kind` the pages tell apart; words.js has the
 * sentences. The session lives here; a call that finds it over tells whoever asked by
 * onSessionOver().
 */

/*
 * kind: session (over, or none), login (wrong name or password), limit (too many tries),
 * absent (service not there), denied (not permitted), refused (the service said no, by `name`),
 * offline (no way to the node), broken (an answer that makes no sense), late (no answer in time).
 */
export class ApiError extends Error {
	constructor(kind, {name = null, parameters = {}, retryAfter = 0, status = 0} = {}) {
		super(name || kind);
		Object.assign(this, {kind, error: name, parameters, retryAfter, status});
	}
}

const DENIED = 'org.varlink.service.PermissionDenied';
const ERROR_NAME = /^[A-Za-z][\w-]*(\.[\w-]+)+$/;
const CALL_TIMEOUT_MS = 20_000;
/* A stream's server sends at least a comment now and then; silence for longer is a dead line. */
const STREAM_SILENCE_MS = 90_000;
const STREAM_BUFFER_MAX = 8 << 20;

let session = null;
let sessionOver = () => {};

export function getSession() {
	return session;
}

export function onSessionOver(listener) {
	sessionOver = listener;
}

function endSession() {
	const had = session;

	session = null;
	if (had) sessionOver();
}

/* An error that a service replied with. */
export function serviceError(name, parameters) {
	return new ApiError(name === DENIED ? 'denied' : 'refused', {
		name,
		parameters: parameters ?? {},
	});
}

/* Aborts with @signal, or after @timeoutMs; done() stops both. */
function deadline(signal, timeoutMs) {
	const own = new AbortController();
	const stop = () => own.abort();
	let late = false;
	let timer;
	const touch = () => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			late = true;
			own.abort();
		}, timeoutMs);
	};

	signal?.addEventListener('abort', stop);
	if (signal?.aborted) own.abort();
	touch();
	return {
		signal: own.signal,
		touch,
		isLate: () => late,
		done: () => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', stop);
		},
	};
}

/* What fetch() throws, as an ApiError; an abort by the caller stays what it is. */
function lineError(error, limit) {
	if (error instanceof ApiError) return error;
	if (error?.name === 'AbortError') return limit.isLate() ? new ApiError('late') : error;
	return new ApiError('offline');
}

function statusError(response) {
	const kinds = {401: 'session', 429: 'limit', 502: 'absent', 503: 'limit', 504: 'late'};
	const kind = kinds[response.status] || 'broken';

	return new ApiError(kind, {
		status: response.status,
		retryAfter: Number(response.headers.get('Retry-After')) || 0,
	});
}

function headers(more) {
	return session ? {...more, 'X-Leonhard-Csrf': session.csrf} : more;
}

async function readJson(response) {
	try {
		return await response.json();
	} catch (error) {
		if (error?.name === 'AbortError') throw error;
		throw new ApiError('broken', {status: response.status});
	}
}

/* One request with a JSON answer. A 401 ends the session, but for the log-in itself. */
async function request(path, {body, signal, background, timeoutMs = CALL_TIMEOUT_MS} = {}) {
	const limit = deadline(signal, timeoutMs);

	try {
		const response = await fetch(path, {
			method: body === undefined ? 'GET' : 'POST',
			headers: headers({
				...(body === undefined ? {} : {'Content-Type': 'application/json'}),
				...(background ? {'X-Leonhard-Background': '1'} : {}),
			}),
			body: body === undefined ? undefined : JSON.stringify(body),
			credentials: 'same-origin',
			cache: 'no-store',
			signal: limit.signal,
		});
		if (!response.ok) throw statusError(response);
		return await readJson(response);
	} catch (error) {
		throw lineError(error, limit);
	} finally {
		limit.done();
	}
}

/* ---- session ---- */

/* The session that the browser still has, or null. */
export async function resume() {
	try {
		session = await request('/api/session');
	} catch (error) {
		if (error.kind !== 'session') throw error;
		session = null;
	}
	return session;
}

export async function login(user, password) {
	try {
		session = await request('/api/login', {body: {user, password}});
	} catch (error) {
		if (error.kind === 'session') throw new ApiError('login');
		throw error;
	}
	return session;
}

/* Over here in any case: when the node cannot be reached, its own clock ends the session there. */
export async function logout() {
	try {
		await request('/api/logout', {body: {}});
	} catch (error) {
		if (error.kind !== 'session' && error.kind !== 'offline' && error.kind !== 'broken')
			throw error;
	}
	session = null;
}

/* ---- calls ---- */

/* [{name, description}] of what is installed. */
export async function interfaces(signal) {
	try {
		const reply = await request('/api/interfaces', {signal});

		return reply.interfaces ?? reply;
	} catch (error) {
		if (error.kind === 'session') endSession();
		throw error;
	}
}

/* {number: name} of users that the node knows, by {uid: '0,1000'} or by {name}. */
export async function users(query) {
	try {
		return (await request(`/api/users?${new URLSearchParams(query)}`)).users ?? {};
	} catch (error) {
		if (error.kind === 'session') endSession();
		throw error;
	}
}

/*
 * The reply's parameters. @method is a full name: "io.leonhard.Node.Describe". @background: nobody
 * has asked for it, so it does not keep the session from ending.
 */
export async function call(method, parameters = {}, {signal, timeoutMs, background} = {}) {
	let reply;

	try {
		reply = await request('/api/call', {
			body: {method, parameters},
			signal,
			timeoutMs,
			background,
		});
	} catch (error) {
		if (error.kind === 'session') endSession();
		throw error;
	}
	if (reply?.error) throw serviceError(reply.error, reply.parameters);
	return reply?.parameters ?? {};
}

/*
 * Whether the caller may call @method, without calling it: the class of access is compared before
 * the parameters are looked at (docs/rpc.md), so a call without those that it needs is refused
 * either way. Only for methods that need a parameter.
 */
export async function may(method, signal) {
	try {
		await call(method, {}, {signal});
	} catch (error) {
		if (error.kind === 'denied') return false;
		if (error.kind !== 'refused') throw error;
	}
	return true;
}

/* ---- streams ---- */

/* Server-sent events out of text that comes in pieces; feed() returns those that are whole. */
export class EventParser {
	#rest = '';
	#name = '';
	#data = [];

	feed(text) {
		const events = [];
		const lines = (this.#rest + text).split('\n');

		this.#rest = lines.pop();
		if (this.#rest.length > STREAM_BUFFER_MAX) throw new ApiError('broken');
		for (const line of lines)
			this.#line(line.endsWith('\r') ? line.slice(0, -1) : line, events);
		return events;
	}

	#line(line, events) {
		if (line === '') {
			if (this.#name || this.#data.length)
				events.push({name: this.#name || 'message', data: this.#data.join('\n')});
			this.#name = '';
			this.#data = [];
			return;
		}
		const colon = line.indexOf(':');
		const field = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');

		if (field === 'event') this.#name = value;
		else if (field === 'data') this.#data.push(value);
	}
}

/* The service has ended the stream, or the console says why it had to. */
function takeEnd({reason = 'done'}) {
	if (reason === 'session') throw new ApiError('session');
	if (reason !== 'done') throw new ApiError('offline');
	return true;
}

/* True at the end of the stream. An error without the name of an interface is the console's own. */
function take(event, onReply) {
	if (event.name === 'end') return takeEnd(JSON.parse(event.data || '{}'));
	if (event.name === 'reply') onReply(JSON.parse(event.data));
	if (event.name === 'error') {
		const {error, parameters} = JSON.parse(event.data);

		throw ERROR_NAME.test(error) ? serviceError(error, parameters) : new ApiError('absent');
	}
	return false;
}

async function readEvents(response, limit, onReply) {
	const reader = response.body.getReader();
	const decoder = new TextDecoder();
	const parser = new EventParser();

	for (;;) {
		const {done, value} = await reader.read();

		if (done) throw new ApiError('offline');
		limit.touch();
		for (const event of parser.feed(decoder.decode(value, {stream: true})))
			if (take(event, onReply)) return;
	}
}

/*
 * Gives each reply's parameters to @onReply, until the service ends the stream (the promise is
 * fulfilled) or something fails (it is rejected). onOpen comes when the stream stands.
 */
export async function stream(method, parameters, {signal, onOpen, onReply}) {
	const query = new URLSearchParams({method, parameters: JSON.stringify(parameters)});
	const limit = deadline(signal, STREAM_SILENCE_MS);

	try {
		const response = await fetch(`/api/stream?${query}`, {
			headers: headers({Accept: 'text/event-stream'}),
			credentials: 'same-origin',
			cache: 'no-store',
			signal: limit.signal,
		});
		if (!response.ok) throw statusError(response);
		onOpen?.();
		await readEvents(response, limit, onReply);
	} catch (error) {
		const told =
			error instanceof SyntaxError ? new ApiError('broken') : lineError(error, limit);

		if (told.kind === 'session') endSession();
		throw told;
	} finally {
		limit.done();
	}
}
