/*
 * What the page Power is made of besides graphs: watts of now, who uses them, and what is set.
 */
import {h, time} from './dom.js';
import {setNamed} from './named.js';
import {energy, exactly, GRAPHS, level, linesOf, quantity, watts} from './powerwords.js';
import {counted, userWithNumber, visible} from './words.js';

/* ---- now ---- */

/* What is said instead of watts when there are none. */
const NO_WATTS = {
	none: ['No meter', 'This machine has no meter: nobody knows how much power it takes.'],
	unknown: ['Not known', 'There is a meter, but it tells nothing at the moment'],
};

function wattsNow(readings) {
	const {state, main, parts, problem} = watts(readings);

	if (state !== 'known') {
		const [title, text] = NO_WATTS[state];

		return [
			h('p', {class: 'figure none', text: title}),
			h('p', {class: 'dim', text: problem ? `${text}: ${visible(problem)}.` : text}),
		];
	}
	const {label, text} = level(readings);

	return [
		h(
			'p',
			{class: 'figure'},
			h('span', {class: 'watts', text: quantity(main.reading.number, 'W')}),
			' ',
			h('span', {class: 'tag level', text: label}),
		),
		h('p', {
			text: [main, ...parts]
				.map(({what, reading}, i) =>
					i === 0 ? `Power ${what}` : `${quantity(reading.number, 'W')} ${what}`,
				)
				.join('; '),
		}),
		text ? h('p', {class: 'dim', text}) : null,
	];
}

function factsNow(readings) {
	const facts = GRAPHS.filter(({id}) => id !== 'power')
		.map((graph) => [graph, linesOf(graph, readings)])
		.filter(([, lines]) => lines.length > 0)
		.map(([graph, lines]) => [
			graph.title,
			lines.length > 1
				? `${quantity(Math.max(...lines.map(({value}) => value)), graph.unit)} at most`
				: quantity(lines[0].value, graph.unit),
		]);

	return h(
		'dl',
		{class: 'facts'},
		facts.map(([term, value]) => [h('dt', {text: term}), h('dd', {text: value})]),
	);
}

export function now(readings) {
	return [...wattsNow(readings), factsNow(readings)].filter(Boolean);
}

/* Old watts are not those of now. */
export function nothingNow() {
	return [
		h('p', {class: 'figure none', text: 'No reading'}),
		h('p', {class: 'dim', text: 'The service tells nothing at the moment.'}),
	];
}

/* ---- consumers ---- */

const KINDS = {unit: 'Unit', process: 'Process'};

function share(value) {
	const fill = h('span', {class: 'share-fill'});

	fill.style.width = `${Math.min(100, Math.max(0, value * 100)).toFixed(1)}%`;
	return [
		h('span', {class: 'share', 'aria-hidden': 'true'}, fill),
		h('span', {text: quantity(value, '1')}),
	];
}

function seconds(value) {
	return `${value.toFixed(value < 10 ? 2 : 0)} s`;
}

function consumerRow(consumer, by, hasMeter) {
	const {name, pid, uid, unit} = consumer;
	const isProcess = by === 'process' && Number.isInteger(pid);
	const about = ` ${pid}${unit ? `, ${visible(unit)}` : ''}`;

	return h(
		'tr',
		{},
		h(
			'th',
			{scope: 'row'},
			h('span', {class: 'consumer', text: visible(name)}),
			isProcess ? h('span', {class: 'dim', text: about}) : '',
			isProcess && Number.isInteger(uid)
				? setNamed(h('span', {class: 'dim'}), [uid], () => `, ${userWithNumber(uid)}`)
				: '',
		),
		hasMeter &&
			h('td', {
				class: 'right',
				text: Number.isFinite(consumer.watts) ? quantity(consumer.watts, 'W') : 'not known',
			}),
		h('td', {class: 'right', text: seconds(consumer.cpu_s)}),
		h('td', {class: 'share-cell'}, share(consumer.share)),
	);
}

/* Whose energy it is, by the item that is its meter. */
const METERS = new Map([
	['power.board', 'the whole machine'],
	['power.processors', 'the processors'],
]);

