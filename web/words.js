/*
 * What the console says: times, sizes, names and sentences. Pure functions, no page.
 *
 * Times come as nanoseconds since 1970 in a JavaScript number, which is exact to some hundred
 * nanoseconds: enough for people. Order is told by ids, never by these.
 */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/* ---- times ---- */

export function dateOf(ns) {
	return new Date(ns / 1e6);
}

function plural(count, word) {
	return `${count} ${word}${count === 1 ? '' : 's'}`;
}

const dayFormat = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short'});
const yearFormat = new Intl.DateTimeFormat('en-GB', {
	day: 'numeric',
	month: 'short',
	year: 'numeric',
});
const fullFormat = new Intl.DateTimeFormat('en-GB', {
	weekday: 'short',
	day: 'numeric',
	month: 'short',
	year: 'numeric',
	hour: '2-digit',
	minute: '2-digit',
	second: '2-digit',
	timeZoneName: 'short',
});

/* "just now", "12 s ago", "3 min ago", "5 h ago", "2 d ago", "14 Mar", "14 Mar 2025". */
export function relative(ns, nowMs = Date.now()) {
	const seconds = Math.floor((nowMs - ns / 1e6) / 1000);

	if (seconds < -5) return full(ns);
	if (seconds < 5) return 'just now';
	if (seconds < MINUTE) return `${seconds} s ago`;
	if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
	if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
	if (seconds < 7 * DAY) return `${Math.floor(seconds / DAY)} d ago`;
	const sameYear = dateOf(ns).getFullYear() === new Date(nowMs).getFullYear();

	return (sameYear ? dayFormat : yearFormat).format(dateOf(ns));
}

/* Everything, in the viewer's zone: "Wed, 25 Nov 2026, 22:14:03 CET". */
export function full(ns) {
	const date = dateOf(ns);

	return Number.isNaN(date.getTime()) ? 'at an unknown time' : fullFormat.format(date);
}

/* A length of time: "3 d 4 h", "4 h 12 min", "12 min", "40 s". */
export function lasting(ns) {
	const seconds = Math.max(0, Math.floor(ns / 1e9));
	const parts = [
		[Math.floor(seconds / DAY), 'd'],
		[Math.floor((seconds % DAY) / HOUR), 'h'],
		[Math.floor((seconds % HOUR) / MINUTE), 'min'],
	];
	const first = parts.findIndex(([value]) => value > 0);

	if (first < 0) return `${seconds} s`;
	return parts
		.slice(first, first + 2)
		.filter(([value]) => value > 0)
		.map(([value, unit]) => `${value} ${unit}`)
		.join(' ');
}

/* ---- numbers ---- */

export function bytes(count) {
	const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
	let step = 0;
	let value = count;

	while (value >= 1024 && step < units.length - 1) {
		value /= 1024;
		step++;
	}
	if (step === 0) return count === 1 ? '1 byte' : `${count} bytes`;
	return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}

