/*
 * How node --test tells what came of each test: a line as tests/lib.sh has it, which tests/run
 * counts. What tests print follows, set in; of those that fail, also why.
 */
const INDENT = '   ';

function indented(text) {
	return text.replace(/\s+$/, '').replace(/^/gm, INDENT);
}

/* A file is reported like a test around its tests; it has failed by itself when it ends early. */
function isFile({name, details}) {
	return name.endsWith('.js') && details.error?.failureType !== 'testCodeFailure';
}

function failure(data) {
	const {failureType, cause, message} = data.details.error;

	if (failureType === 'subtestsFailed') return '';
	return `not ok - ${data.name}\n${indented(String(cause?.stack ?? cause ?? message))}\n`;
}

export default async function* report(events) {
	for await (const {type, data} of events) {
		if (type === 'test:fail') yield failure(data);
		else if (type === 'test:pass' && data.skip !== undefined)
			yield `skip - ${data.name}: ${data.skip}\n`;
		else if (type === 'test:pass' && !isFile(data)) yield `ok - ${data.name}\n`;
		else if (type === 'test:stdout' || type === 'test:stderr')
			yield `${indented(data.message)}\n`;
	}
}
