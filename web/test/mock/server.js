/*
 * A mock of the console's server: the files of web/ with the real security headers, and the HTTP
 * interface over made-up data. Plain Node, plain HTTP, loopback only.
 *
 *   node mock/server.js [--port 8080] [--records 100000] [--live MS] [--slow MS] [--absent Trace]
 *                       [--bad] [--session-ms MS] [--no-meter] [--old-power]
 *
 * Users: admin (administrator) and ada (may look); the password of both is "leonhard".
 */
import {createServer} from 'node:http';
import {readFile} from 'node:fs/promises';
import {randomBytes} from 'node:crypto';
import {parseArgs} from 'node:util';
import {fileURLToPath} from 'node:url';
import * as data from './data.js';
import {MockPower} from './power.js';
import {MockTrace, Refusal} from './trace.js';

const ROOT = new URL('../../', import.meta.url);
const TYPES = {
	html: 'text/html; charset=utf-8',
	css: 'text/css; charset=utf-8',
	js: 'text/javascript; charset=utf-8',
};
const HEADERS = {
	'Content-Security-Policy':
		"default-src 'none'; script-src 'self'; style-src 'self'; " +
		"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
		"frame-ancestors 'none'",
	'X-Content-Type-Options': 'nosniff',
	'Referrer-Policy': 'no-referrer',
	'X-Frame-Options': 'DENY',
};
const USERS = {admin: {uid: 1000, isAdmin: true}, ada: {uid: 1001, isAdmin: false}};
/* Whom the node knows; records have others, too. */
const NAMES = new Map([[0, 'root'], ...Object.entries(USERS).map(([name, {uid}]) => [uid, name])]);
const TRIES = 5;
/* A machine with a meter, and a service with all that the page asks for. */
const POWER = {hasMeter: true, level: 'hardware', isOld: false, isSilent: false};

class Mock {
	options;
	trace;
	power;
	sessions = new Map();
	tries = 0;
	streams = new Set();
	requests = [];

	constructor(options) {
		this.options = {
			records: 100_000,
			slowMs: 0,
			absent: new Set(),
			failing: new Map(),
			isBad: false,
			sessionMs: 3_600_000,
			...options,
			power: {...POWER, ...options.power},
		};
		this.trace = new MockTrace(this.options.records);
		this.power = new MockPower(this.options);
	}

	/* All sessions are over, their streams too. */
	endSessions() {
		this.sessions.clear();
		this.cutStreams();
	}

	cutStreams() {
		for (const response of this.streams) response.destroy();
	}

	call(method, parameters, user) {
		const {isAdmin} = user;
		const name = method.replace(/^io\.leonhard\./, '');
		const {trace, options} = this;
		const table = {
			'Node.Describe': () => data.describeNode(Date.now()),
			'Node.Health': () => data.nodeHealth(options.isBad),
			'Node.ListPowers': () => ({
				powers: data.listPowers(),
				probed_ns: (Date.now() - 4_000_000) * 1e6,
			}),
			'Trace.Health': () => data.traceHealth(options.isBad),
			'Trace.Describe': () => trace.describe(),
			'Trace.List': () => trace.list(parameters),
			'Trace.Show': () => trace.show(parameters, isAdmin),
			'Trace.ListWatches': () => ({watches: trace.watches}),
			'Trace.AddWatch': () => trace.addWatch(parameters, isAdmin),
			'Trace.RemoveWatch': () => trace.removeWatch(parameters, isAdmin),
		};

		this.#checkFailing(method);
		if (name.startsWith('Power.')) return this.power.call(name.slice(6), parameters, user);
		if (!table[name]) throw new Refusal('org.varlink.service.MethodNotFound', {method});
		return table[name]();
	}

	#checkFailing(method) {
		const refusal = this.options.failing.get(method);

		if (refusal) throw new Refusal(refusal.error, refusal.parameters);
	}

	stream(method, parameters, isAdmin, send) {
		this.#checkFailing(method);
		if (method === 'io.leonhard.Trace.Follow') return this.trace.follow(parameters, send);
		if (method === 'io.leonhard.Trace.ReadContent')
			return this.trace.readContent(parameters, isAdmin, send);
		if (method === 'io.leonhard.Power.Watch') return this.power.watch(parameters, send);
		throw new Refusal('org.varlink.service.MethodNotFound', {method});
	}

	isAbsent(method) {
		return this.options.absent.has(method.split('.')[2]);
	}
}

/* ---- HTTP ---- */

function json(response, status, value, headers = {}) {
	response.writeHead(status, {
		...HEADERS,
		'Content-Type': 'application/json',
		'Cache-Control': 'no-store',
		...headers,
	});
	response.end(JSON.stringify(value));
}

async function body(request) {
	let text = '';

	for await (const piece of request) text += piece;
	return JSON.parse(text || '{}');
}

function sessionOf(mock, request) {
	const token = /(?:^|; )leonhard=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
	const session = mock.sessions.get(token);

	return session && session.expires_ns > Date.now() * 1e6 ? {...session, token} : null;
}

function told({user, csrf, expires_ns: expires}) {
	return {user, csrf, expires_ns: expires};
}

