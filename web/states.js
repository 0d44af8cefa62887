/*
 * A record in words: what changed besides content, why something is not shown, and the line of
 * processes that led to it. Pure.
 */
import {bytes, counted, number, userWithNumber} from './words.js';

const KINDS = {
	file: 'a file',
	directory: 'a directory',
	symlink: 'a symbolic link',
	other: 'no regular file',
};
const BITS = [
	[0o4000, 'set-user-ID'],
	[0o2000, 'set-group-ID'],
	[0o1000, 'sticky'],
];

/* 420 as "0644". */
export function modeDigits(mode) {
	return (mode & 0o7777).toString(8).padStart(4, '0');
}

/* 420 as "rw-r--r--", with the special bits in words behind. */
export function modeText(mode) {
	let text = '';

	for (let bit = 8; bit >= 0; bit--) text += mode & (1 << bit) ? 'xwr'[bit % 3] : '-';
	const special = BITS.filter(([bit]) => mode & bit).map(([, word]) => word);

	return special.length > 0 ? `${text}, ${special.join(', ')}` : text;
}

/* member: [what it is called, how a value is said, how two that would look alike are]. */
const MEMBERS = {
	kind: ['Kind', (v) => KINDS[v] ?? v],
	mode: ['Mode', (v) => `${modeDigits(v)} ${modeText(v)}`],
	uid: ['Owner', userWithNumber],
	gid: ['Group', (v) => (v === 0 ? 'root (0)' : `gid ${v}`)],
	size: ['Size', bytes, (v) => `${number(v)} bytes`],
	attributes: ['Attributes, ACLs', (v) => (v === null ? 'none' : `set (${v.slice(0, 8)}…)`)],
};

/* [{what, old, new, changed}] of both states; a side that was not there has null. */
export function stateRows(record) {
	const {old: before, new: after} = record;

	if (!before && !after) return [];
	return Object.entries(MEMBERS).map(([key, [what, say, exactly]]) => {
		const changed = Boolean(before && after && before[key] !== after[key]);
		const isBlurred = changed && exactly && say(before[key]) === say(after[key]);
		const text = (state) => state && (isBlurred ? exactly : say)(state[key]);

		return {what, old: text(before), new: text(after), changed};
	});
}

/* What a person should worry about in a change of mode or owner, in sentences. */
export function warnings(record) {
	const {old: before, new: after} = record;
	const found = [];

	if (!after) return found;
	const gained = after.mode & ~(before?.mode ?? 0);

	if (after.kind === 'file' && gained & 0o4000)
		found.push(`It now runs as ${userWithNumber(after.uid)}, whoever starts it (set-user-ID).`);
	if (after.kind !== 'symlink' && gained & 0o002 && !(after.mode & 0o1000))
		found.push('Everybody may now write to it.');
	if (before && before.kind !== after.kind)
		found.push(
			`It was ${KINDS[before.kind] ?? before.kind} and is now ` +
				`${KINDS[after.kind] ?? after.kind}.`,
		);
	return found;
}

/* Why there is less here than one might expect: [{title, text}]. */
export function notes(record) {
	const found = [];
	const note = (condition, title, text) => condition && found.push({title, text});

	note(
		record.attribution === 'none',
		'Found afterwards',
		'Nobody saw this change happen: capturing did not run, or events were lost. Who made ' +
			'it is not known.',
	);
	note(
		record.attribution === 'partial',
		'Partly known',
		'The process, its user or one of its parents could not be found out.',
	);
	note(
		record.content === 'coalesced',
		'Several edits together',
		`${counted(record.op_count, 'edit')} followed each other too quickly to be read one ` +
			`by one. ` +
			'What is shown is before and after all of them.',
	);
	note(
		record.withheld,
		'Content is for administrators',
		'Not everybody may read this file, so its content, its hashes and what differs are ' +
			'withheld from your account.',
	);
	note(
		record.redacted,
		'Content is secret',
		'Passwords and private keys are never stored, nor what could confirm a guess. Nobody ' +
			'can see them here.',
	);
	note(
		record.diff_truncated,
		'The difference is large',
		'Only differences up to 128 KiB are shown at once.',
	);
	return found;
}

/* Why there is no difference to show; null when there is one. */
export function whyNoDiff(record) {
	if (record.diff || record.diff_truncated) return null;
	if (record.redacted) return 'Nothing of it was kept.';
	if (record.withheld) return 'Withheld from your account.';
	const kind = (record.new ?? record.old)?.kind;

	if (record.method === 'metadata') return 'The content did not change.';
	if (kind && kind !== 'file' && kind !== 'symlink')
		return `This is ${KINDS[kind] ?? kind}: it has no content to compare.`;
	if (record.old_sha256 && record.old_sha256 === record.new_sha256)
		return 'The content is the same before and after.';
	if (record.old?.size === 0 && record.new?.size === 0) return 'The file was and is empty.';
	if (!record.old_sha256 && !record.new_sha256)
		return 'The content was not kept: it is too large, or could not be read.';
	return 'There is no difference to show.';
}

/* Secrets by account: [{account, words}], "password, last change". */
export function secretFields(fields) {
	const accounts = new Map();

	for (const {account, field} of fields) {
		const word = field === 'account' ? 'the account came or went' : field;

		accounts.set(account, [...(accounts.get(account) ?? []), word]);
	}
	return [...accounts].map(([account, words]) => ({account, words: words.join(', ')}));
}

/*
 * From the first known process down to the one that made the change: [{process, depth, isActor}].
 */
export function lineage(record) {
	const parents = [...record.ancestry].reverse();
	const actor =
		record.pid === null
			? []
			: [
					{
						pid: record.pid,
						exe: record.exe,
						argv: record.argv,
						argv_truncated: record.argv_truncated,
						uid: record.uid,
						isActor: true,
					},
				];

	return [...parents, ...actor].map((process, depth) => ({
		process,
		depth,
		isActor: Boolean(process.isActor),
	}));
}

/* Which sides ReadContent may have: [{side, label, size}]. */
export function readable(record) {
	const sides = [];

	if (record.withheld || record.redacted) return sides;
	if (record.old_sha256 && record.old?.kind === 'file')
		sides.push({side: 'old', label: 'before', size: record.old.size});
	if (record.new_sha256 && record.new?.kind === 'file')
		sides.push({side: 'new', label: 'after', size: record.new.size});
	if (record.diff || record.diff_truncated)
		sides.push({side: 'diff', label: 'difference', size: null});
	return sides;
}
