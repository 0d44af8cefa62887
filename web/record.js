/*
 * One record: what changed, the difference, who did it through which processes, and why some of it may
 * not be here.
 */
import * as api from './api.js';
import {fileName, readContent, textOf} from './content.js';
import {fill, h, notice, save, say, time} from './dom.js';
import {diffView} from './diffview.js';
import {parseDiff} from './diff.js';
import {toAddress} from './filters.js';
import {lineage, notes, readable, secretFields, stateRows, warnings, whyNoDiff} from './states.js';
import {
	bytes, commandLine, explain, full, METHODS, methodWord, number, splitPath, userWithNumber, visible,
} from './words.js';

const SHOW = 'io.leonhard.Trace.Show';
const VIEW_KEY = 'leonhard.diff';
const SPLIT_MIN = '(min-width: 800px)';

function section(id, title, ...children) {
	return h('section', {class: `card card-${id}`, 'aria-labelledby': `${id}-title`},
		h('h2', {id: `${id}-title`, text: title}), children);
}

function definition(term, ...value) {
	return [h('dt', {text: term}), h('dd', {}, value)];
}

/* ---- head ---- */

function head(record) {
	const [folder, name] = splitPath(record.path);

	return h('div', {class: 'record-head'},
		h('p', {class: 'crumbs'}, h('a', {href: '#/changes', text: 'Changes'}), ` / ${record.id}`),
		h('h1', {class: 'path-title'}, h('span', {class: 'folder', text: visible(folder)}),
			h('span', {class: 'name', text: visible(name)})),
		h('p', {class: 'record-line'},
			h('span', {class: 'method', 'data-method': record.method, text: methodWord(record.method)}),
			time(record.time_ns), h('span', {class: 'dim', text: full(record.time_ns)})),
		h('p', {class: 'links'},
			h('a', {href: toAddress({path: record.path}), text: 'All changes of this file'}),
			h('a', {href: toAddress({path: folder}), text: 'All changes in this folder'}),
			(record.login_uid ?? record.uid) !== null
				? h('a', {href: toAddress({user: String(record.login_uid ?? record.uid)}), text: 'All by this user'})
				: null));
}

/* ---- who ---- */

function who(record) {
	const unknown = () => h('span', {class: 'dim', text: 'not known'});
	const text = (value) => (value === null ? unknown() : visible(value));
	const nobody = record.attribution === 'none' ? unknown() : 'nobody: a service or timer';

	return section('who', 'Who', h('dl', {class: 'facts'},
		definition('Logged in as', record.login_uid === null ? nobody : userWithNumber(record.login_uid)),
		definition('Acted as', record.uid === null ? unknown() : userWithNumber(record.uid)),
		record.session === null ? null : definition('Session', String(record.session)),
		record.tty === null ? null : definition('Terminal', visible(record.tty)),
		definition('systemd unit', text(record.unit)),
		definition('Known', {full: 'in full', partial: 'in part', none: 'nothing'}[record.attribution]
			?? record.attribution)));
}

/* ---- processes ---- */

function processItem({process, isActor}) {
	const exe = process.exe === null ? 'kernel' : visible(process.exe);
	const argv = process.argv.length > 0 ? commandLine(process.argv) : '';

	return h('div', {class: isActor ? 'process actor' : 'process'},
		h('div', {class: 'process-line'}, h('span', {class: 'exe', text: exe}),
			h('span', {class: 'dim', text: ` pid ${process.pid}, ${userWithNumber(process.uid ?? 0)}`}),
			isActor ? h('span', {class: 'tag', text: 'made the change'}) : null),
		argv ? h('code', {class: 'argv', text: argv}) : null,
		process.argv_truncated ? h('span', {class: 'dim', text: ' some arguments are missing' }) : null);
}

/* Nested lists, the first parent outside: what started what. */
function processTree(steps) {
	let inner = null;

	for (const step of [...steps].reverse())
		inner = h('ul', {}, h('li', {}, processItem(step), inner));
	inner.classList.add('tree');
	return inner;
}

function processes(record) {
	const steps = lineage(record);

	if (steps.length === 0)
		return section('processes', 'Processes', h('p', {class: 'dim', text: 'No process is known for this change.'}));
	return section('processes', 'Processes',
		record.ancestry_truncated ? h('p', {class: 'dim', text: 'Parents further up are missing.'}) : null,
		processTree(steps));
}

/* ---- what changed besides content ---- */

