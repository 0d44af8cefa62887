/* Server-sent events that come in pieces. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {EventParser} from '../../api.js';

const TEXT =
	': hello\n\nevent: reply\ndata: ' +
	'{"a":1}\n\nevent: reply\r\ndata: one\r\ndata:two\r\n\r\nevent: end\ndata: {}\n\n';
const EVENTS = [
	{name: 'reply', data: '{"a":1}'},
	{name: 'reply', data: 'one\ntwo'},
	{name: 'end', data: '{}'},
];

test('whole, and cut at every place', () => {
	assert.deepEqual(new EventParser().feed(TEXT), EVENTS);
	for (let cut = 0; cut <= TEXT.length; cut++) {
		const parser = new EventParser();

		assert.deepEqual(
			[...parser.feed(TEXT.slice(0, cut)), ...parser.feed(TEXT.slice(cut))],
			EVENTS,
		);
	}
});

test('an event that has not ended is none', () => {
	assert.deepEqual(new EventParser().feed('event: reply\ndata: x\n'), []);
});

test('a line without end is not collected for ever', () => {
	const parser = new EventParser();

	assert.throws(
		() => {
			for (let i = 0; i < 10; i++) parser.feed('x'.repeat(1 << 20));
		},
		{kind: 'broken'},
	);
});
