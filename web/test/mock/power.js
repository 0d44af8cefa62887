/*
 * The mock's io.leonhard.Power: a made-up machine with a meter and a cap, or without a meter, whose
 * service is of today or an older one that keeps no history and tells no consumers.
 */
import {Refusal} from './trace.js';

const ERROR = 'io.leonhard.Power.';
const DENIED = 'org.varlink.service.PermissionDenied';
const MISSING = 'org.varlink.service.MethodNotFound';
const INVALID = 'org.varlink.service.InvalidParameter';
const POLICIES = 4;
const METERED = /^power\.(board|processors|memory|cap|cap-min|cap-max)$/;
const NEWER = new Set(['ListSeries', 'History', 'Statistics', 'Consumers']);

/* item: [places, number or text of a time, unit]. */
const ITEMS = {
	'power.board': [['board'], (t) => 142 + 22 * Math.sin(t / 40) + 4 * Math.sin(t / 3), 'W'],
	'power.processors': [['board'], (t) => 78 + 18 * Math.sin(t / 40), 'W'],
	'power.memory': [['board'], (t) => 11 + Math.sin(t / 25), 'W'],
	'power.cap': [['board'], null, 'W'],
	'power.cap-min': [['board'], () => 60, 'W'],
	'power.cap-max': [['board'], () => 240, 'W'],
	'power.level': [['board'], null, 'text'],
	'cpu.usage-mean': [['board'], (t) => 0.36 + 0.2 * Math.sin(t / 40), '1'],
	'cpufreq.frequency': [
		Array.from({length: POLICIES}, (_, i) => `policy${i}`),
		(t, i) => 2.4e9 + 6e8 * Math.sin(t / 40 + i / 3),
		'Hz',
	],
	'cpufreq.frequency-mean': [['board'], (t) => 2.4e9 + 6e8 * Math.sin(t / 40 + 0.5), 'Hz'],
	'thermal.temperature': [
		['x86_pkg_temp', 'acpitz'],
		(t, i) => 273.15 + 56 - 18 * i + 5 * Math.sin(t / 60),
		'K',
	],
	'cpufreq.governor': [['policy0'], null, 'text'],
};

