/*
 * What the overview says of the machine, of the latest changes and of the powers.
 */
import {h, time} from './dom.js';
import {setNamed} from './named.js';
import {bytes, counted, lasting, methodWord, number, visible, who} from './words.js';

const GROUPS = {
	bpf: 'BPF',
	cgroup: 'Control groups',
	energy: 'Energy',
	virtualization: 'Virtualization',
	security: 'Security',
	kernel: 'Kernel',
	memory: 'Memory',
	hardware: 'Hardware',
};

function facts(rows) {
	return h(
		'dl',
		{class: 'facts'},
		rows.filter(Boolean).map(([term, ...value]) => [h('dt', {text: term}), h('dd', {}, value)]),
	);
}

/* ---- the machine ---- */

function cpuText(cpu) {
	const name = cpu.model || cpu.vendor || 'unknown model';
	const parts = [counted(cpu.online, 'processor')];

	if (cpu.sockets) parts.push(counted(cpu.sockets, 'socket'));
	if (cpu.cores) parts.push(counted(cpu.cores, 'core'));
	return [visible(name), h('br'), h('span', {class: 'dim', text: parts.join(', ')})];
}

export function machine(node) {
	const {hardware, kernel} = node;
	const maker = [hardware.vendor, hardware.product].filter(Boolean).join(' ');
	const virtual =
		node.virtualization === 'none' ? 'none: the machine itself' : node.virtualization;

	return facts([
		['System', visible(node.operating_system)],
		[
			'Kernel',
			visible(kernel.release),
			' ',
			h('span', {
				class: 'dim',
				text: `${kernel.machine}${kernel.leonhard ? ', of Leonhard' : ''}`,
			}),
		],
		[
			'Up',
			h('span', {}, node.uptime_ns ? lasting(node.uptime_ns) : 'not told'),
			node.boot_time_ns
				? [h('span', {class: 'dim', text: ', booted '}), time(node.boot_time_ns)]
				: null,
		],
		['Processors', ...cpuText(node.cpu)],
		[
			'Memory',
			bytes(node.memory_bytes),
			node.numa.length > 1 ? `, on ${node.numa.length} NUMA nodes` : '',
		],
		[
			'Runs in',
			h('span', {title: visible(node.virtualization_evidence), text: visible(virtual)}),
		],
		maker ? ['Hardware', visible(maker)] : null,
		hardware.firmware ? ['Firmware', visible(hardware.firmware)] : null,
		node.machine_id
			? ['Machine id', h('code', {class: 'hash', text: visible(node.machine_id)})]
			: null,
		['Command line', h('code', {class: 'argv', text: visible(kernel.command_line)})],
	]);
}

/* ---- changes ---- */

function captureLine(about) {
	const words = [
		`Seen by ${about.backend}`,
		counted(about.records, 'record'),
		bytes(about.store_bytes),
	];

	if (about.backend === 'none') words[0] = 'Capturing does not run';
	if (about.lost > 0) words.push(`${counted(about.lost, 'event')} lost since boot`);
	return h('p', {class: 'dim', title: about.cannot_see.join('; '), text: words.join(' · ')});
}

export function latest([{records}, about]) {
	if (records.length === 0)
		return [h('p', {class: 'dim', text: 'Nothing has changed yet.'}), captureLine(about)];
	return [
		h(
			'ul',
			{class: 'latest'},
			records.map((record) =>
				h(
					'li',
					{},
					time(record.time_ns),
					h('span', {
						class: 'method',
						'data-method': record.method,
						text: methodWord(record.method),
					}),
					h('a', {
						class: 'path',
						href: `#/changes/${record.id}`,
						title: visible(record.path),
						text: visible(record.path),
					}),
					setNamed(h('span', {class: 'dim who'}), [record.uid, record.login_uid], () =>
						who(record),
					),
				),
			),
		),
		captureLine(about),
	];
}

/* ---- powers ---- */

function powerRow(power) {
	return h(
		'li',
		{},
		h('span', {class: `sign ${power.state}`, text: power.state}),
		h(
			'div',
			{},
			h('code', {text: visible(power.name)}),
			' ',
			h('span', {text: visible(power.detail)}),
			h('p', {class: 'evidence', text: visible(power.evidence)}),
		),
	);
}

function powerGroup([group, list]) {
	const count = (state) => list.filter((power) => power.state === state).length;

	return h(
		'details',
		{class: 'power-group'},
		h(
			'summary',
			{},
			h('b', {text: GROUPS[group] ?? group}),
			h(
				'span',
				{class: 'tally'},
				h('span', {class: 'yes', text: `${count('yes')} yes`}),
				h('span', {class: 'no', text: `${count('no')} no`}),
				count('unknown') > 0
					? h('span', {class: 'unknown', text: `${count('unknown')} unknown`})
					: null,
			),
		),
		h('ul', {class: 'signs'}, list.map(powerRow)),
	);
}

export function powers({powers: list, probed_ns: probed}) {
	const groups = new Map();

	for (const power of list) groups.set(power.group, [...(groups.get(power.group) ?? []), power]);
	const there = list.filter((power) => power.state === 'yes').length;

	return [
		h(
			'p',
			{class: 'dim'},
			`${number(there)} of ${list.length} are there. `,
			probed === null
				? 'What needs a trial was not tried yet.'
				: ['Tried ', time(probed), '.'],
		),
		h('div', {class: 'power-groups'}, [...groups].map(powerGroup)),
	].flat();
}
