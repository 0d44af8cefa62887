/*
 * The node at a glance: what needs attention first, then services, the machine, the latest changes
 * and its powers. Every part loads, and fails, for itself.
 */
import * as api from './api.js';
import {card, fill, h} from './dom.js';
import {latest, machine, powers} from './nodeview.js';
import {counted, explain, serviceOf, visible} from './words.js';

const NODE = 'io.leonhard.Node.';
const TRACE = 'io.leonhard.Trace.';
const HEALTH_EVERY_MS = 20_000;
const LATEST = 6;
function signWord(condition) {
	return h('span', {
		class: `sign ${condition}`,
		text: {good: 'good', bad: 'bad', unknown: 'unknown'}[condition] ?? condition,
	});
}

/* ---- services and what needs attention ---- */

/* Interfaces of services: those that have a health of their own. */
function servicesOf(list) {
	return list.filter(({name}) => /^io\.leonhard\.(?!Rpc$)\w+$/.test(name));
}

async function healthOf(service, signal, background) {
	try {
		return {
			service,
			health: await api.call(`${service.name}.Health`, {}, {signal, background}),
		};
	} catch (error) {
		if (error.name === 'AbortError' || error.kind === 'session') throw error;
		return {service, error};
	}
}

function serviceState({health, error}) {
	if (health) return health.healthy ? ['good', 'healthy'] : ['bad', 'needs attention'];
	if (error.error === 'org.varlink.service.MethodNotFound') return ['good', 'running'];
	return [
		error.kind === 'denied' ? 'unknown' : 'bad',
		explain(error).title.replace(/^The service \S+ is/, ''),
	];
}

function signRow(sign) {
	return h(
		'li',
		{},
		signWord(sign.condition),
		h(
			'div',
			{},
			h('span', {class: 'sign-name', text: visible(sign.name)}),
			' ',
			visible(sign.detail),
			h('p', {class: 'evidence', text: visible(sign.evidence)}),
		),
	);
}

function firstSentence(text) {
	return visible(text.replace(/\s+/g, ' ').split(/\. /)[0].replace(/\.?$/, '.'));
}

function serviceItem(result) {
	const {service, health} = result;
	const [condition, text] = serviceState(result);
	const good = health?.signs.filter((sign) => sign.condition === 'good').length ?? 0;

	return h(
		'details',
		{class: 'service'},
		h(
			'summary',
			{},
			h('span', {class: `dot ${condition}`, 'aria-hidden': 'true'}),
			h('b', {text: serviceOf(service.name).short}),
			h('span', {class: `state-word ${condition}`, text}),
			health
				? h('span', {
						class: 'dim',
						text: `${good} of ${counted(health.signs.length, 'sign')} good`,
					})
				: null,
			service.description
				? h('span', {class: 'dim about', text: firstSentence(service.description)})
				: null,
		),
		health
			? h('ul', {class: 'signs'}, health.signs.map(signRow))
			: h('p', {text: explain(result.error, service.name).text}),
	);
}

function attentionItem(title, text, more) {
	return h(
		'li',
		{class: 'attention'},
		h('span', {class: 'dot bad', 'aria-hidden': 'true'}),
		h(
			'div',
			{},
			h('b', {text: title}),
			h('p', {text}),
			more ? h('p', {class: 'evidence', text: more}) : null,
		),
	);
}

/* Bad signs and services that are not there; nothing else asks for attention. */
function attention(results) {
	const items = results.flatMap((result) => {
		const {short} = serviceOf(result.service.name);

		if (result.health)
			return result.health.signs
				.filter((sign) => sign.condition === 'bad')
				.map((sign) =>
					attentionItem(
						`${short}: ${visible(sign.name)}`,
						visible(sign.detail),
						visible(sign.evidence),
					),
				);
		if (serviceState(result)[0] !== 'bad') return [];
		const {title, text} = explain(result.error, result.service.name);

		return [attentionItem(title, text)];
	});

	if (items.length === 0)
		return h(
			'p',
			{class: 'all-good'},
			h('span', {class: 'dot good', 'aria-hidden': 'true'}),
			'Nothing needs attention.',
		);
	return h('ul', {class: 'attention-list'}, items);
}

/* ---- the page ---- */

/* Details that were open stay open when their card is made anew. */
function keepOpen(place, content) {
	const open = [...place.querySelectorAll('details')].map((details) => details.open);

	place.replaceChildren(...content);
	[...place.querySelectorAll('details')].forEach((details, i) => {
		details.open = open[i] ?? false;
	});
}

async function watchHealth(list, cards, signal, background) {
	const results = await Promise.all(list.map((service) => healthOf(service, signal, background)));

	if (signal.aborted) return;
	cards.attention.element.classList.toggle(
		'has-bad',
		results.some((result) => serviceState(result)[0] === 'bad'),
	);
	cards.attention.body.replaceChildren(attention(results));
	keepOpen(cards.services.body, results.map(serviceItem));
}

function repeat(signal, act) {
	const timer = setInterval(() => !document.hidden && act(true).catch(() => {}), HEALTH_EVERY_MS);

	signal.addEventListener('abort', () => clearInterval(timer));
}

function loadHealth(cards, signal) {
	let list = null;
	const load = async (background) => {
		list ??= servicesOf(await api.interfaces(signal));
		await watchHealth(list, cards, signal, background);
	};

	repeat(signal, load);
	return fill(cards.attention.body, 'health', NODE, signal, async () => {
		await load(false);
		return [...cards.attention.body.childNodes];
	});
}

export function show(place, route, signal, nameNode) {
	const cards = {
		attention: card('attention', 'Attention'),
		services: card('services', 'Services'),
		machine: card('machine', 'This machine'),
		latest: card('latest', 'Latest changes', h('a', {href: '#/changes', text: 'All changes'})),
		powers: card('powers', 'Powers'),
	};
	const title = h('h1', {text: 'Overview'});
	const get = (method, parameters) => api.call(method, parameters, {signal});

	place.append(
		h(
			'div',
			{class: 'page overview'},
			title,
			h(
				'div',
				{class: 'cards'},
				Object.values(cards).map(({element}) => element),
			),
		),
	);
	loadHealth(cards, signal);
	fill(cards.machine.body, 'the machine', `${NODE}Describe`, signal, async () => {
		const node = await get(`${NODE}Describe`);

		nameNode(visible(node.hostname));
		title.textContent = visible(node.hostname);
		return machine(node);
	});
	fill(cards.latest.body, 'changes', `${TRACE}List`, signal, async () =>
		latest(await Promise.all([get(`${TRACE}List`, {limit: LATEST}), get(`${TRACE}Describe`)])),
	);
	fill(cards.powers.body, 'powers', `${NODE}ListPowers`, signal, async () =>
		powers(await get(`${NODE}ListPowers`)),
	);
	return {update: () => {}};
}
