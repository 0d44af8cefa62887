/*
 * The content of a record: the difference, both ways to show it, and what can be saved.
 */
import {fileName, readContent, textOf} from './content.js';
import {h, save, say} from './dom.js';
import {diffView} from './diffview.js';
import {parseDiff} from './diff.js';
import {definition, section} from './recordparts.js';
import {readable, whyNoDiff} from './states.js';
import {bytes, explain, number} from './words.js';

const SHOW = 'io.leonhard.Trace.Show';
const VIEW_KEY = 'leonhard.diff';
const SPLIT_MIN = '(min-width: 800px)';

export function storedView() {
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
	return h(
		'div',
		{class: 'switch', role: 'group', 'aria-label': 'How the difference is shown'},
		[
			['unified', 'Unified'],
			['split', 'Side by side'],
		].map(([value, text]) =>
			h('button', {
				type: 'button',
				text,
				'aria-pressed': String(value === view),
				onclick: () => {
					storeView(value);
					history.replaceState(null, '', `#/changes/${id}?view=${value}`);
					onChange(value);
				},
			}),
		),
	);
}

function showDiff(place, record, text, view) {
	const parsed = parseDiff(text);

	if (parsed.binary) {
		place.replaceChildren(
			h('p', {class: 'dim', text: 'The content is binary. It can be saved below.'}),
		);
		return;
	}
	const isSplit = view === 'split' && matchMedia(SPLIT_MIN).matches;

	place.replaceChildren(
		h(
			'div',
			{class: 'diff-bar'},
			h('span', {class: 'added', text: `+${number(parsed.added)}`, title: 'lines added'}),
			h('span', {
				class: 'deleted',
				text: `−${number(parsed.deleted)}`,
				title: 'lines removed',
			}),
			viewSwitch(record.id, view, (next) => {
				showDiff(place, record, text, next);
				place.querySelector('[aria-pressed="true"]').focus();
			}),
		),
		diffView(parsed, isSplit),
	);
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
			await use(
				await readContent(record.id, side, signal, (done, size) =>
					progress(button, done, size),
				),
			);
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
	return readable(record).map(({side, label, size}) =>
		readButton(
			record,
			side,
			label,
			size === null ? `Save ${label}` : `Save ${label} (${bytes(size)})`,
			signal,
			(pieces) => save(pieces, fileName(record, side === 'diff' ? 'diff' : label)),
		),
	);
}

export function contentCard(record, view, signal) {
	const place = h('div', {class: 'content-diff'});
	const why = whyNoDiff(record);

	if (record.diff) showDiff(place, record, record.diff, view);
	else if (record.diff_truncated)
		place.append(
			readButton(
				record,
				'diff',
				'Difference',
				'Load the whole difference',
				signal,
				async (pieces) => showDiff(place, record, await textOf(pieces), view),
			),
		);
	else if (why) place.append(h('p', {class: 'dim', text: why}));
	const buttons = downloads(record, signal);

	return section(
		'content',
		'Content',
		place,
		buttons.length > 0 ? h('div', {class: 'actions'}, buttons) : null,
		hashes(record),
	);
}

function hashes(record) {
	if (!record.old_sha256 && !record.new_sha256) return null;
	const line = (term, hash) =>
		hash ? definition(term, h('code', {class: 'hash', text: hash})) : null;

	return h(
		'details',
		{},
		h('summary', {text: 'SHA-256'}),
		h(
			'dl',
			{class: 'facts'},
			line('Before', record.old_sha256),
			line('After', record.new_sha256),
		),
	);
}
