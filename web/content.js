/*
 * Content of a record, through Trace.ReadContent: pieces in base64, put together here.
 */
import * as api from './api.js';

const READ = 'io.leonhard.Trace.ReadContent';

function fromBase64(text) {
	const binary = atob(text);
	const bytes = new Uint8Array(binary.length);

	for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
	return bytes;
}

/* The pieces of @side, in order. @onProgress(done, size) in bytes. */
export async function readContent(id, side, signal, onProgress) {
	const pieces = [];
	let done = 0;
	let size = 0;

	await api.stream(
		READ,
		{id, side},
		{
			signal,
			onReply: (reply) => {
				const piece = fromBase64(reply.data);

				pieces.push(piece);
				done += piece.length;
				size = reply.size;
				onProgress?.(done, size);
			},
		},
	);
	if (done !== size) throw new api.ApiError('broken');
	return pieces;
}

export async function textOf(pieces) {
	return new Blob(pieces).text();
}

/* "sshd_config" of record 812, before: "sshd_config.812.before". */
export function fileName(record, label) {
	const name =
		record.path
			.split('/')
			.pop()
			.replace(/[^\w.+-]/g, '_')
			.replace(/^\.+/, '') || 'content';

	return `${name}.${record.id}.${label}`;
}
