/*
 * Showing a difference: unified or side by side, as tables that a screen reader can walk through.
 * Every line is a text node.
 */
import {h} from './dom.js';
import {marks, sideBySide} from './diff.js';
import {counted, visible} from './words.js';

/* So many lines are shown at once; a button shows more. */
const LINES_AT_ONCE = 3000;
const SIGNS = {add: '+', delete: '-', context: ' ', note: '\\'};
const SAID = {add: 'added', delete: 'removed', note: 'note'};

function lineText(line, found) {
	const span = found.get(line);

	if (!span) return [visible(line.text)];
	const [begin, end] = span;

	return [
		visible(line.text.slice(0, begin)),
		h('mark', {text: visible(line.text.slice(begin, end))}),
		visible(line.text.slice(end)),
	];
}

function code(line, found) {
	if (!line) return h('td', {class: 'code vacant'});
	const said = SAID[line.kind] && h('span', {class: 'unseen', text: `${SAID[line.kind]}: `});

	return h(
		'td',
		{class: `code ${line.kind}`, 'data-sign': SIGNS[line.kind]},
		said,
		lineText(line, found),
	);
}

function lineNumber(number) {
	return h('td', {class: 'number', text: number ?? ''});
}

function unifiedRow(line, found) {
	return h('tr', {}, lineNumber(line.old), lineNumber(line.new), code(line, found));
}

function pairRow([left, right], found) {
	return h(
		'tr',
		{},
		lineNumber(left?.old ?? null),
		code(left, found),
		lineNumber(right?.new ?? null),
		code(right, found),
	);
}

function hunkBody(hunk, isSplit) {
	const found = marks(hunk.lines);
	const rows = isSplit
		? sideBySide(hunk.lines).map((pair) => pairRow(pair, found))
		: hunk.lines.map((line) => unifiedRow(line, found));

	return h(
		'tbody',
		{},
		h('tr', {class: 'hunk'}, h('td', {colspan: isSplit ? 4 : 3, text: visible(hunk.title)})),
		rows,
	);
}

/* How many hunks make LINES_AT_ONCE lines from @from on; at least one. */
function portion(hunks, from) {
	let lines = 0;
	let end = from;

	while (end < hunks.length && (lines === 0 || lines + hunks[end].lines.length <= LINES_AT_ONCE))
		lines += hunks[end++].lines.length;
	return end;
}

/* One hunk may be as large as a whole file; it is shown in parts. */
function inParts(hunks) {
	return hunks.flatMap((hunk) => {
		const parts = [];

		for (let i = 0; i < hunk.lines.length; i += LINES_AT_ONCE)
			parts.push({
				title: i ? `${hunk.title} (continued)` : hunk.title,
				lines: hunk.lines.slice(i, i + LINES_AT_ONCE),
			});
		return parts;
	});
}

function headRow(isSplit) {
	const names = isSplit
		? ['Line before', 'Before', 'Line after', 'After']
		: ['Line before', 'Line after', 'Content'];

	return h(
		'thead',
		{class: 'unseen-head'},
		h(
			'tr',
			{},
			names.map((text) => h('th', {scope: 'col', text})),
		),
	);
}

/* @parsed as of diff.js. */
export function diffView(parsed, isSplit) {
	const hunks = inParts(parsed.hunks);
	const widths = isSplit ? ['number', '', 'number', ''] : ['number', 'number', ''];
	const table = h(
		'table',
		{class: `diff ${isSplit ? 'split' : 'unified'}`},
		h('caption', {
			class: 'unseen',
			text: isSplit ? 'Difference, side by side' : 'Difference, unified',
		}),
		h(
			'colgroup',
			{},
			widths.map((name) => h('col', {class: name})),
		),
		headRow(isSplit),
	);
	const more = h('button', {type: 'button', onclick: () => add()});
	let next = 0;
	const add = () => {
		const end = portion(hunks, next);

		table.append(...hunks.slice(next, end).map((hunk) => hunkBody(hunk, isSplit)));
		next = end;
		const left = hunks.slice(next).reduce((sum, hunk) => sum + hunk.lines.length, 0);

		more.hidden = left === 0;
		more.textContent = `Show more (${counted(left, 'line')} left)`;
	};

	add();
	return h(
		'div',
		{class: 'diff-place', tabindex: '0', role: 'region', 'aria-label': 'Difference'},
		table,
		more,
	);
}
