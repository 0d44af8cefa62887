/*
 * Parts of a record's page that tell about who made the change and what it did besides content.
 */
import {h, notice} from './dom.js';
import {setNamed} from './named.js';
import {lineage, secretFields, stateRows, warnings} from './states.js';
import {commandLine, userWithNumber, visible} from './words.js';

const ARGUMENTS_SHOWN = 600;
const ARGUMENTS_FOLDED = 200;

export function section(id, title, ...children) {
	return h(
		'section',
		{class: `card card-${id}`, 'aria-labelledby': `${id}-title`},
		h('h2', {id: `${id}-title`, text: title}),
		children,
	);
}

export function definition(term, ...value) {
	return [h('dt', {text: term}), h('dd', {}, value)];
}

/* ---- who ---- */

function userText(uid) {
	return setNamed(h('span', {}), [uid], () => userWithNumber(uid));
}

export function who(record) {
	const unknown = () => h('span', {class: 'dim', text: 'not known'});
	const text = (value) => (value === null ? unknown() : visible(value));
	const nobody = record.attribution === 'none' ? unknown() : 'nobody: a service or timer';

	return section(
		'who',
		'Who',
		h(
			'dl',
			{class: 'facts'},
			definition(
				'Logged in as',
				record.login_uid === null ? nobody : userText(record.login_uid),
			),
			definition('Acted as', record.uid === null ? unknown() : userText(record.uid)),
			record.session === null ? null : definition('Session', String(record.session)),
			record.tty === null ? null : definition('Terminal', visible(record.tty)),
			definition('systemd unit', text(record.unit)),
			definition(
				'Known',
				{full: 'in full', partial: 'in part', none: 'nothing'}[record.attribution] ??
					record.attribution,
			),
		),
	);
}

/* ---- processes ---- */

/* Arguments may be 32 KiB; long ones are folded. */
function argumentsOf(text) {
	const code = (part) => h('code', {class: 'argv', text: part});

	if (text.length <= ARGUMENTS_SHOWN) return code(text);
	return h(
		'details',
		{class: 'long-argv'},
		h('summary', {}, code(`${text.slice(0, ARGUMENTS_FOLDED)}…`)),
		code(text),
	);
}

function processItem({process, isActor}) {
	const exe = process.exe === null ? 'kernel' : visible(process.exe);
	const argv = process.argv.length > 0 ? commandLine(process.argv) : '';

	return h(
		'div',
		{class: isActor ? 'process actor' : 'process'},
		h(
			'div',
			{class: 'process-line'},
			h('span', {class: 'exe', text: exe}),
			h(
				'span',
				{class: 'dim'},
				` pid ${process.pid}, `,
				process.uid === null ? 'user not known' : userText(process.uid),
			),
			isActor ? h('span', {class: 'tag', text: 'made the change'}) : null,
		),
		argv ? argumentsOf(argv) : null,
		process.argv_truncated
			? h('span', {class: 'dim', text: ' some arguments are missing'})
			: null,
	);
}

/* Nested lists, the first parent outside: what started what. */
function processTree(steps) {
	let inner = null;

	for (const step of [...steps].reverse())
		inner = h('ul', {}, h('li', {}, processItem(step), inner));
	inner.classList.add('tree');
	return inner;
}

export function processes(record) {
	const steps = lineage(record);

	if (steps.length === 0)
		return section(
			'processes',
			'Processes',
			h('p', {class: 'dim', text: 'No process is known for this change.'}),
		);
	return section(
		'processes',
		'Processes',
		record.ancestry_truncated
			? h('p', {class: 'dim', text: 'Parents further up are missing.'})
			: null,
		processTree(steps),
	);
}

/* ---- what changed besides content ---- */

export function states(record) {
	const rows = stateRows(record);
	const uids = [record.old?.uid, record.new?.uid];

	if (rows.length === 0) return null;
	const cell = (i, side, isChanged) =>
		setNamed(
			h('td', {class: isChanged ? 'changed' : null}),
			uids,
			() => stateRows(record)[i][side] ?? 'not there',
		);
	const warning = (text, i) => {
		const element = notice('warn', 'Look at this:', text);

		setNamed(element.lastElementChild, uids, () => warnings(record)[i]);
		return element;
	};

	return section(
		'state',
		'The file',
		warnings(record).map(warning),
		h(
			'div',
			{class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Before and after'},
			h(
				'table',
				{class: 'plain-table'},
				h(
					'thead',
					{},
					h(
						'tr',
						{},
						h('td', {}),
						['Before', 'After'].map((text) => h('th', {scope: 'col', text})),
					),
				),
				h(
					'tbody',
					{},
					rows.map((row, i) =>
						h(
							'tr',
							{class: row.changed ? 'is-changed' : null},
							h('th', {scope: 'row', text: row.what}),
							cell(i, 'old', false),
							cell(i, 'new', row.changed),
						),
					),
				),
			),
		),
	);
}

export function secrets(record) {
	if (record.fields.length === 0) return null;
	return section(
		'fields',
		'Accounts',
		h(
			'table',
			{class: 'plain-table'},
			h(
				'thead',
				{},
				h(
					'tr',
					{},
					h('th', {scope: 'col', text: 'Account'}),
					h('th', {scope: 'col', text: 'What changed'}),
				),
			),
			h(
				'tbody',
				{},
				secretFields(record.fields).map(({account, words}) =>
					h(
						'tr',
						{},
						h('th', {scope: 'row', text: visible(account)}),
						h('td', {text: visible(words)}),
					),
				),
			),
		),
	);
}