/* 100000 as "100,000". */
export function number(count) {
	return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function counted(count, word) {
	return `${number(count)} ${word}${count === 1 ? '' : 's'}`;
}

/* ---- text of others ---- */

/*
 * Escaped text (docs/format/escape.md) may still hold characters that mislead the eye: those that
 * turn the direction of writing, separate lines, or have no width. They are shown by their numbers.
 */
const MISLEADING = /[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function visible(text) {
	return String(text).replace(
		MISLEADING,
		(c) => `[U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
	);
}

/* One argument as a shell takes it; that with escapes as $'…', which knows \xHH. */
function quoteWord(text) {
	if (/^[\w@%+=:,./-]+$/.test(text)) return text;
	if (text.includes('\\')) return `$'${text.replace(/'/g, "\\'")}'`;
	return `'${text.replace(/'/g, "'\\''")}'`;
}

export function commandLine(argv) {
	return visible(argv.map(quoteWord).join(' '));
}

/* "/etc/ssh/sshd_config" as ["/etc/ssh/", "sshd_config"]. */
export function splitPath(path) {
	const slash = path.replace(/\/$/, '').lastIndexOf('/') + 1;

	return [path.slice(0, slash), path.slice(slash)];
}

/* ---- people ---- */

/* Ids that mean the same everywhere, and those whose names the node has told (names.js). */
const userNames = new Map([
	[0, 'root'],
	[65534, 'nobody'],
]);

export function knowUser(uid, name) {
	if (Number.isInteger(uid) && name) userNames.set(uid, name);
}

export function isUserKnown(uid) {
	return userNames.has(uid);
}

export function user(uid) {
	return isUserKnown(uid) ? visible(userNames.get(uid)) : `uid ${uid}`;
}

/* With the number in any case: "root (0)". */
export function userWithNumber(uid) {
	return isUserKnown(uid) ? `${user(uid)} (${uid})` : user(uid);
}

/* A number, or a name that is known; null for anything else. */
export function userNumber(text) {
	const trimmed = text.trim().replace(/^uid\s+/, '');

	if (/^\d{1,10}$/.test(trimmed) && Number(trimmed) < 2 ** 32 - 1) return Number(trimmed);
	for (const [uid, name] of userNames) if (name === trimmed) return uid;
	return null;
}

/* Who stands behind a change, in a few words: "alice as root", "uid 1001", "not known". */
export function who(record) {
	const {uid, login_uid: loginUid} = record;

	if (uid === null && loginUid === null) return 'not known';
	if (loginUid === null || loginUid === undefined) return user(uid);
	if (uid === null || uid === undefined || uid === loginUid) return user(loginUid);
	return `${user(loginUid)} as ${user(uid)}`;
}

/* ---- changes ---- */

/* method: [a word for lists, a sentence for the record]. */
export const METHODS = {
	'in-place': ['edited', 'The file was opened and written in place.'],
	append: ['appended', 'Content was added at the end of the file.'],
	truncate: ['cut', 'The file was made shorter.'],
	replace: ['replaced', 'Another file was put in its place.'],
	create: ['created', 'It was not there before.'],
	delete: ['deleted', 'It is not there any more.'],
	link: ['linked', 'It became another name of a file, or a symbolic link.'],
	metadata: ['metadata', 'Mode, owner, attributes or times changed; the content did not.'],
	mount: ['mounted over', 'The path shows another file system.'],
	unknown: ['found changed', 'It was found changed afterwards; nobody saw how.'],
};

export function methodWord(method) {
	return METHODS[method]?.[0] ?? method;
}

/* ---- errors ---- */

const SERVICES = {
	'io.leonhard.Node': ['Node', 'leonhard-node'],
	'io.leonhard.Trace': ['Trace', 'leonhard-trace'],
	'io.leonhard.Power': ['Power', 'leonhard-pwrapis'],
};

/* "io.leonhard.Trace.List" or the interface: its short name and its systemd unit. */
export function serviceOf(name) {
	const parts = name.split('.').slice(0, 3);
	const known = SERVICES[parts.join('.')];
	const short = parts[2] ?? name;

	return {short: known?.[0] ?? short, unit: known?.[1] ?? `leonhard-${short.toLowerCase()}`};
}

/* error of a service: [title, text from its parameters]. */
const REFUSALS = {
	'io.leonhard.Trace.NoSuchRecord': (p) => [
		'There is no such record',
		`Record ${p.id ?? ''} is not in the store: old records are dropped to make room, or ` +
			`the number is wrong.`,
	],
	'io.leonhard.Trace.NoContent': (p) => ['There is nothing to read', sentence(p.reason)],
	'io.leonhard.Trace.NoSuchWatch': (p) => [
		'There is no such watch',
		`${visible(p.path ?? 'This path')} is not watched any more, or never was.`,
	],
	'io.leonhard.Trace.WatchRefused': (p) => ['The watch was refused', sentence(p.reason)],
	'io.leonhard.Trace.Withheld': () => [
		'For administrators only',
		'Not everybody may read this file, and your account is not an administrator’s.',
	],
	'io.leonhard.Power.NoSuchItem': (p) => [
		'The machine does not have it',
		`The service knows no “${visible(p.item ?? '?')}”.`,
	],
	'io.leonhard.Power.NoSuchPlace': (p) => [
		'It is not there any more',
		`The machine has no “${visible(p.place ?? '?')}” that this could be set at.`,
	],
	'io.leonhard.Power.Refused': (p) => ['It was not set', sentence(p.reason)],
	'io.leonhard.Power.ControlHeld': (p) => [
		'Somebody else has the control token',
		`${user(p.uid)} holds it, with process ${p.pid}, and nobody of a lower or the same ` +
			`priority may set anything meanwhile.`,
	],
	'io.leonhard.Node.ProbeFailed': (p) => ['The trial did not end well', sentence(p.reason)],
	'io.leonhard.Rpc.Failed': (p) => ['That did not work', sentence(p.reason)],
	'io.leonhard.Rpc.Overrun': (p) => [
		'Some news was missed',
		`The connection was too slow for ` +
			`${counted(p.missed ?? 0, 'reply').replace('replys', 'replies')}.`,
	],
	'io.leonhard.Rpc.TooManyConnections': () => [
		'Too many connections',
		'You have too many pages or tools open on this node. Close some and try again.',
	],
	'org.varlink.service.InvalidParameter': (p) => [
		'The service did not take that',
		`The value of “${visible(p.parameter ?? '?')}” does not fit.`,
	],
};

function sentence(reason) {
	const text = visible(reason ?? 'The service gave no reason.');
	const first = text.charAt(0).toUpperCase() + text.slice(1);

	return /[.!?]$/.test(first) ? first : `${first}.`;
}

function explainRefusal(error) {
	const known = REFUSALS[error.error];

	if (known) return known(error.parameters);
	return ['The service refused', `It replied with ${visible(error.error)}.`];
}

/* What trying again does not help. */
const FINAL = new Set([
	'denied',
	'session',
	'io.leonhard.Trace.NoSuchRecord',
	'io.leonhard.Trace.NoContent',
	'io.leonhard.Trace.Withheld',
	'io.leonhard.Trace.NoSuchWatch',
]);

/* What an ApiError means for the person: {title, text, retry}. @method: what was asked. */
export function explain(error, method = '') {
	const service = serviceOf(method || 'io.leonhard.Node');
	const table = {
		absent: [
			`The service ${service.short} is not there`,
			`It is not running or not installed. On the node, “systemctl status ` +
				`${service.unit}” says why.`,
		],
		denied: [
			'Not permitted',
			'Your account may not do this. An administrator can change that in ' +
				'/etc/leonhard/access.conf.',
		],
		offline: [
			'The node cannot be reached',
			'The connection to the console was lost. The network or the console itself may ' +
				'be down.',
		],
		late: [
			'No answer in time',
			'The node is busy, or something on the way holds the answer up.',
		],
		limit: [
			'Too much at once',
			error.retryAfter
				? `Try again in ${plural(error.retryAfter, 'second')}.`
				: 'Wait a moment.',
		],
		session: ['Your session is over', 'Log in again; you will come back to this page.'],
		login: ['Log-in failed', 'The name or the password is not right.'],
		refused: error.kind === 'refused' ? explainRefusal(error) : null,
	};
	const [title, text] = table[error.kind] ?? [
		'Something went wrong',
		error.status
			? `The console answered with HTTP status ${error.status}.`
			: 'The answer could not be understood.',
	];

	return {title, text, retry: !FINAL.has(error.kind) && !FINAL.has(error.error)};
}
