import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as words from '../../powerwords.js';
import {keptLines, Lines} from '../../series.js';

function reading(item, place, number, more = {}) {
	return {item, place, number, text: null, words: null, problem: null, ...more};
}

const silent = (item) => reading(item, 'machine', null, {problem: 'not known'});
const graph = (id) => words.GRAPHS.find((one) => one.id === id);

test('quantities are in units that people use', () => {
	assert.equal(words.quantity(2.1e9, 'Hz'), '2.10 GHz');
	assert.equal(words.quantity(300, 'K'), '26.9 °C');
	assert.equal(words.quantity(0.36, '1'), '36 %');
	assert.equal(words.quantity(75.52, 'W'), '75.5 W');
	assert.equal(words.quantity(175.52, 'W'), '176 W');
	assert.equal(words.quantity(12, 'W'), '12 W');
	assert.equal(words.exactly(60, 'W'), '60 W');
	assert.equal(words.energy(120), '120 J');
	assert.equal(words.energy(17_000), '4.72 Wh');
	assert.equal(words.energy(12.3e6), '3.4 kWh');
});

test('no watts without a meter, and none of one that is silent', () => {
	assert.equal(words.watts([reading('cpu.usage-mean', 'machine', 0.5)]).state, 'none');
	const {state, main, problem} = words.watts([silent('power.board')]);

	assert.deepEqual([state, main, problem], ['unknown', null, 'not known']);
	const known = words.watts([silent('power.board'), reading('power.processors', 'machine', 40)]);

	assert.equal(known.main.what, 'of the processors');
	assert.deepEqual(known.parts, []);
	assert.equal(words.watts([reading('power.board', 'machine', NaN)]).state, 'unknown');
});

test('where watts come from is told, or that it is not', () => {
	const of = (text) => words.level([reading('power.level', 'machine', null, {text})]);

	assert.equal(of('simulated plant').label, 'simulated plant');
	assert.match(of('virtual machine').text, /no meter of a real machine/);
	assert.equal(of('some\u202enew').label, 'some[U+202E]new');
	assert.equal(of('constructor').label, 'constructor');
	assert.equal(words.level([]).label, 'source not told');
});

test('lines of graphs', () => {
	const readings = [
		reading('power.board', 'machine', 100),
		silent('power.memory'),
		reading('cpufreq.frequency', 'policy0', 1e9),
		reading('cpufreq.frequency', 'policy1', 3e9),
		...Array.from({length: 9}, (_, i) => reading('thermal.temperature', `zone${i}`, 300 + i)),
	];

	assert.deepEqual(words.linesOf(graph('power'), readings), [{name: 'Machine', value: 100}]);
	assert.deepEqual(words.linesOf(graph('frequency'), readings), [
		{name: 'All processors', value: 2e9},
	]);
	readings.push(reading('cpufreq.frequency-mean', 'board', 1.5e9));
	assert.deepEqual(words.linesOf(graph('frequency'), readings), [
		{name: 'All processors', value: 1.5e9},
	]);
	assert.equal(words.linesOf(graph('temperature'), readings).length, 4);
	assert.deepEqual(words.linesOf(graph('usage'), readings), []);
});

test('the cap is that of the machine, or else that of its meters', () => {
	const older = [
		reading('hwmon.cap', 'power_meter/power1', 180),
		reading('hwmon.cap-max', 'power_meter/power1', 240),
	];

	assert.deepEqual(words.caps(older), [
		{item: 'hwmon.cap', place: 'power_meter/power1', value: 180, low: null, high: 240},
	]);
	assert.equal(words.caps([...older, reading('power.cap', 'machine', 170)])[0].item, 'power.cap');
	assert.deepEqual(words.caps([reading('power.board', 'machine', 170)]), []);
	assert.equal(words.caps([silent('power.cap')])[0].value, null);
});

