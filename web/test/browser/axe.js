/*
 * What axe-core finds in a page: WCAG 2.2 A and AA, and what it calls best practice.
 */
import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/* axe in a page whose policy allows no scripts of others: handed in by the debugger. */
export async function violations(target) {
	await target.evaluate(await readFile(AXE, 'utf8'));
	const {violations: found} = await target.evaluate(() =>
		globalThis.axe.run(document, {
			runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
		}),
	);

	return found.map(
		({id, nodes}) =>
			`${id}: ${nodes
				.map((node) => node.target.join(' '))
				.slice(0, 3)
				.join(', ')}`,
	);
}
