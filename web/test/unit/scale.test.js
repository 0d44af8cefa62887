import assert from 'node:assert/strict';
import {test} from 'node:test';
import {extent, runs, scale, timeTicks} from '../../scale.js';

test('axes have round numbers that hold everything', () => {
	assert.deepEqual(scale(0, 142).ticks, [0, 50, 100, 150]);
	assert.deepEqual(scale(2.07, 2.38).ticks, [2, 2.1, 2.2, 2.3, 2.4]);
	assert.equal(scale(2.07, 2.38).places, 1);
	assert.equal(scale(0, 9).places, 1);
	assert.deepEqual(scale(0, 9).ticks, [0, 2.5, 5, 7.5, 10]);
	for (const [low, high] of [
		[0, 0],
		[5, 44.6],
		[-12, 3],
		[1e-4, 3e-4],
		[41, 41],
		[0, 123456],
	]) {
		const axis = scale(low, high);

		assert.ok(axis.low <= low && axis.high >= high, `${low} to ${high}`);
		assert.ok(axis.ticks.length >= 2 && axis.ticks.length <= 5, `${low} to ${high}`);
	}
});

test('what is never negative is not shown below 0', () => {
	assert.equal(scale(0, 0).low, 0);
	assert.ok(scale(-3, 5).low < 0);
});

test('lines break where nothing was measured', () => {
	const points = [0, 1000, 2100, 9000, 10_000].map((atMs) => ({atMs}));

	assert.deepEqual(
		runs(points, 2500).map((run) => run.length),
		[3, 2],
	);
	assert.deepEqual(runs([], 2500), []);
});

test('the extent of nothing is none', () => {
	assert.equal(extent([]), null);
	assert.deepEqual(
		extent([
			{min: 1, max: 4},
			{min: -2, max: 3},
		]),
		[-2, 4],
	);
});

test('times are told by how long ago, those of a day by hours', () => {
	const to = new Date(2026, 10, 25, 14, 20).getTime();

	assert.deepEqual(
		timeTicks(to - 120_000, to, 2).map(({text}) => text),
		['−2 min', '−1 min', 'now'],
	);
	assert.ok(timeTicks(to - 120_000, to, 4).some(({text}) => text === '−30 s'));
	assert.deepEqual(
		timeTicks(to - 86_400_000, to, 4).map(({text}) => text),
		['18:00', '00:00', '06:00', '12:00'],
	);
});
