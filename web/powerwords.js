/*
 * What the page Power says: quantities, where watts come from, which readings belong to which
 * graph, and which caps there are. Pure.
 *
 * A reading that the machine does not have is not in the list; one that is not known has a problem
 * and no number. So a machine without a meter is told from one whose meter is silent.
 */
import {visible} from './words.js';

export const POWER = 'io.leonhard.Power.';

/* Beginnings of names, since an older service refuses a name that it does not have. */
export const WATCHED = [
	'power.*',
	'cpu.usage-mean*',
	'cpufreq.frequency*',
	'thermal.temperature*',
	'hwmon.cap*',
	'powercap.limit*',
];

const ZONES_SHOWN = 4;
/* A zone that is slow to read is read every ten seconds. */
const SLOW_ZONE_MS = 11_000;

/* ---- quantities ---- */

/* unit of an item: how it is shown, and how many digits behind the point at most. */
const SHOWN = {
	Hz: {sign: 'GHz', of: (value) => value / 1e9, places: 2},
	K: {sign: '°C', of: (value) => value - 273.15, places: 1},
	W: {sign: 'W', of: (value) => value, places: 1},
	1: {sign: '%', of: (value) => value * 100, places: 0},
};

/* {sign, of(value), places} of @unit. */
export function shownAs(unit) {
	return SHOWN[unit] ?? {sign: unit, of: (value) => value, places: 2};
}

/*
 * A number in the unit of its item, for people: 2.1e9, "Hz" as "2.10 GHz". Watts that are whole are
 * told so: whoever may only look gets them rounded, and no digit is made up.
 */
export function quantity(value, unit) {
	const {sign, of, places} = shownAs(unit);
	const number = of(value);
	const isWhole = unit === 'W' && (Math.abs(number) >= 100 || Number.isInteger(number));
	const text = number.toFixed(isWhole ? 0 : places);

	return sign ? `${text} ${sign}` : text;
}

/* Of what somebody has chosen: "60 W", not "60.0 W". */
export function exactly(value, unit) {
	const {sign, of} = shownAs(unit);
	const text = String(Number(of(value).toFixed(3)));

	return sign ? `${text} ${sign}` : text;
}

/* Joules as the hours of a meter: "0.42 Wh", "1.3 kWh"; little of it as "850 J". */
export function energy(joules) {
	const hours = joules / 3600;

	if (hours < 0.1) return `${Math.round(joules)} J`;
	if (hours < 1000) return `${hours.toFixed(hours < 10 ? 2 : 0)} Wh`;
	return `${(hours / 1000).toFixed(1)} kWh`;
}

/* ---- readings ---- */

export function find(readings, name, place) {
	return readings.find(
		(reading) => reading.item === name && (place === undefined || reading.place === place),
	);
}

export function isKnown(reading) {
	return Number.isFinite(reading?.number);
}

/* level: [a label, a sentence]. */
const LEVELS = {
	hardware: ['hardware', 'Measured by meters of this machine.'],
	'virtual machine': [
		'virtual machine',
		'What the devices of a virtual machine tell; no meter of a real machine is behind it.',
	],
	'simulated plant': [
		'simulated plant',
		'Files that a simulation serves: no watt of this was ever measured.',
	],
	files: ['files', 'Read from another folder than the kernel’s: not from this machine.'],
};

/* {label, text} of where numbers come from. An older service does not say. */
export function level(readings) {
	const told = find(readings, 'power.level')?.text;
	const [label, text] = (Object.hasOwn(LEVELS, told ?? '') && LEVELS[told]) || [
		told ? visible(told) : 'source not told',
		told ? '' : 'The service does not tell where its numbers come from.',
	];

	return {label, text};
}

const PARTS = [
	[['power.board'], 'of the whole machine'],
	[['power.cpu', 'power.processors'], 'of the processors'],
	[['power.memory'], 'of the memory'],
];

/*
 * {state, main, parts}: 'none' when there is no meter, 'unknown' when one tells nothing now, and
 * 'known' with the watts that say most and those of what else is metered.
 */
export function watts(readings) {
	const found = PARTS.map(([names, what]) => ({
		what,
		reading: names.map((name) => find(readings, name)).find(Boolean),
	})).filter(({reading}) => reading);
	const known = found.filter(({reading}) => isKnown(reading));

	if (found.length === 0) return {state: 'none', main: null, parts: []};
	if (known.length === 0)
		return {state: 'unknown', main: null, parts: [], problem: found[0].reading.problem ?? ''};
	return {state: 'known', main: known[0], parts: known.slice(1)};
}

/* ---- graphs ---- */

