/*
 * The address: which page, and of the time line which filters. Pure; the address is the only place
 * where filters are kept, so that a view can be shared and the Back key works.
 *
 *   #/                                  overview
 *   #/changes?path=/etc/&user=0&since=24h&method=append
 *   #/changes/812?view=split            a record
 *   #/watches
 *   #/power?span=24h&by=process         spans and consumers (powerwords.js)
 */
import {METHODS, userNumber, visible} from './words.js';

/* Pages whose address is their name. */
const LISTED = new Set(['changes', 'watches', 'power']);
const SPANS_MS = {m: 60_000, h: 3_600_000, d: 86_400_000};

export function parseAddress(hash) {
	const [path, query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s);
	const parts = path.split('/').filter(Boolean);
	const route = {page: 'missing', id: null, query: new URLSearchParams(query)};

	if (parts.length === 0) route.page = 'overview';
	else if (parts.length === 1 && LISTED.has(parts[0]))
		route.page = parts[0];
	else if (parts.length === 2 && parts[0] === 'changes' && /^[1-9]\d{0,18}$/.test(parts[1]))
		Object.assign(route, {page: 'record', id: parts[1]});
	return route;
}

/* Milliseconds since 1970 of "15m", "24h", "7d" or an ISO time; null when it is none. */
export function sinceMs(text, nowMs) {
	const span = /^(\d{1,5})([mhd])$/.exec(text);

	if (span) return nowMs - Number(span[1]) * SPANS_MS[span[2]];
	if (!/^\d{4}-\d\d-\d\d/.test(text)) return null;
	const at = Date.parse(text);

	return Number.isNaN(at) ? null : at;
}

/*
 * A path as List takes it: absolute, or a glob. A name alone is looked for below every directory.
 */
export function pathProblem(path) {
	if (path === '' || path.startsWith('/')) return null;
	return 'A path begins with /. “/etc/” means all below it; *, ? and [] may stand for parts.';
}

/* What may be a user's name or number. */
function isUserText(text) {
	return new TextEncoder().encode(text).length <= 255 && !/[\u0000-\u001f\u007f-\u009f:]/.test(text);
}

/* Filters of an address; what is not understood is named in `problems` and not applied. */
export function fromQuery(query) {
	const filters = {path: '', user: '', since: '', method: '', problems: {}};

	for (const key of ['path', 'user', 'since', 'method'])
		filters[key] = (query.get(key) ?? '').trim();
	if (pathProblem(filters.path)) filters.problems.path = pathProblem(filters.path);
	if (!isUserText(filters.user))
		filters.problems.user =
			'A user is given by name, such as root, or by number, such as 1001.';
	if (filters.since && sinceMs(filters.since, 0) === null)
		filters.problems.since = 'This time is not understood.';
	if (filters.method && !METHODS[filters.method])
		filters.problems.method = 'There is no such kind of change.';
	return filters;
}

/* Failures of looking up a name that leave the rest of the page as it is. */
const LOOKUP_FAILURES = new Set(['absent', 'late', 'limit']);

/*
 * Finds out the number of a user who is given by a name that is not known yet, by
 * @find(name) -> number or null; one whom nobody knows is a problem, too.
 */
export async function resolveUser(filters, find) {
	if (!filters.user || filters.problems.user || userNumber(filters.user) !== null) return;
	try {
		filters.uid = await find(filters.user);
		if (filters.uid === null)
			filters.problems.user = `The node knows no user “${visible(filters.user)}”.`;
	} catch (error) {
		if (!LOOKUP_FAILURES.has(error.kind)) throw error;
		filters.problems.user = 'Users cannot be looked up by name at the moment; a number works.';
	}
}

/* The address of filters, without those that are empty. */
export function toAddress(filters) {
	const query = new URLSearchParams();

	for (const key of ['path', 'user', 'since', 'method'])
		if (filters[key]) query.set(key, filters[key]);
	const text = query.toString().replace(/%2F/g, '/').replace(/%2A/g, '*');

	return text ? `#/changes?${text}` : '#/changes';
}

export function isFiltered(filters) {
	return ['path', 'user', 'since', 'method'].some((key) => filters[key]);
}

/*
 * Parameters of Trace.List that the filters mean now, once resolveUser() is done. Method is none of
 * them: see accepts().
 */
export function toParameters(filters, nowMs) {
	const parameters = {};
	const since = filters.since ? sinceMs(filters.since, nowMs) : null;

	if (filters.path) parameters.path = filters.path;
	if (filters.user) parameters.user = filters.uid ?? userNumber(filters.user);
	if (since !== null) parameters.since_ns = Math.max(0, Math.floor(since)) * 1e6;
	return parameters;
}

/* The service does not filter by method; that is done here. */
export function accepts(filters, record) {
	return !filters.method || record.method === filters.method;
}