function matches(pattern, name) {
	return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/* [name, cpu seconds of a minute, pid, uid, unit], and what has no process. */
const UNITS = [
	['postgresql.service', 31.4],
	['kernel', 9.2],
	['user@1001.service', 7.7],
	['nginx.service', 3.1],
	['leonhard-pwrapis.service', 0.04],
	['idle', 184.6],
];
const PROCESSES = [
	['postgres', 28.9, 1843, 999, 'postgresql.service'],
	['kernel', 9.2, null, null, null],
	['python3 <b>train.py</b>', 7.5, 30211, 1001, 'user@1001.service'],
	['nginx', 3.1, 902, 33, 'nginx.service'],
	['idle', 184.6, null, null, null],
];

export class MockPower {
	cap = 180;
	kept = new Map(); /* item and place: setting */
	token = {uid: 1001, pid: 4711};
	watchers = new Set();
	#options;

	/* @options: those of the mock; power: {hasMeter, level, isOld, isSilent}. */
	constructor(options) {
		this.#options = options;
	}

	get #power() {
		return this.#options.power;
	}

	health() {
		const {hasMeter} = this.#power;

		return {
			healthy: true,
			signs: [
				{
					name: 'meter',
					condition: hasMeter ? 'good' : 'unknown',
					detail: hasMeter ? 'the board is metered' : 'there is no meter',
					evidence: '/sys/class/hwmon',
				},
			],
		};
	}

	#has(name) {
		const {hasMeter, isOld} = this.#power;

		if (!hasMeter && METERED.test(name)) return false;
		return !(isOld && /^power\.(cap|level)|-mean$/.test(name) && name !== 'cpu.usage-mean');
	}

	#reading(name, place, i, t) {
		const {isSilent, level} = this.#power;
		const reading = {item: name, place, number: null, text: null, words: null, problem: null};

		if (name === 'power.level') reading.text = level;
		else if (name === 'power.cap') reading.number = this.cap;
		else if (isSilent && METERED.test(name)) reading.problem = 'not known';
		else reading.number = ITEMS[name][1](t, i);
		return reading;
	}

	read({items}) {
		const names = Object.keys(ITEMS).filter((name) => ITEMS[name][1] || /^power/.test(name));
		const t = Date.now() / 1000;

		return {
			readings: names
				.filter((name) => items.some((item) => matches(item, name)) && this.#has(name))
				.flatMap((name) =>
					ITEMS[name][0].map((place, i) => this.#reading(name, place, i, t)),
				),
		};
	}

	/* Readings each second, or as tests want them. */
	watch({items, interval_ns: interval}, send) {
		if (interval < 1e8) throw new Refusal(INVALID, {parameter: 'interval_ns'});
		const tell = () => send(this.read({items}));
		const timer = setInterval(tell, interval / 1e6);

		this.watchers.add(tell);
		tell();
		return () => {
			clearInterval(timer);
			this.watchers.delete(tell);
		};
	}

	/* ---- settings ---- */

	#listSettings() {
		return {settings: [...this.kept.values()], token: this.token};
	}

	#set({item, place, number, keep}, {uid}) {
		if (!ITEMS[item]) throw new Refusal(`${ERROR}NoSuchItem`, {item});
		if (item !== 'power.cap')
			throw new Refusal(`${ERROR}Refused`, {item, place, reason: 'it cannot be set'});
		if (number > 200)
			throw new Refusal(`${ERROR}Refused`, {
				item,
				place,
				reason: 'the firmware holds it at 200 W',
			});
		this.cap = Math.round(number);
		this.kept.set(`${item} ${place} ${uid}`, {
			item,
			place,
			number,
			text: null,
			uid,
			pid: 9001,
			since_ns: Date.now() * 1e6,
			keep,
		});
		return {number: this.cap, text: null};
	}

	#release({item, place}, {uid}) {
		const had = this.kept.delete(`${item} ${place} ${uid}`);

		if (had) this.cap = 180;
		return {restored: Number(had), conflicts: 0};
	}

	/* ---- the past ---- */

	#listSeries() {
		const series = [
			'power.board',
			'power.processors',
			'power.memory',
			'cpu.usage-mean',
			'cpufreq.frequency-mean',
			'thermal.temperature',
		].flatMap((item) => ITEMS[item][0].map((place) => ({item, place, unit: ITEMS[item][2]})));

		return {series: series.filter(({item}) => this.#has(item))};
	}

	#series(item, place) {
		const [places = [], value, unit] = ITEMS[item] ?? [];
		const i = places.indexOf(place);

		if (i < 0 || !value || !this.#has(item))
			throw new Refusal(`${ERROR}NoHistory`, {item, place});
		return [(t) => value(t, i), unit];
	}

	/* The node's clock is three minutes ahead, and it was off for an hour. */
	#history({item, place, step_ns: step = 1e9}) {
		const [value, unit] = this.#series(item, place);
		const count = step < 60e9 ? 600 : 1440;
		const points = [];

		for (let ago = count - 1; ago >= 0; ago--) {
			const t = Date.now() / 1000 - (ago * step) / 1e9;
			const mean = value(step < 60e9 ? t : t / 90);
			const off = step < 60e9 ? 0 : Math.abs(mean) * (unit === 'K' ? 0.005 : 0.04);

			if (step >= 60e9 && ago > 500 && ago < 560) continue;
			points.push({
				at_ns: Math.round((t + 180) * 1e9),
				min: mean - off,
				mean,
				max: mean + off,
			});
		}
		return {unit, step_ns: step, points};
	}

	#statistics({item, place, window_ns: window = 600e9}) {
		const [value, unit] = this.#series(item, place);
		const mean = value(0);
		const known = window > 600e9 ? window - 3600e9 : window;
		const off = mean * (unit === 'K' ? 0.02 : 0.2);

		return {
			min: mean - off,
			mean,
			max: mean + off,
			min_at_ns: (Date.now() - 60_000) * 1e6,
			max_at_ns: (Date.now() - 30_000) * 1e6,
			known_ns: known,
			joules: unit === 'W' ? (mean * known) / 1e9 : null,
		};
	}

	/* ---- consumers ---- */

	#consumers({by, window_ns: window = 60e9, limit = 20}) {
		const {hasMeter} = this.#power;
		const rows = by === 'process' ? PROCESSES : UNITS;
		const all = rows.reduce((sum, [, cpu]) => sum + cpu, 0);
		const joules = 142 * (window / 1e9);
		const to = Date.now() * 1e6;

		return {
			meter: hasMeter ? 'power.board' : null,
			from_ns: to - window,
			to_ns: to,
			joules: hasMeter ? joules : null,
			consumers: rows
				.map(([name, cpu, pid = null, uid = null, unit = null]) => ({
					name,
					pid,
					uid,
					unit,
					cpu_s: cpu,
					joules: hasMeter ? (joules * cpu) / all : null,
					watts: hasMeter ? (142 * cpu) / all : null,
					share: cpu / all,
				}))
				.slice(0, limit),
			left_out: by === 'process' ? 87 : 0,
		};
	}

	/* ---- calls ---- */

	call(name, parameters, user) {
		const table = {
			Health: () => this.health(),
			ListItems: () => ({
				items: Object.entries(ITEMS).map(([item, [, , unit]]) => ({name: item, unit})),
			}),
			Read: () => this.read(parameters),
			ListSettings: () => this.#listSettings(),
			Set: () => this.#set(parameters, user),
			Release: () => this.#release(parameters, user),
			ListSeries: () => this.#listSeries(),
			History: () => this.#history(parameters),
			Statistics: () => this.#statistics(parameters),
			Consumers: () => this.#consumers(parameters),
		};

		if (!table[name] || (this.#power.isOld && NEWER.has(name)))
			throw new Refusal(MISSING, {method: ERROR + name});
		if (/^(Set|Release)$/.test(name) && !user.isAdmin) throw new Refusal(DENIED);
		if (name === 'Set' && parameters.keep === undefined)
			throw new Refusal(INVALID, {parameter: 'item'});
		return table[name]();
	}
}
