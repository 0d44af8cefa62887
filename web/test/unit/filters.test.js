/* The address and its filters. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as filters from '../../filters.js';

const parse = (text) => filters.fromQuery(new URLSearchParams(text));

test('addresses', () => {
	const page = (hash) => filters.parseAddress(hash).page;

	assert.equal(page(''), 'overview');
	assert.equal(page('#/'), 'overview');
	assert.equal(page('#/changes?path=/etc/'), 'changes');
	assert.equal(filters.parseAddress('#/changes?path=/a?b').query.get('path'), '/a?b');
	assert.equal(filters.parseAddress('#/changes/812?view=split').id, '812');
	for (const wrong of [
		'#/changes/0',
		'#/changes/a',
		'#/changes/1/2',
		'#/changes/99999999999999999999',
		'#/x',
	])
		assert.equal(page(wrong), 'missing');
});

test('filters go into the address and come back', () => {
	for (const path of ['/etc/', '/etc/*.conf', '/a b&c=d#e?f', '/Grüße/a\\x0ab', '/100%']) {
		const before = {path, user: '0', since: '24h', method: 'append'};
		const {query} = filters.parseAddress(filters.toAddress(before));
		const {problems, ...after} = filters.fromQuery(query);

		assert.deepEqual(after, before);
		assert.deepEqual(problems, {});
	}
	assert.equal(filters.toAddress({}), '#/changes');
});

test('what is not understood is named', () => {
	assert.ok(parse('path=etc').problems.path);
	assert.ok(parse('user=a:b').problems.user);
	assert.ok(parse('user=a%0ab').problems.user);
	assert.ok(parse(`user=${'é'.repeat(128)}`).problems.user);
	assert.ok(parse('since=yesterday').problems.since);
	assert.ok(parse('method=burn').problems.method);
	assert.deepEqual(parse('user=root&since=2026-11-25T10:00:00Z').problems, {});
});

test('a user by name is found out, or is a problem', async () => {
	const resolve = async (text, find) => {
		const parsed = parse(text);

		await filters.resolveUser(parsed, find);
		return parsed;
	};
	const never = () => assert.fail('nothing to find out');
	const fail = (kind) => () => Promise.reject(Object.assign(new Error(), {kind}));
	const eve = await resolve('user=eve', async (name) => (name === 'eve' ? 4242 : null));

	assert.deepEqual(eve.problems, {});
	assert.equal(filters.toParameters(eve, 0).user, 4242);
	assert.equal(filters.toAddress(eve), '#/changes?user=eve');
	assert.match((await resolve('user=bob', async () => null)).problems.user, /no user “bob”/);
	assert.match((await resolve('user=bob', fail('absent'))).problems.user, /a number works/);
	await assert.rejects(resolve('user=bob', fail('session')));
	for (const text of ['', 'user=0', 'user=root', 'user=a:b']) await resolve(text, never);
});

test('parameters of List', () => {
	const now = 1_780_000_000_000;

	assert.deepEqual(
		filters.toParameters(parse('path=/etc/&user=root&since=1h&method=append'), now),
		{path: '/etc/', user: 0, since_ns: (now - 3_600_000) * 1e6},
	);
	assert.deepEqual(filters.toParameters(parse(''), now), {});
	const text = JSON.stringify(filters.toParameters(parse('since=7d'), now));

	assert.match(text, /"since_ns":\d+\}/, 'an integer, not 1.7e18');
});
