/*
 * The console: who is logged in, which page the address names, and the frame around it.
 *
 * A page is a module with show(place, route, signal, nameNode), which fills `place` and may return
 * {update(route)} for a new address of the same page; `signal` is aborted when the page is left.
 * Pages are loaded when they are first asked for.
 */
import * as api from './api.js';
import {failure, h, keepTimes, say} from './dom.js';
import {parseAddress} from './filters.js';

const PAGES = {
	overview: {title: 'Overview', load: () => import('./overview.js')},
	changes: {title: 'Changes', load: () => import('./changes.js')},
	record: {title: 'Change', load: () => import('./record.js')},
	watches: {title: 'Watches', load: () => import('./watches.js')},
	power: {title: 'Power', load: () => import('./power.js')},
};
const TABS = [
	['#/', 'Overview', 'overview'],
	['#/changes', 'Changes', 'changes'],
	['#/watches', 'Watches', 'watches'],
	['#/power', 'Power', 'power'],
];

/* Timers of browsers hold no more milliseconds than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const app = document.getElementById('app');
let frame = null;
let shown = null; /* {page, id, leave, update} */
let turn = 0;
let expiry = 0;
let previous = null; /* address of the page before, when it was one of these */

/* ---- the frame ---- */

function tab([href, text, page]) {
	return h('a', {href, 'data-page': page, text});
}

function makeFrame() {
	const content = h('main', {id: 'content', tabindex: '-1'});
	const node = h('span', {class: 'node-name'});
	const header = h(
		'header',
		{class: 'bar'},
		h('a', {class: 'brand', href: '#/'}, h('b', {text: 'Leonhard'}), ' ', node),
		h('nav', {'aria-label': 'Pages'}, TABS.map(tab)),
		h(
			'div',
			{class: 'account'},
			h('span', {class: 'user', text: api.getSession().user}),
			h('button', {type: 'button', class: 'quiet', text: 'Log out', onclick: leave}),
		),
	);

	app.replaceChildren(header, content);
	return {content, header, node};
}

let nodeName = '';

function nameNode(name) {
	nodeName = name;
	if (frame) frame.node.textContent = name;
}

/* The overview tells the name by the way; behind other pages it is asked for. */
async function askName(route) {
	if (nodeName || route.page === 'overview') return;
	try {
		nameNode((await api.call('io.leonhard.Node.Describe')).hostname);
	} catch (error) {
		/* The header does without. */
	}
}

function markTab(page) {
	const current = page === 'record' ? 'changes' : page;

	for (const link of frame.header.querySelectorAll('nav a')) {
		if (link.dataset.page === current) link.setAttribute('aria-current', 'page');
		else link.removeAttribute('aria-current');
	}
}

/* ---- pages ---- */

function leavePage() {
	shown?.leave.abort();
	shown = null;
}

function missing(place) {
	document.title = 'Not found - Leonhard';
	place.replaceChildren(
		h(
			'div',
			{class: 'state'},
			h('h1', {class: 'state-title', text: 'There is no such page'}),
			h(
				'p',
				{},
				'The address may be mistyped. ',
				h('a', {href: '#/', text: 'Go to the overview'}),
				'.',
			),
		),
	);
}

async function loadPage(route, mine) {
	const page = PAGES[route.page];
	const leave = new AbortController();

	shown = {page: route.page, id: route.id, leave, update: null};
	try {
		const module = await page.load();

		if (turn !== mine) return;
		document.title = `${page.title} - Leonhard`;
		frame.content.replaceChildren();
		const made = await module.show(frame.content, route, leave.signal, nameNode);

		if (turn === mine && shown) shown.update = made?.update ?? null;
	} catch (error) {
		if (error.name === 'AbortError' || turn !== mine) return;
		shown = null;
		const told = error.kind ? error : new api.ApiError('offline');

		if (!error.kind) console.error(error);
		frame.content.replaceChildren(failure(told, '', () => follow()));
	}
}

/* Shows what the address names. */
async function follow() {
	if (location.hash === '#content' || !frame) return;
	const route = {...parseAddress(location.hash), previous};

	previous = location.hash;
	markTab(route.page);
	if (shown?.update && shown.page === route.page && shown.id === route.id)
		return shown.update(route);
	const isFirst = turn === 0;
	const mine = ++turn;

	leavePage();
	if (!PAGES[route.page]) missing(frame.content);
	else await loadPage(route, mine);
	if (turn === mine && !isFirst) {
		if (!frame.content.contains(document.activeElement))
			frame.content.focus({preventScroll: true});
		say(document.title);
	}
}

/* ---- sessions ---- */

/* The address stays what it is, so that the log-in leads back to it. */
async function showLogin(reason) {
	leavePage();
	turn++;
	frame = null;
	for (const dialog of document.querySelectorAll('dialog')) dialog.close();
	const {showLogin: show} = await import('./login.js');

	if (!frame) show(app, reason, enter);
}

/* Asks again when the session should be over; the node may have made it longer. */
function watchExpiry() {
	const {expires_ns: expires} = api.getSession();
	const wait = Math.max(10_000, expires / 1e6 - Date.now() + 1000);

	clearTimeout(expiry);
	expiry = setTimeout(
		async () => {
			try {
				if (!frame) return;
				if (await api.resume()) watchExpiry();
				else showLogin('over');
			} catch (error) {
				watchExpiry();
			}
		},
		Math.min(wait, LONGEST_TIMER_MS),
	);
}

function enter() {
	watchExpiry();
	frame = makeFrame();
	nameNode(nodeName);
	follow().then(() => askName(parseAddress(location.hash)));
}

async function leave() {
	try {
		await api.logout();
	} catch (error) {
		say('Logging out failed; try again.');
		return;
	}
	history.replaceState(null, '', '#/');
	showLogin('');
}

/* The skip link works on the page, not on the address. */
function skip(event) {
	event.preventDefault();
	(document.getElementById('content') ?? app).focus();
}

async function start() {
	api.onSessionOver(() => showLogin('over'));
	document.querySelector('.skip').addEventListener('click', skip);
	window.addEventListener('hashchange', follow);
	keepTimes();
	try {
		if (await api.resume()) enter();
		else await showLogin('');
	} catch (error) {
		const told = error.kind ? error : new api.ApiError('broken');

		app.replaceChildren(h('main', {id: 'content', tabindex: '-1'}, failure(told, '', start)));
	}
}

start();
