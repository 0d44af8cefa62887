/* Unified differences. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {inner, marks, parseDiff, sideBySide} from '../../diff.js';

const TEXT = `--- a/etc/x
+++ b/etc/x
@@ -1,4 +1,5 @@
 one
-two
-three
+TWO
+3
+3.5
 four
@@ -20 +21 @@
-old
\\ No newline at end of file
+new
`;

test('lines get their numbers', () => {
	const {hunks, added, deleted, binary} = parseDiff(TEXT);

	assert.deepEqual([hunks.length, added, deleted, binary], [2, 4, 3, false]);
	assert.deepEqual(
		hunks[0].lines.map(({kind, old, new: after}) => [kind, old, after]),
		[
			['context', 1, 1],
			['delete', 2, null],
			['delete', 3, null],
			['add', null, 2],
			['add', null, 3],
			['add', null, 4],
			['context', 4, 5],
		],
	);
	assert.equal(hunks[1].lines[1].kind, 'note');
	assert.equal(hunks[1].lines[1].text, 'No newline at end of file');
});

test('lines that look like heads are content', () => {
	const {hunks} = parseDiff(
		'--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- old\n+++ new\n @@ -1 +1 @@\n',
	);

	assert.equal(hunks.length, 1);
	assert.deepEqual(
		hunks[0].lines.map(({text}) => text),
		['-- old', '++ new', '@@ -1 +1 @@'],
	);
});

test('a new file, a deleted file, a binary one, nonsense', () => {
	assert.equal(parseDiff('--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n').added, 2);
	assert.equal(parseDiff('--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n').deleted, 1);
	assert.equal(parseDiff('Binary files a/x and b/x differ\n').binary, true);
	for (const text of ['', '\n', '@@ nonsense @@\n+a', '+a\n-b'])
		assert.deepEqual(parseDiff(text).hunks, []);
	assert.equal(parseDiff('@@ -1,9 +1,9 @@\n a\n').hunks[0].lines.length, 1, 'cut off');
});

test('side by side', () => {
	const [first, second] = parseDiff(TEXT).hunks;
	const show = ([left, right]) => [left?.text ?? null, right?.text ?? null];

	assert.deepEqual(sideBySide(first.lines).map(show), [
		['one', 'one'],
		['two', 'TWO'],
		['three', '3'],
		[null, '3.5'],
		['four', 'four'],
	]);
	assert.deepEqual(sideBySide(second.lines).map(show), [
		['old', 'new'],
		['No newline at end of file', null],
	]);
});

test('what differs within a line', () => {
	assert.deepEqual(inner('MaxAuthTries 6', 'MaxAuthTries 3'), [13, 14, 14]);
	assert.deepEqual(inner('aaa', 'aaaa'), [3, 3, 4]);
	assert.equal(inner('completely', 'different!'), null);
	assert.equal(marks(parseDiff('@@ -1 +1 @@\n-a = 1\n+a = 2\n').hunks[0].lines).size, 2);
});