function consumersFoot({meter, joules, from_ns: from, to_ns: to, left_out: left}) {
	const span = `the last ${Math.round((to - from) / 1e9)} s`;
	const whose = METERS.get(meter) ?? visible(meter ?? '');
	const parts = [];

	if (meter && Number.isFinite(joules)) parts.push(`${energy(joules)} of ${whose} in ${span}`);
	else if (meter) parts.push(`The energy of ${whose} in ${span} is not known`);
	else parts.push(`Without a meter only the time of processors is known, of ${span}`);
	if (left > 0) parts.push(`${counted(left, 'smaller one')} left out`);
	return h('p', {class: 'dim consumers-foot', text: `${parts.join('; ')}.`});
}

export function consumers(reply, by) {
	const hasMeter = Boolean(reply.meter);

	if (reply.consumers.length === 0)
		return [h('p', {class: 'dim', text: 'Nothing has run yet since it is looked at.'})];
	return [
		h(
			'div',
			{class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Consumers'},
			h(
				'table',
				{class: 'plain-table consumers'},
				h(
					'thead',
					{},
					h(
						'tr',
						{},
						h('th', {scope: 'col', text: KINDS[by]}),
						hasMeter && h('th', {scope: 'col', class: 'right', text: 'Power'}),
						h('th', {scope: 'col', class: 'right', text: 'CPU'}),
						h('th', {scope: 'col', text: 'Share'}),
					),
				),
				h(
					'tbody',
					{},
					reply.consumers.map((consumer) => consumerRow(consumer, by, hasMeter)),
				),
			),
		),
		consumersFoot(reply),
	];
}

/* ---- settings ---- */

function settingValue({number, text}, unit) {
	if (text !== null && text !== undefined) return visible(text);
	return Number.isFinite(number) ? exactly(number, unit ?? '') : 'not known';
}

function settingRow(setting, unit, release) {
	const {item, place, uid, pid, since_ns: since, keep} = setting;

	return h(
		'tr',
		{},
		h(
			'th',
			{scope: 'row'},
			h('code', {text: visible(item)}),
			h('span', {class: 'dim', text: ` ${visible(place)}`}),
		),
		h('td', {class: 'right', text: settingValue(setting, unit)}),
		h(
			'td',
			{},
			setNamed(h('span', {}), [uid], () => userWithNumber(uid)),
			h('span', {class: 'dim', text: keep ? ', kept' : `, process ${pid}`}),
		),
		h('td', {class: 'since'}, time(since)),
		h(
			'td',
			{class: 'right'},
			release
				? h('button', {
						type: 'button',
						class: 'quiet',
						text: 'Release',
						'aria-label': `Release ${visible(item)} of ${visible(place)}`,
						onclick: release,
					})
				: null,
		),
	);
}

function tokenLine(token) {
	if (!token)
		return h('p', {class: 'dim', text: 'Nobody has the control token of the published API.'});
	return setNamed(
		h('p', {}),
		[token.uid],
		() => `${userWithNumber(token.uid)} has the control token, with process ${token.pid}.`,
	);
}

/* @unitOf(item); @release(setting): a function for those that this user may end, or null. */
export function settings({settings: list, token}, unitOf, release) {
	const line = tokenLine(token ?? null);

	if (list.length === 0) return [h('p', {text: 'Nothing is set.'}), line];
	return [
		h(
			'div',
			{class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Settings'},
			h(
				'table',
				{class: 'plain-table settings'},
				h(
					'thead',
					{},
					h(
						'tr',
						{},
						h('th', {scope: 'col', text: 'Setting'}),
						h('th', {scope: 'col', class: 'right', text: 'Value'}),
						h('th', {scope: 'col', text: 'By'}),
						h('th', {scope: 'col', class: 'since', text: 'Since'}),
						h('th', {scope: 'col'}, h('span', {class: 'unseen', text: 'Actions'})),
					),
				),
				h(
					'tbody',
					{},
					list.map((setting) =>
						settingRow(setting, unitOf(setting.item), release(setting)),
					),
				),
			),
		),
		line,
	];
}

