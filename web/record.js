/*
 * One record: what changed, the difference, who did it through which processes, and why some of it
 * may not be here.
 */
import * as api from './api.js';
import {fill, h, notice, time} from './dom.js';
import {toAddress} from './filters.js';
import {contentCard, storedView} from './recordcontent.js';
import {processes, secrets, states, who} from './recordparts.js';
import {notes} from './states.js';
import {full, METHODS, methodWord, splitPath, visible} from './words.js';

const SHOW = 'io.leonhard.Trace.Show';

/* ---- head ---- */

function head(record) {
	const [folder, name] = splitPath(record.path);

	return h(
		'div',
		{class: 'record-head'},
		h(
			'h1',
			{class: 'path-title'},
			h('span', {class: 'folder', text: visible(folder)}),
			h('span', {class: 'name', text: visible(name)}),
		),
		h(
			'p',
			{class: 'record-line'},
			h('span', {
				class: 'method',
				'data-method': record.method,
				text: methodWord(record.method),
			}),
			time(record.time_ns),
			h('span', {class: 'dim', text: full(record.time_ns)}),
		),
		h(
			'p',
			{class: 'links'},
			h('a', {href: toAddress({path: record.path}), text: 'All changes of this file'}),
			h('a', {href: toAddress({path: folder}), text: 'All changes in this folder'}),
			(record.login_uid ?? record.uid) !== null
				? h('a', {
						href: toAddress({user: String(record.login_uid ?? record.uid)}),
						text: 'All by this user',
					})
				: null,
		),
	);
}

/* ---- the page ---- */

function page(record, route, signal) {
	const view = (route.query.get('view') ?? storedView()) === 'split' ? 'split' : 'unified';

	return [
		head(record),
		h('p', {class: 'lead', text: METHODS[record.method]?.[1] ?? ''}),
		notes(record).map(({title, text}) => notice('info', title, text)),
		h(
			'div',
			{class: 'record-grid'},
			h(
				'div',
				{class: 'record-main'},
				contentCard(record, view, signal),
				secrets(record),
				processes(record),
			),
			h('div', {class: 'record-side'}, who(record), states(record)),
		),
	].flat();
}

export async function show(place, route, signal) {
	const body = h('div');

	place.append(
		h(
			'div',
			{class: 'record'},
			h(
				'p',
				{class: 'crumbs'},
				h('a', {href: '#/changes', text: 'Changes'}),
				` / ${route.id}`,
			),
			body,
		),
	);
	/* Escape leads back to the list, where it was left. */
	document.addEventListener(
		'keydown',
		(event) => {
			if (
				event.key === 'Escape' &&
				!event.defaultPrevented &&
				!document.querySelector('dialog')
			)
				route.previous === null ? location.assign('#/changes') : history.back();
		},
		{signal},
	);
	await fill(body, `change ${route.id}`, SHOW, signal, async () => {
		const {record} = await api.call(SHOW, {id: route.id}, {signal});

		document.title = `${splitPath(visible(record.path))[1]} - Change ${record.id} - Leonhard`;
		return page(record, route, signal);
	});
	return {update: () => {}};
}
