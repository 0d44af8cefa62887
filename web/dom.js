/*
 * Making pages: elements, times that stay right, and the states that every view has. Text from the
 * node goes in as text nodes only; nothing here takes markup.
 */
import {explain, full, relative} from './words.js';

/*
 * An element. Properties: class, text, data-*, aria-*, on* (a listener), and attributes; a value of
 * null or false leaves it out, true sets it empty. Children: elements, strings, null.
 */
export function h(tag, properties = {}, ...children) {
	const element = document.createElement(tag);

	for (const [name, value] of Object.entries(properties)) {
		if (value === null || value === undefined || value === false) continue;
		if (name === 'text') element.textContent = value;
		else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
		else element.setAttribute(name, value === true ? '' : value);
	}
	element.append(
		...children
			.flat(Infinity)
			.filter((child) => child !== null && child !== undefined && child !== false),
	);
	return element;
}

/* ---- times ---- */

export function setTime(element, ns) {
	const date = new Date(ns / 1e6);

	element.dataset.ns = ns;
	element.dateTime = Number.isNaN(date.getTime()) ? '' : date.toISOString();
	element.title = full(ns);
	element.textContent = relative(ns);
}

export function time(ns) {
	const element = h('time', {});

	setTime(element, ns);
	return element;
}

/* Relative times grow old; those that are on the page are said anew. */
export function keepTimes() {
	setInterval(() => {
		for (const element of document.querySelectorAll('time[data-ns]')) {
			const text = relative(Number(element.dataset.ns));

			if (element.textContent !== text) element.textContent = text;
		}
	}, 10_000);
}

/* ---- what a screen reader hears ---- */

export function say(text) {
	document.getElementById('say').textContent = text;
}

/* ---- states of a view ---- */

/* Shown only when it takes longer than a blink: the stylesheet delays it. */
export function loading(what) {
	return h(
		'div',
		{class: 'state loading', role: 'status'},
		h('span', {class: 'spinner', 'aria-hidden': 'true'}),
		`Loading ${what}…`,
	);
}

/* Of a state that fills the page it is the page's heading; beside others it is none. */
function stateTitle(text) {
	return h(document.querySelector('main h1') ? 'p' : 'h1', {class: 'state-title', text});
}

export function empty(title, text, ...actions) {
	return h(
		'div',
		{class: 'state'},
		stateTitle(title),
		h('p', {text}),
		h('div', {class: 'actions'}, actions),
	);
}

/* A failure, worded; with a button when trying again can help. */
export function failure(error, method, retry) {
	const {title, text, retry: canHelp} = explain(error, method);
	const button =
		retry && canHelp && h('button', {type: 'button', text: 'Try again', onclick: retry});

	return h(
		'div',
		{class: 'state failed', role: 'alert', 'data-kind': error.kind},
		stateTitle(title),
		h('p', {text}),
		h('div', {class: 'actions'}, button),
	);
}

export function notice(kind, title, text) {
	return h('div', {class: `notice ${kind}`}, h('strong', {text: title}), ' ', h('span', {text}));
}

/*
 * Fills @place with what @load makes: loading first, then its result, or the failure with a way to
 * try again. Nothing once @signal is aborted.
 */
export async function fill(place, what, method, signal, load) {
	place.setAttribute('aria-busy', 'true');
	if (!place.hasChildNodes() || place.querySelector(':scope > .failed'))
		place.replaceChildren(loading(what));
	try {
		const content = await load();

		if (!signal.aborted) place.replaceChildren(...[content].flat());
	} catch (error) {
		if (error.name === 'AbortError' || signal.aborted) return;
		if (!error.kind) console.error(error);
		place.replaceChildren(
			failure(error, method, () => fill(place, what, method, signal, load)),
		);
	} finally {
		place.removeAttribute('aria-busy');
	}
}

/* ---- questions ---- */

/* A part of a page under its own title, behind which @head stands; what it shows goes in the body. */
export function card(id, title, ...head) {
	const body = h('div', {class: 'card-body'});
	const element = h(
		'section',
		{class: `card card-${id}`, 'aria-labelledby': `${id}-title`},
		h('div', {class: 'card-head'}, h('h2', {id: `${id}-title`, text: title}), head),
		body,
	);

	return {element, body};
}

/* Asks before something is done; true when the person agrees. Escape means no. */
export function ask({title, body, action}) {
	return new Promise((resolve) => {
		const dialog = h(
			'dialog',
			{'aria-labelledby': 'ask-title'},
			h(
				'form',
				{method: 'dialog'},
				h('h2', {id: 'ask-title', text: title}),
				...body,
				h(
					'div',
					{class: 'actions'},
					h('button', {value: 'no', text: 'Cancel', autofocus: true}),
					h('button', {value: 'yes', class: 'danger', text: action}),
				),
			),
		);

		dialog.addEventListener('close', () => {
			dialog.remove();
			resolve(dialog.returnValue === 'yes');
		});
		document.body.append(dialog);
		dialog.showModal();
	});
}

/* Offers @parts (Uint8Arrays) as a file to be saved. */
export function save(parts, name) {
	const url = URL.createObjectURL(new Blob(parts, {type: 'application/octet-stream'}));
	const link = h('a', {href: url, download: name});

	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
