/* A record in words. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as states from '../../states.js';

const FILE = {kind: 'file', mode: 0o644, uid: 0, gid: 0, size: 10, attributes: null};
const RECORD = {
	method: 'in-place',
	attribution: 'full',
	content: 'exact',
	op_count: 1,
	withheld: false,
	redacted: false,
	diff: null,
	diff_truncated: false,
	old: FILE,
	new: FILE,
	old_sha256: 'a',
	new_sha256: 'b',
	fields: [],
	pid: 7,
	exe: '/bin/sh',
	argv: ['sh'],
	argv_truncated: false,
	uid: 0,
	ancestry: [],
};

test('modes', () => {
	assert.equal(states.modeDigits(420), '0644');
	assert.equal(states.modeText(0o644), 'rw-r--r--');
	assert.equal(states.modeText(0o4755), 'rwxr-xr-x, set-user-ID');
	assert.equal(states.modeText(0), '---------');
});

test('what changed besides content', () => {
	const rows = states.stateRows({old: FILE, new: {...FILE, mode: 0o600, uid: 1001}});

	assert.deepEqual(
		rows.filter((row) => row.changed).map((row) => row.what),
		['Mode', 'Owner'],
	);
	assert.ok(
		states.stateRows({old: null, new: FILE}).every((row) => row.old === null && !row.changed),
	);
	assert.deepEqual(states.stateRows({old: null, new: null}), []);
});

test('sizes that differ look different', () => {
	const rows = states.stateRows({old: {...FILE, size: 3200}, new: {...FILE, size: 3195}});
	const size = rows.find((row) => row.what === 'Size');

	assert.deepEqual([size.old, size.new], ['3,200 bytes', '3,195 bytes']);
});

test('what one should look at', () => {
	assert.equal(states.warnings({old: FILE, new: {...FILE, mode: 0o4755}}).length, 1);
	assert.equal(states.warnings({old: FILE, new: {...FILE, mode: 0o666}}).length, 1);
	assert.equal(
		states.warnings({old: FILE, new: {...FILE, kind: 'symlink', mode: 0o777}}).length,
		1,
	);
	assert.deepEqual(states.warnings({old: FILE, new: null}), []);
	assert.deepEqual(
		states.warnings({old: {...FILE, mode: 0o666}, new: {...FILE, mode: 0o666}}),
		[],
	);
});

test('why something is not here', () => {
	const titles = (more) => states.notes({...RECORD, ...more}).length;

	assert.equal(titles({}), 0);
	for (const more of [
		{withheld: true},
		{redacted: true},
		{diff_truncated: true},
		{attribution: 'none'},
		{attribution: 'partial'},
		{content: 'coalesced'},
	])
		assert.equal(titles(more), 1);
	assert.match(states.whyNoDiff({...RECORD, method: 'metadata'}), /did not change/);
	assert.match(states.whyNoDiff({...RECORD, old_sha256: null, new_sha256: null}), /not kept/);
	assert.match(states.whyNoDiff({...RECORD, new: {...FILE, kind: 'directory'}}), /directory/);
	assert.equal(states.whyNoDiff({...RECORD, diff: 'x'}), null);
});

test('processes from the first parent on', () => {
	const parent = (pid) => ({pid, exe: null, argv: [], argv_truncated: false, uid: 0});
	const steps = states.lineage({...RECORD, ancestry: [parent(6), parent(1)]});

	assert.deepEqual(
		steps.map(({process, isActor}) => [process.pid, isActor]),
		[
			[1, false],
			[6, false],
			[7, true],
		],
	);
	assert.deepEqual(states.lineage({...RECORD, pid: null}), []);
});

test('secrets by account', () => {
	assert.deepEqual(
		states.secretFields([
			{account: 'bob', field: 'password'},
			{account: 'eve', field: 'account'},
			{account: 'bob', field: 'last change'},
		]),
		[
			{account: 'bob', words: 'password, last change'},
			{account: 'eve', words: 'the account came or went'},
		],
	);
});

test('what can be read', () => {
	assert.deepEqual(
		states.readable({...RECORD, diff: 'x'}).map(({side}) => side),
		['old', 'new', 'diff'],
	);
	assert.deepEqual(states.readable({...RECORD, redacted: true}), []);
	assert.deepEqual(
		states.readable({...RECORD, old: null, old_sha256: null}).map(({side}) => side),
		['new'],
	);
});
