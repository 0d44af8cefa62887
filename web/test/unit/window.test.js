/* Arithmetic of the virtual list. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {geometry, place, range, reveal, step, TALLEST} from '../../window.js';

test('no rows', () => {
	const g = geometry(0, 30, 600);

	assert.ok(range(g, 0).last < range(g, 0).first);
	assert.equal(step(g, -1, 'ArrowDown'), null);
});

test('rows in view, wherever it is', () => {
	const g = geometry(100_000, 34, 600);

	assert.equal(g.height, 3_400_000);
	assert.equal(range(g, 0).first, 0);
	for (const top of [0, 1, 33, 34, 500_000, g.height - 600]) {
		const {first, last} = range(g, top);

		assert.ok(first * 34 <= top, 'nothing is missing above');
		assert.ok((last + 1) * 34 >= top + 600 || last === 99_999, 'nor below');
		assert.ok(last - first < 60);
		assert.equal(place(g, first, top), first * 34);
	}
	assert.equal(range(g, g.height).last, 99_999);
});

test('more rows than a browser can lay out', () => {
	const g = geometry(10_000_000, 34, 600);
	const bottom = g.height - g.viewHeight;

	assert.equal(g.height, TALLEST);
	assert.equal(range(g, 0).first, 0);
	assert.equal(range(g, bottom).last, 9_999_999);
	assert.ok(
		Math.abs(place(g, 9_999_999, bottom) + 34 - g.height) < 1,
		'the last row ends where the list does',
	);
	assert.ok(Math.abs(range(g, reveal(g, 5_000_000, 0)).last - 5_000_000) < 10);
});

test('negative scrolling of a rubber band', () => {
	assert.equal(range(geometry(100, 30, 300), -80).first, 0);
	assert.equal(place(geometry(100, 30, 300), 0, -80), 0);
});

test('a chosen row comes into view, and stays when it is', () => {
	const g = geometry(1000, 30, 300);

	assert.equal(reveal(g, 0, 500), 0);
	assert.equal(reveal(g, 999, 0), 29_700);
	assert.equal(reveal(g, 5, 0), 0);
	assert.equal(reveal(g, 10, 0), 30);
});

test('keys', () => {
	const g = geometry(100, 30, 300);
	const cases = [
		[-1, 'ArrowDown', 0],
		[0, 'ArrowUp', 0],
		[99, 'ArrowDown', 99],
		[50, 'PageDown', 59],
		[5, 'PageUp', 0],
		[50, 'Home', 0],
		[50, 'End', 99],
		[3, 'j', 4],
		[3, 'x', null],
	];

	for (const [from, key, to] of cases) assert.equal(step(g, from, key), to, key);
});
