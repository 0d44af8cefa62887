/*
 * The form of the time line's filters. It shows what the address says and hands on what a person
 * enters; it keeps nothing itself.
 */
import {h} from './dom.js';
import {isFiltered} from './filters.js';
import {dateOf, full, METHODS, methodWord} from './words.js';

const SPANS = [
	['', 'Any time'],
	['15m', '15 min ago'],
	['1h', '1 h ago'],
	['24h', '24 h ago'],
	['7d', '7 d ago'],
	['30d', '30 d ago'],
];
const AT = 'at';

function option(value, text) {
	return h('option', {value, text});
}

/* "2026-11-25T22:14" of the viewer's zone, as the input takes it. */
function localInput(iso) {
	const date = new Date(iso);
	const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);

	return Number.isNaN(date.getTime()) ? '' : local.toISOString().slice(0, 16);
}

function labelled(label, input, ...more) {
	return h(
		'div',
		{class: `filter filter-${input.id}`},
		h('label', {for: input.id, text: label}),
		input,
		more,
	);
}

function makeFields() {
	return {
		path: h('input', {
			id: 'path',
			name: 'path',
			type: 'search',
			placeholder: '/etc/ or /etc/*.conf',
			spellcheck: 'false',
			autocapitalize: 'none',
			'aria-describedby': 'filter-problem',
		}),
		user: h('input', {
			id: 'user',
			name: 'user',
			type: 'search',
			placeholder: 'name',
			title: 'A name or a number',
			spellcheck: 'false',
			autocapitalize: 'none',
			'aria-describedby': 'filter-problem',
		}),
		since: h(
			'select',
			{id: 'since', name: 'since'},
			SPANS.map(([v, t]) => option(v, t)),
			option(AT, 'A time…'),
		),
		at: h('input', {
			id: 'at',
			name: 'at',
			type: 'datetime-local',
			'aria-label': 'Since',
			hidden: true,
		}),
		method: h(
			'select',
			{id: 'method', name: 'method'},
			option('', 'Any'),
			Object.keys(METHODS).map((method) => option(method, methodWord(method))),
		),
	};
}

function showSince(fields, since) {
	const isSpan = SPANS.some(([value]) => value === since);
	const isOther = !isSpan && /^\d+[mhd]$/.test(since);

	if (isOther && ![...fields.since.options].some(({value}) => value === since))
		fields.since.append(option(since, `${since} ago`));
	fields.since.value = isSpan || isOther ? since : AT;
	fields.at.hidden = fields.since.value !== AT;
	fields.at.value = fields.at.hidden ? '' : localInput(since);
	fields.since.title = fields.at.hidden ? '' : full(Date.parse(since) * 1e6);
}

function sinceOf(fields) {
	if (fields.since.value !== AT) return fields.since.value;
	const ms = Date.parse(fields.at.value);

	return Number.isNaN(ms)
		? ''
		: dateOf(ms * 1e6)
				.toISOString()
				.replace('.000', '');
}

/* {element, show(filters)}; @onChange(filters) when a person changes them. */
export function filterForm(onChange) {
	const fields = makeFields();
	const problem = h('p', {id: 'filter-problem', class: 'form-error', role: 'alert'});
	const clear = h('a', {class: 'button quiet', href: '#/changes', text: 'Clear'});
	const apply = () =>
		onChange({
			path: fields.path.value.trim(),
			user: fields.user.value.trim(),
			since: sinceOf(fields),
			method: fields.method.value,
		});
	const form = h(
		'form',
		{class: 'filters', role: 'search', 'aria-label': 'Filters'},
		labelled('Path', fields.path),
		labelled('User', fields.user),
		labelled('Since', fields.since, fields.at),
		labelled('Kind', fields.method),
		clear,
		problem,
	);

	form.addEventListener('submit', (event) => {
		event.preventDefault();
		apply();
	});
	form.addEventListener('change', () => {
		fields.at.hidden = fields.since.value !== AT;
		if (fields.at.hidden || fields.at.value) apply();
		else fields.at.focus();
	});
	form.addEventListener('search', apply);
	form.addEventListener(
		'keydown',
		(event) => event.key === 'Escape' && document.activeElement.blur(),
	);
	return {element: form, show: (filters) => showFilters(fields, problem, clear, filters)};
}

function showFilters(fields, problem, clear, filters) {
	for (const key of ['path', 'user', 'method'])
		if (fields[key].value !== filters[key]) fields[key].value = filters[key];
	showSince(fields, filters.since);
	for (const key of ['path', 'user'])
		fields[key].setAttribute('aria-invalid', Boolean(filters.problems[key]));
	problem.textContent = Object.values(filters.problems).join(' ');
	clear.hidden = !isFiltered(filters);
}
