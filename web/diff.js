/*
 * Unified differences, as src/filetrace/diff.h writes them, taken apart for showing. Pure.
 *
 * A line is {kind, old, new, text}: kind is context, add, delete or note ("\ No newline at end of
 * file"); old and new are line numbers, null where the line is not on that side.
 */
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
const KINDS = {' ': 'context', '+': 'add', '-': 'delete', '\\': 'note'};

/* The next line of a hunk, which counts what is left of both sides. */
function takeLine(hunk, text) {
	const kind = KINDS[text[0]] ?? 'context';
	const line = {
		kind,
		old: null,
		new: null,
		text: kind === 'note' ? text.slice(2) : text.slice(1),
	};

	if (kind === 'context' || kind === 'delete') line.old = hunk.nextOld++;
	if (kind === 'context' || kind === 'add') line.new = hunk.nextNew++;
	hunk.lines.push(line);
}

function isInside(hunk, text) {
	if (!hunk) return false;
	return hunk.nextOld < hunk.endOld || hunk.nextNew < hunk.endNew || text.startsWith('\\');
}

function openHunk(match, title) {
	const [oldStart, oldCount, newStart, newCount] = [
		match[1],
		match[2] ?? 1,
		match[3],
		match[4] ?? 1,
	].map(Number);

	return {
		title,
		oldStart,
		newStart,
		lines: [],
		nextOld: oldStart,
		endOld: oldStart + oldCount,
		nextNew: newStart,
		endNew: newStart + newCount,
	};
}

/*
 * {hunks, binary, added, deleted}. Counts of a hunk's head decide what is inside, not the look of
 * lines.
 */
export function parseDiff(text) {
	const result = {hunks: [], binary: false, added: 0, deleted: 0};
	let hunk = null;

	for (const line of text.replace(/\n$/, '').split('\n')) {
		if (isInside(hunk, line)) {
			takeLine(hunk, line);
			continue;
		}
		const match = HUNK.exec(line);

		if (match) result.hunks.push((hunk = openHunk(match, line)));
		else if (line.startsWith('Binary files ')) result.binary = true;
	}
	for (const {lines} of result.hunks)
		for (const {kind} of lines) {
			result.added += kind === 'add';
			result.deleted += kind === 'delete';
		}
	return result;
}

/*
 * Lines of a hunk as pairs [left, right] (null: nothing there); a change's two sides stand beside.
 */
export function sideBySide(lines) {
	const pairs = [];
	let left = [];
	let right = [];
	const flush = () => {
		for (let i = 0; i < Math.max(left.length, right.length); i++)
			pairs.push([left[i] ?? null, right[i] ?? null]);
		left = [];
		right = [];
	};

	for (const line of lines) {
		if (line.kind === 'delete') {
			if (right.length > 0) flush();
			left.push(line);
		} else if (line.kind === 'add') {
			right.push(line);
		} else if (line.kind === 'note') {
			takeNote(line, left, right, pairs);
		} else {
			flush();
			pairs.push([line, line]);
		}
	}
	flush();
	return pairs;
}

/* "No newline" belongs to the side of the line before it. */
function takeNote(note, left, right, pairs) {
	if (right.length > 0) right.push(note);
	else if (left.length > 0) left.push(note);
	else pairs.push([note, note]);
}

/*
 * What differs within two lines that stand for each other: [begin, end of left, end of right], or
 * null when they have too little in common for that to help.
 */
export function inner(left, right) {
	const shorter = Math.min(left.length, right.length);
	let begin = 0;
	let tail = 0;

	while (begin < shorter && left[begin] === right[begin]) begin++;
	while (tail < shorter - begin && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
	if (begin + tail < Math.max(left.length, right.length) * 0.3) return null;
	return [begin, left.length - tail, right.length - tail];
}

/* Marks on the lines of a hunk, for both views: Map of line to [begin, end]. */
export function marks(lines) {
	const found = new Map();

	for (const [left, right] of sideBySide(lines)) {
		if (left?.kind !== 'delete' || right?.kind !== 'add') continue;
		const span = inner(left.text, right.text);

		if (!span) continue;
		found.set(left, [span[0], span[1]]);
		found.set(right, [span[0], span[2]]);
	}
	return found;
}
