/* The time line over the mock's records, without HTTP. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fromQuery} from '../../filters.js';
import {openTimeline} from '../../timeline.js';
import {MockTrace} from '../mock/trace.js';

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

/* {trace, calls, open(query)} */
function world(count) {
	const trace = new MockTrace(count);
	const calls = [];
	const call = async (method, parameters = {}) => {
		calls.push(parameters);
		if (trace.failing) throw Object.assign(new Error('absent'), {kind: 'absent'});
		return method.endsWith('Describe') ? trace.describe() : trace.list(parameters);
	};

	return {
		trace,
		calls,
		open: (query) => openTimeline(call, fromQuery(new URLSearchParams(query)), () => {}),
	};
}

test('without filters any place is there at once', async () => {
	const {calls, open} = world(100_000);
	const timeline = await open('');

	assert.equal(timeline.count, 100_000);
	assert.equal(timeline.at(0).id, '100000');
	assert.equal(timeline.at(60_000), undefined);
	const before = calls.length;

	timeline.need(60_000, 60_030);
	await settle();
	assert.equal(timeline.at(60_010).id, '39990');
	assert.ok(calls.length - before <= 2, 'one or two blocks');
	timeline.need(99_990, 99_999);
	await settle();
	assert.equal(timeline.at(99_999).id, '1');
});

test('a fast journey fetches where it ends, and keeps little', async () => {
	const {calls, open} = world(100_000);
	const timeline = await open('');

	for (let i = 0; i < 90_000; i += 300) timeline.need(i, i + 40);
	await settle();
	assert.ok(calls.length < 10, `${calls.length} calls`);
	assert.ok(timeline.at(89_700));
	for (let i = 0; i < 60; i++) {
		timeline.need(i * 1000, i * 1000 + 10);
		await settle();
	}
	assert.equal(timeline.at(5000), undefined, 'what was fetched long ago is let go of');
	assert.ok(timeline.at(59_000));
});

test('new records come on top', async () => {
	const {trace, open} = world(1000);
	const timeline = await open('');
	const shift = timeline.add([trace.emit(), trace.emit()]);

	assert.equal(shift, 2);
	assert.equal(timeline.count, 1002);
	assert.equal(timeline.at(0).id, '1002');
	assert.equal(timeline.at(2).id, '1000');
	assert.equal(timeline.indexOf('999'), 3);
});

test('with filters the list grows to its end', async () => {
	const {trace, open} = world(3000);
	const timeline = await open('path=/etc/hosts');

	for (let i = 0; i < 20 && !timeline.isWhole; i++) {
		timeline.need(timeline.count - 1, timeline.count - 1);
		await settle();
	}
	const whole = trace.list({path: '/etc/hosts', limit: 1000}).records;

	assert.equal(timeline.count, whole.length);
	assert.deepEqual(timeline.at(timeline.count - 1), whole.at(-1));
});

test('kind of change is looked for here', async () => {
	const {trace, open} = world(3000);
	const timeline = await open('method=create');

	for (let i = 0; i < 20 && !timeline.isWhole; i++) {
		timeline.need(timeline.count - 1, timeline.count - 1);
		await settle();
	}
	assert.ok(timeline.count > 10);
	assert.equal(timeline.seen, 3000);
	assert.equal(timeline.add([trace.emit({method: 'append'}), trace.emit({method: 'create'})]), 1);
	assert.equal(timeline.newest, '3002');
});

test('nothing at all', async () => {
	const {trace, open} = world(0);
	const timeline = await open('');

	assert.deepEqual([timeline.count, timeline.isWhole], [0, true]);
	assert.equal(timeline.add([trace.emit()]), 1);
	assert.equal(timeline.count, 1);
});

test('what a filter leaves out is not followed', async () => {
	const {open} = world(3000);
	const timeline = await open('path=/etc/hosts&since=2999-01-01T00:00:00Z');

	assert.equal(timeline.count, 0);
	assert.equal(timeline.newest, '3000', 'following goes on from here, not from the first record');
});

test('replies that are cut for their size are put together', async () => {
	const {trace, open} = world(1000);
	const list = trace.list.bind(trace);
	const timeline = await open('');

	trace.list = (parameters) => {
		const {records} = list(parameters);

		return {records: records.slice(0, 30), more: true};
	};
	timeline.need(600, 640);
	await settle();
	for (let i = 600; i <= 640; i++) assert.equal(timeline.at(i)?.id, String(1000 - i));
});

test('a failure is kept, and trying again helps', async () => {
	const {trace, open} = world(10_000);
	const timeline = await open('');

	trace.failing = true;
	timeline.need(5000, 5010);
	await settle();
	assert.equal(timeline.error.kind, 'absent');
	trace.failing = false;
	timeline.retry();
	timeline.need(5000, 5010);
	await settle();
	assert.ok(timeline.at(5005));
});
