/* Names of users: asked for in batches, once, and said as what they are. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Names} from '../../names.js';
import * as words from '../../words.js';

const rest = () => new Promise((resolve) => setTimeout(resolve, 60));

/* A node that knows users from 3000 on by these names. */
function make(known = {}) {
	const node = {asked: [], told: 0, failing: false, nowMs: 1e6};

	node.names = new Names(
		async (query) => {
			node.asked.push(query.uid ?? `name=${query.name}`);
			if (node.failing) throw new Error('offline');
			const uids = query.uid?.split(',');

			return Object.fromEntries(
				Object.entries(known).filter(([uid, name]) =>
					uids ? uids.includes(uid) : name === query.name,
				),
			);
		},
		() => node.told++,
		() => node.nowMs,
	);
	return node;
}

test('what is wanted together is asked together, once', async () => {
	const node = make({3000: 'alice', 3001: 'bob'});

	assert.equal(words.user(3000), 'uid 3000');
	node.names.want([3000, null, undefined, 0]);
	node.names.want([3001, 3000]);
	await rest();
	assert.deepEqual(node.asked, ['3000,3001']);
	assert.equal(node.told, 1);
	assert.equal(words.user(3000), 'alice');
	assert.equal(words.userWithNumber(3001), 'bob (3001)');
	assert.equal(words.who({uid: 0, login_uid: 3000}), 'alice as root');
	assert.equal(words.userNumber('alice'), 3000);
	node.names.want([3000, 3001]);
	await rest();
	assert.equal(node.asked.length, 1);
});

test('many are asked for in batches of 64', async () => {
	const node = make();

	node.names.want(Array.from({length: 130}, (_, i) => 10_000 + i));
	await rest();
	assert.deepEqual(
		node.asked.map((uid) => uid.split(',').length),
		[64, 64, 2],
	);
	assert.equal(node.told, 0);
});

test('who is not known, or could not be asked about, is asked for again later', async () => {
	const node = make({3100: 'carol'});

	node.failing = true;
	node.names.want([3100, 3101]);
	await rest();
	node.failing = false;
	node.names.want([3100, 3101]);
	await rest();
	assert.equal(node.asked.length, 1);
	assert.equal(words.user(3100), 'uid 3100');
	node.nowMs += 61_000;
	node.names.want([3100, 3101]);
	await rest();
	assert.equal(node.asked.length, 2);
	assert.equal(words.user(3100), 'carol');
	assert.equal(words.user(3101), 'uid 3101');
});

test('by name', async () => {
	const node = make({3200: 'dave'});

	assert.equal(await node.names.find('root'), 0);
	assert.equal(await node.names.find('3200'), 3200);
	assert.deepEqual(node.asked, []);
	assert.equal(await node.names.find('dave'), 3200);
	assert.equal(await node.names.find('nobody here'), null);
	assert.deepEqual(node.asked, ['name=dave', 'name=nobody here']);
	assert.equal(await node.names.find('dave'), 3200);
	assert.equal(node.asked.length, 2);
	node.failing = true;
	await assert.rejects(node.names.find('erin'));
});

test('a name that misleads the eye is shown by its numbers', async () => {
	const node = make({3300: 'a\u202eb<b>'});

	node.names.want([3300]);
	await rest();
	assert.equal(words.user(3300), 'a[U+202E]b<b>');
});