test('the cap of the machine is listed as the controls that it is', () => {
	const setting = {item: 'hwmon.cap', place: 'power_meter/power1'};

	assert.ok(words.isOfCap(setting, 'power.cap', 'board'));
	assert.ok(words.isOfCap(setting, 'hwmon.cap', 'power_meter/power1'));
	assert.ok(!words.isOfCap(setting, 'hwmon.cap', 'power_meter/power2'));
	assert.ok(!words.isOfCap({item: 'cpufreq.max', place: 'board'}, 'power.cap', 'board'));
});

test('a cap is a number of watts within its bounds', () => {
	const bounds = {low: 60, high: 240};

	assert.equal(words.capProblem('100.5', bounds), null);
	assert.match(words.capProblem('', bounds), /number of watts/);
	assert.match(words.capProblem('lots', bounds), /number of watts/);
	assert.match(words.capProblem('Infinity', bounds), /number of watts/);
	assert.match(words.capProblem('59', bounds), /lowest cap is 60 W/);
	assert.match(words.capProblem('241', bounds), /highest cap is 240 W/);
	assert.match(words.capProblem('0', {low: null, high: null}), /lowest/);
	assert.equal(words.capRange(bounds), 'From 60 W to 240 W.');
	assert.equal(words.capRange({low: null, high: null}), 'The machine tells no bounds.');
});

test('the address holds the span and the grouping', () => {
	const parse = (text) => words.fromQuery(new URLSearchParams(text));

	assert.deepEqual(parse('span=24h&by=process'), {span: '24h', by: 'process'});
	assert.deepEqual(parse('span=toString&by=x'), {span: '2m', by: 'unit'});
	assert.equal(words.toAddress({span: '2m', by: 'unit'}), '#/power');
	assert.equal(words.toAddress({span: '24h', by: 'process'}), '#/power?span=24h&by=process');
});

test('live lines hold ten minutes, and join with what is kept', () => {
	const lines = new Lines();
	const now = 2e12;

	for (let ago = 700; ago >= 0; ago--)
		lines.add([reading('power.board', 'machine', ago)], now - ago * 1000);
	const [line] = lines.of(graph('power'), '10m', now);

	assert.equal(line.points.length, 601);
	assert.equal(lines.of(graph('power'), '2m', now)[0].points.length, 121);
	assert.deepEqual(lines.of(graph('power'), '24h', now), []);
	const kept = [now - 650_000, now - 604_000, now - 300_000].map((atMs) => ({
		atMs,
		min: 1,
		mean: 1,
		max: 1,
	}));

	lines.setKept('24h', [{graph: graph('power'), name: 'Machine', points: kept, statistics: {}}]);
	assert.equal(lines.of(graph('power'), '24h', now)[0].points.length, 3);
	assert.equal(lines.of(graph('power'), '2m', now)[0].points.length, 121);
});

/* A service whose clock is an hour ahead, and which has lost one series meanwhile. */
function service(method, {item, step_ns: step}) {
	const name = method.split('.').at(-1);
	const series = ['power.board', 'cpu.usage-mean', 'power.memory', 'net.sent'];

	if (name === 'ListSeries')
		return Promise.resolve({series: series.map((one) => ({item: one, place: 'machine'}))});
	if (item === 'power.memory')
		return Promise.reject(Object.assign(new Error(), {error: `${words.POWER}NoHistory`}));
	if (name === 'Statistics') return Promise.resolve({min: 1, mean: 2, max: 3, joules: 40});
	return Promise.resolve({
		points: [2, 1, 0].map((ago) => ({
			at_ns: 2e18 + 3600e9 - ago * step,
			min: 1,
			mean: 2,
			max: 3,
		})),
	});
}

test('what the service has kept is of now, whatever its clock says', async () => {
	const lines = await keptLines(service, '10m', 2e12);

	assert.deepEqual(
		lines.map(({name}) => name),
		['Machine', 'All processors'],
	);
	assert.deepEqual(
		lines[0].points.map(({atMs}) => atMs),
		[2e12 - 2000, 2e12 - 1000, 2e12],
	);
	assert.equal(lines[0].statistics.joules, 40);
	await assert.rejects(keptLines(() => Promise.reject(new Error('older')), '10m'));
});
