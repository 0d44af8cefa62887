/* Times, sizes, names and sentences. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as words from '../../words.js';

const NOW = Date.UTC(2026, 10, 25, 12, 0, 0);
const ago = (seconds) => (NOW - seconds * 1000) * 1e6;

test('relative times', () => {
	const cases = [
		[0, 'just now'],
		[4, 'just now'],
		[5, '5 s ago'],
		[59, '59 s ago'],
		[60, '1 min ago'],
		[3599, '59 min ago'],
		[3600, '1 h ago'],
		[86399, '23 h ago'],
		[86400, '1 d ago'],
		[6 * 86400, '6 d ago'],
	];

	for (const [seconds, text] of cases) assert.equal(words.relative(ago(seconds), NOW), text);
	assert.match(words.relative(ago(30 * 86400), NOW), /^26 Oct$/);
	assert.match(words.relative(ago(400 * 86400), NOW), /2025$/);
});

test('a time ahead of the clock is said in full, a senseless one does not throw', () => {
	assert.match(words.relative(ago(-3600), NOW), /2026/);
	assert.equal(words.full(1e300), 'at an unknown time');
});

test('lengths of time', () => {
	assert.equal(words.lasting(40e9), '40 s');
	assert.equal(words.lasting(3600e9), '1 h');
	assert.equal(words.lasting((3 * 86400 + 4 * 3600 + 59) * 1e9), '3 d 4 h');
	assert.equal(words.lasting(-1), '0 s');
});

test('sizes and numbers', () => {
	assert.deepEqual([0, 1, 1023, 1024, 10240, 2 ** 33].map(words.bytes), [
		'0 bytes',
		'1 byte',
		'1023 bytes',
		'1.0 KiB',
		'10 KiB',
		'8.0 GiB',
	]);
	assert.deepEqual([999, 1000, 100000, 1234567].map(words.number), [
		'999',
		'1,000',
		'100,000',
		'1,234,567',
	]);
	assert.equal(words.counted(1, 'change'), '1 change');
});

test('misleading characters are shown by number, others stay', () => {
	assert.equal(words.visible('a\u202eb\u200bc\u2028'), 'a[U+202E]b[U+200B]c[U+2028]');
	assert.equal(words.visible('Grüße \\x0a <b> 日本'), 'Grüße \\x0a <b> 日本');
});

test('command lines as a shell takes them', () => {
	assert.equal(words.commandLine(['sh', '-c', 'echo a >b']), "sh -c 'echo a >b'");
	assert.equal(words.commandLine(["it's", '']), "'it'\\''s' ''");
	assert.equal(words.commandLine(["a\\x0ab'"]), "$'a\\x0ab\\''");
});

test('paths', () => {
	assert.deepEqual(words.splitPath('/etc/ssh/sshd_config'), ['/etc/ssh/', 'sshd_config']);
	assert.deepEqual(words.splitPath('/etc/ssh/'), ['/etc/', 'ssh/']);
	assert.deepEqual(words.splitPath('name'), ['', 'name']);
});

test('who', () => {
	const who = (uid, loginUid) => words.who({uid, login_uid: loginUid});

	assert.equal(who(0, 1001), 'uid 1001 as root');
	assert.equal(who(1001, 1001), 'uid 1001');
	assert.equal(who(0, null), 'root');
	assert.equal(who(null, null), 'not known');
	assert.equal(words.userNumber('root'), 0);
	assert.equal(words.userNumber('1001'), 1001);
	for (const text of ['', 'eve', '-1', '1.5', '4294967295', '99999999999'])
		assert.equal(words.userNumber(text), null);
});

test('every kind of error has a title and a text', () => {
	for (const kind of [
		'absent',
		'denied',
		'offline',
		'late',
		'limit',
		'session',
		'login',
		'broken',
		'new',
	])
		for (const text of Object.values(words.explain({kind, parameters: {}})).slice(0, 2))
			assert.ok(text.length > 5);
	assert.equal(words.explain({kind: 'denied'}).retry, false);
	assert.match(words.explain({kind: 'absent'}, 'io.leonhard.Trace.List').title, /Trace/);
});

test('errors of services, known and unknown', () => {
	const refused = (error, parameters = {}) => words.explain({kind: 'refused', error, parameters});

	assert.match(
		refused('io.leonhard.Trace.WatchRefused', {reason: 'it is on proc'}).text,
		/^It is on proc\.$/,
	);
	assert.match(refused('io.leonhard.Trace.NoSuchRecord', {id: '7'}).text, /7/);
	assert.match(refused('io.leonhard.Other.Odd').text, /Odd/);
});

test('trying again is offered only where it can help', () => {
	const retry = (kind, error) => words.explain({kind, error, parameters: {}}).retry;

	assert.equal(retry('absent'), true);
	assert.equal(retry('refused', 'io.leonhard.Rpc.Failed'), true);
	assert.equal(retry('refused', 'io.leonhard.Trace.NoSuchRecord'), false);
});