async function login(mock, request, response) {
	const {user, password} = await body(request);

	if (mock.tries >= TRIES)
		return json(response, 429, {error: 'too many tries'}, {'Retry-After': '3'});
	if (!USERS[user] || password !== 'leonhard') {
		mock.tries++;
		return json(response, 401, {error: 'wrong name or password'});
	}
	const token = randomBytes(16).toString('hex');
	const session = {
		user,
		csrf: randomBytes(16).toString('hex'),
		expires_ns: (Date.now() + mock.options.sessionMs) * 1e6,
	};

	mock.tries = 0;
	mock.sessions.set(token, session);
	return json(response, 200, told(session), {
		'Set-Cookie': `leonhard=${token}; HttpOnly; SameSite=Strict; Path=/`,
	});
}

async function call(mock, session, request, response) {
	const {method, parameters = {}} = await body(request);

	if (mock.isAbsent(method)) return json(response, 502, {error: 'the service is not there'});
	try {
		return json(response, 200, {
			parameters: mock.call(method, parameters, USERS[session.user]),
		});
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return json(response, 200, {error: error.error, parameters: error.parameters});
	}
}

function users(url, response) {
	const uids = url.searchParams.get('uid')?.split(',').map(Number);
	const name = url.searchParams.get('name');

	if (!uids === !name || uids?.some((uid) => !Number.isInteger(uid)) || uids?.length > 64)
		return json(response, 400, {error: 'numbers or a name are wanted'});
	const found = [...NAMES].filter(([uid, known]) => uids?.includes(uid) || known === name);

	return json(response, 200, {users: Object.fromEntries(found)});
}

function stream(mock, session, url, response) {
	const method = url.searchParams.get('method');
	const event = (name, value) =>
		response.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
	let stop = null;

	if (mock.isAbsent(method)) return json(response, 502, {error: 'the service is not there'});
	response.writeHead(200, {
		...HEADERS,
		'Content-Type': 'text/event-stream',
		'Cache-Control': 'no-store',
	});
	response.write('retry: 2000\n\n');
	try {
		stop = mock.stream(
			method,
			JSON.parse(url.searchParams.get('parameters') || '{}'),
			USERS[session.user].isAdmin,
			(parameters) => event('reply', parameters),
		);
	} catch (error) {
		event('error', {error: error.error, parameters: error.parameters});
		event('end', {reason: 'done'});
		return response.end();
	}
	if (!stop) {
		event('end', {reason: 'done'});
		return response.end();
	}
	mock.streams.add(response);
	response.on('close', () => {
		stop();
		mock.streams.delete(response);
	});
	return null;
}

async function file(pathname, response) {
	const name = pathname === '/' ? 'index.html' : pathname.slice(1);
	const type = TYPES[/^[\w-]+\.(\w+)$/.exec(name)?.[1]];

	try {
		if (!type) throw new Error('no file of the console');
		const content = await readFile(new URL(name, ROOT));

		response.writeHead(200, {
			...HEADERS,
			'Content-Type': type,
			'Content-Length': content.length,
			'Cache-Control': 'no-cache',
		});
		response.end(content);
	} catch (error) {
		json(response, 404, {error: 'not found'});
	}
}

async function serve(mock, request, response) {
	const url = new URL(request.url, 'http://localhost');
	const session = sessionOf(mock, request);

	mock.requests.push(`${request.method} ${url.pathname}`);
	if (!url.pathname.startsWith('/api/')) return file(url.pathname, response);
	if (mock.options.slowMs)
		await new Promise((resolve) => setTimeout(resolve, mock.options.slowMs));
	if (url.pathname === '/api/login') return login(mock, request, response);
	if (!session) return json(response, 401, {error: 'no session'});
	if (request.method === 'POST' && request.headers['x-leonhard-csrf'] !== session.csrf)
		return json(response, 403, {error: 'not from the console'});
	const routes = {
		'/api/session': () => json(response, 200, told(session)),
		'/api/logout': () => {
			mock.sessions.delete(session.token);
			return json(response, 200, {});
		},
		'/api/interfaces': () => json(response, 200, {interfaces: data.INTERFACES}),
		'/api/call': () => call(mock, session, request, response),
		'/api/stream': () => stream(mock, session, url, response),
		'/api/users': () => users(url, response),
	};

	return (routes[url.pathname] ?? (() => json(response, 404, {error: 'not found'})))();
}

/* {mock, url, close()}; @options as of Mock, and port. */
export async function startMock(options = {}) {
	const mock = new Mock(options);
	const server = createServer((request, response) =>
		serve(mock, request, response).catch((error) => {
			console.error(error);
			response.destroy();
		}),
	);

	await new Promise((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
	return {
		mock,
		url: `http://127.0.0.1:${server.address().port}/`,
		close: () =>
			new Promise((resolve) => {
				server.close(resolve);
				server.closeAllConnections();
			}),
	};
}

async function main() {
	const {values} = parseArgs({
		options: {
			port: {type: 'string', default: '8080'},
			records: {type: 'string', default: '100000'},
			live: {type: 'string', default: '0'},
			slow: {type: 'string', default: '0'},
			absent: {type: 'string', multiple: true, default: []},
			bad: {type: 'boolean', default: false},
			'no-meter': {type: 'boolean', default: false},
			'old-power': {type: 'boolean', default: false},
			'session-ms': {type: 'string', default: '3600000'},
		},
	});
	const {mock, url} = await startMock({
		port: Number(values.port),
		records: Number(values.records),
		slowMs: Number(values.slow),
		absent: new Set(values.absent),
		isBad: values.bad,
		sessionMs: Number(values['session-ms']),
		power: {hasMeter: !values['no-meter'], isOld: values['old-power']},
	});

	if (Number(values.live) > 0) setInterval(() => mock.trace.emit(), Number(values.live));
	console.log(`${url}  (admin or ada, password "leonhard")`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