function mean(numbers) {
	return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

const FREQUENCY_MEAN = 'cpufreq.frequency-mean';
const POWER_NAMES = {
	'power.board': 'Machine',
	'power.processors': 'Processors',
	'power.cpu': 'Processors',
	'power.memory': 'Memory',
};

/*
 * The graphs, in their order. takes(item): whose readings and series they show; @mean: the item
 * that is the mean of the others, which is all that is shown; @range: what their axis holds in any
 * case, in the item's unit; @gapMs: so long a reading holds, where that is longer than its step.
 */
export const GRAPHS = [
	{
		id: 'power',
		title: 'Power',
		unit: 'W',
		takes: (item) => Object.hasOwn(POWER_NAMES, item),
		range: [0, 1],
	},
	{
		id: 'usage',
		title: 'Processor usage',
		unit: '1',
		takes: (item) => item === 'cpu.usage-mean',
		range: [0, 1],
	},
	{
		id: 'frequency',
		title: 'Mean frequency',
		unit: 'Hz',
		takes: (item) => item === 'cpufreq.frequency' || item === FREQUENCY_MEAN,
		mean: FREQUENCY_MEAN,
	},
	{
		id: 'temperature',
		title: 'Temperature',
		unit: 'K',
		takes: (item) => item === 'thermal.temperature',
		most: ZONES_SHOWN,
		gapMs: SLOW_ZONE_MS,
	},
];

/* What a line is called in its graph. */
export function lineName(graph, item, place) {
	if (graph.id === 'power') return POWER_NAMES[item];
	if (graph.id === 'temperature') return visible(place);
	return 'All processors';
}

/* [{name, value}] of @graph in one look. */
export function linesOf(graph, readings) {
	const own = readings.filter((reading) => graph.takes(reading.item) && isKnown(reading));

	if (own.length === 0) return [];
	if (graph.mean) {
		const value = find(own, graph.mean)?.number ?? mean(own.map(({number}) => number));

		return [{name: lineName(graph), value}];
	}
	return own.slice(0, graph.most).map(({item, place, number: value}) => ({
		name: lineName(graph, item, place),
		value,
	}));
}

/* ---- caps ---- */

/* item: those of its bounds. The first that the machine has is its cap. */
const CAPS = [
	['power.cap', 'power.cap-min', 'power.cap-max'],
	['hwmon.cap', 'hwmon.cap-min', 'hwmon.cap-max'],
	['powercap.limit', '', 'powercap.limit-max'],
];
const MACHINE_CAP = 'power.cap';
/* Controls that the cap of the machine may be: it is set by them, and listed as them. */
const CAP_CONTROLS = new Set(['hwmon.cap', 'powercap.limit', 'ipmi.limit']);
const CAP_LOW = 0.001;

/* [{item, place, value, low, high}]; a bound that is not told is null. */
export function caps(readings) {
	for (const [item, lowItem, highItem] of CAPS) {
		const bound = (name, place) => find(readings, name, place)?.number ?? null;
		const found = readings
			.filter((reading) => reading.item === item)
			.map(({place, number = null}) => ({
				item,
				place,
				value: number,
				low: bound(lowItem, place),
				high: bound(highItem, place),
			}));

		if (found.length > 0) return found;
	}
	return [];
}

export function capName({item, place}) {
	return item === MACHINE_CAP ? 'This machine' : visible(place);
}

/* Whether @setting is one of the cap @item at @place. */
export function isOfCap(setting, item, place) {
	if (item === MACHINE_CAP && CAP_CONTROLS.has(setting.item)) return true;
	return setting.item === item && setting.place === place;
}

/* Why @text is no cap; null when it is one. */
export function capProblem(text, {low, high}) {
	const value = Number(text);

	if (text.trim() === '' || !Number.isFinite(value)) return 'Enter a number of watts.';
	if (value < (low ?? CAP_LOW)) return `The lowest cap is ${exactly(low ?? CAP_LOW, 'W')}.`;
	if (high && value > high) return `The highest cap is ${exactly(high, 'W')}.`;
	return null;
}

export function capRange({low, high}) {
	if (low !== null && high) return `From ${exactly(low, 'W')} to ${exactly(high, 'W')}.`;
	if (high) return `Up to ${exactly(high, 'W')}.`;
	if (low !== null) return `From ${exactly(low, 'W')}.`;
	return 'The machine tells no bounds.';
}

/* ---- spans ---- */

/* name: [what it is called, how long, the step of its history]; without a step it is only live. */
export const SPANS = {
	'2m': {text: '2 minutes', ms: 120_000, stepMs: 1000},
	'10m': {text: '10 minutes', ms: 600_000, stepMs: 1000},
	'24h': {text: '24 hours', ms: 86_400_000, stepMs: 60_000},
};

/* {span, by} of an address; what is not understood is the usual. */
export function fromQuery(query) {
	const span = query.get('span');
	const by = query.get('by');

	return {
		span: Object.hasOwn(SPANS, span ?? '') ? span : '2m',
		by: by === 'process' ? 'process' : 'unit',
	};
}

export function toAddress({span, by}) {
	const query = new URLSearchParams();

	if (span !== '2m') query.set('span', span);
	if (by !== 'unit') query.set('by', by);
	return String(query) ? `#/power?${query}` : '#/power';
}