function states(record) {
	const rows = stateRows(record);

	if (rows.length === 0)
		return null;
	const cell = (value, isChanged) => h('td', {class: isChanged ? 'changed' : null,
		text: value ?? 'not there'});

	return section('state', 'The file', warnings(record).map((text) => notice('warn', 'Look at this:', text)),
		h('div', {class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Before and after'},
			h('table', {class: 'plain-table'},
				h('thead', {}, h('tr', {}, h('td', {}), ['Before', 'After'].map((text) => h('th', {scope: 'col', text})))),
				h('tbody', {}, rows.map((row) => h('tr', {class: row.changed ? 'is-changed' : null},
					h('th', {scope: 'row', text: row.what}), cell(row.old, false), cell(row.new, row.changed)))))));
}

function secrets(record) {
	if (record.fields.length === 0)
		return null;
	return section('fields', 'Accounts', h('table', {class: 'plain-table'},
		h('thead', {}, h('tr', {}, h('th', {scope: 'col', text: 'Account'}), h('th', {scope: 'col', text: 'What changed'}))),
		h('tbody', {}, secretFields(record.fields).map(({account, words}) => h('tr', {},
			h('th', {scope: 'row', text: visible(account)}), h('td', {text: visible(words)}))))));
}

/* ---- content ---- */

function storedView() {
	try {
		return localStorage.getItem(VIEW_KEY);
	} catch (error) {
		return null;
	}
}

function storeView(view) {
	try {
		localStorage.setItem(VIEW_KEY, view);
	} catch (error) {
		/* A browser that keeps nothing: the address still has it. */
	}
}

/* The two ways to show a difference, as a pair of buttons of which one is pressed. */
function viewSwitch(id, view, onChange) {
	return h('div', {class: 'switch', role: 'group', 'aria-label': 'How the difference is shown'},
		[['unified', 'Unified'], ['split', 'Side by side']].map(([value, text]) => h('button', {
			type: 'button', text, 'aria-pressed': String(value === view),
			onclick: () => {
				storeView(value);
				history.replaceState(null, '', `#/changes/${id}?view=${value}`);
				onChange(value);
			},
		})));
}

function showDiff(place, record, text, view) {
	const parsed = parseDiff(text);

	if (parsed.binary) {
		place.replaceChildren(h('p', {class: 'dim', text: 'The content is binary. It can be saved below.'}));
		return;
	}
	const isSplit = view === 'split' && matchMedia(SPLIT_MIN).matches;

	place.replaceChildren(
		h('div', {class: 'diff-bar'},
			h('span', {class: 'added', text: `+${number(parsed.added)}`, title: 'lines added'}),
			h('span', {class: 'deleted', text: `−${number(parsed.deleted)}`, title: 'lines removed'}),
			viewSwitch(record.id, view, (next) => {
				showDiff(place, record, text, next);
				place.querySelector('[aria-pressed="true"]').focus();
			})),
		diffView(parsed, isSplit));
}

function progress(button, done, size) {
	button.textContent = size > 0 ? `${bytes(done)} of ${bytes(size)}` : 'Reading…';
}

/* A button that reads while it says how far it is. @use(pieces) gets what was read. */
function readButton(record, side, label, text, signal, use) {
	const message = h('span', {class: 'bad-text', role: 'alert'});
	const button = h('button', {type: 'button', text});

	button.addEventListener('click', async () => {
		button.disabled = true;
		message.textContent = '';
		progress(button, 0, 0);
		try {
			await use(await readContent(record.id, side, signal, (done, size) => progress(button, done, size)));
			say(`${label}: done`);
		} catch (error) {
			if (error.name !== 'AbortError')
				message.textContent = Object.values(explain(error, SHOW)).slice(0, 2).join('. ');
		}
		button.disabled = false;
		button.textContent = text;
	});
	return h('span', {class: 'read'}, button, message);
}

function downloads(record, signal) {
	return readable(record).map(({side, label, size}) => readButton(record, side, label,
		size === null ? `Save ${label}` : `Save ${label} (${bytes(size)})`, signal,
		(pieces) => save(pieces, fileName(record, side === 'diff' ? 'diff' : label))));
}

function content(record, view, signal) {
	const place = h('div', {class: 'content-diff'});
	const why = whyNoDiff(record);

	if (record.diff)
		showDiff(place, record, record.diff, view);
	else if (record.diff_truncated)
		place.append(readButton(record, 'diff', 'Difference', 'Load the whole difference', signal,
			async (pieces) => showDiff(place, record, await textOf(pieces), view)));
	else if (why)
		place.append(h('p', {class: 'dim', text: why}));
	const buttons = downloads(record, signal);

	return section('content', 'Content', place, buttons.length > 0 ? h('div', {class: 'actions'}, buttons) : null,
		hashes(record));
}

function hashes(record) {
	if (!record.old_sha256 && !record.new_sha256)
		return null;
	const line = (term, hash) => (hash ? definition(term, h('code', {class: 'hash', text: hash})) : null);

	return h('details', {}, h('summary', {text: 'SHA-256'}), h('dl', {class: 'facts'},
		line('Before', record.old_sha256), line('After', record.new_sha256)));
}

/* ---- the page ---- */

function page(record, route, signal) {
	const view = (route.query.get('view') ?? storedView()) === 'split' ? 'split' : 'unified';

	return [
		head(record),
		h('p', {class: 'lead', text: METHODS[record.method]?.[1] ?? ''}),
		notes(record).map(({title, text}) => notice('info', title, text)),
		h('div', {class: 'record-grid'},
			h('div', {class: 'record-main'}, content(record, view, signal), secrets(record), processes(record)),
			h('div', {class: 'record-side'}, who(record), states(record))),
	].flat();
}

export async function show(place, route, signal) {
	const body = h('div', {class: 'record', 'data-page': 'record'});

	place.append(body);
	/* Escape leads back to the list, where it was left. */
	document.addEventListener('keydown', (event) => {
		if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog'))
			history.length > 1 ? history.back() : location.assign('#/changes');
	}, {signal});
	await fill(body, `change ${route.id}`, SHOW, signal, async () => {
		const {record} = await api.call(SHOW, {id: route.id}, {signal});

		document.title = `${splitPath(visible(record.path))[1]} - Change ${record.id} - Leonhard`;
		return page(record, route, signal);
	});
	return {update: () => {}};
}
