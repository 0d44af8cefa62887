/*
 * Every page in light and dark at three widths: nothing that axe-core finds, nothing wider than the
 * window. With SHOTS=FOLDER screenshots are kept.
 */
import assert from 'node:assert/strict';
import {mkdir} from 'node:fs/promises';
import {after, before, test} from 'node:test';
import {violations} from './axe.js';
import {login, open} from './browser.js';

const WIDTHS = [
	[360, 740],
	[1024, 768],
	[1920, 1080],
];
const SCHEMES = ['light', 'dark'];
/* name: [address, what is there when the page is, something to do first]. */
const PAGES = {
	overview: ['#/', '.power-group'],
	changes: ['#/changes', '.row:not(.head) .name'],
	filtered: ['#/changes?path=/etc/&user=1001&since=30d', '.row:not(.head) .name'],
	record: ['#/changes/99940', '.diff', (page) => page.click('text=Unified')],
	split: ['#/changes/99940?view=split', '.diff'],
	large: ['#/changes/99815', '.record-head'],
	secret: ['#/changes/99998', '.card-fields'],
	unknown: ['#/changes/99986', '.card-who'],
	metadata: ['#/changes/99989', '.card-state'],
	missing: ['#/changes/400000', '.failed'],
	watches: ['#/watches', '.watches'],
	power: ['#/power', '.consumers', (page) => page.click('.graph-power summary')],
	day: ['#/power?span=24h&by=process', '.graph-frequency polyline'],
	question: ['#/watches', '.watches', (page) => page.click('text=Remove… >> nth=0')],
	wrong: ['#/no/such/page', '.state-title'],
};
const folder = process.env.SHOTS;
let browser;
let page;

before(async () => {
	browser = await open({records: 100_000, isBad: true});
	page = await browser.page();
	if (folder) await mkdir(folder, {recursive: true});
});

after(() => browser?.close());

async function checkLooks(name) {
	const found = [];

	for (const scheme of SCHEMES) {
		await page.emulateMedia({colorScheme: scheme});
		for (const [width, height] of WIDTHS) {
			await page.setViewportSize({width, height});
			const wider = await page.evaluate(
				() => document.documentElement.scrollWidth - innerWidth,
			);

			assert.ok(wider <= 0, `${name} is ${wider} px wider than ${width}`);
			if (folder) await page.screenshot({path: `${folder}/${name}-${scheme}-${width}.png`});
			if (width !== 1920)
				found.push(
					...(await violations(page)).map((text) => `${scheme}, ${width}: ${text}`),
				);
		}
	}
	assert.deepEqual(found, [], name);
}

test('log-in', async () => {
	await page.goto(browser.url);
	await page.waitForSelector('.login');
	await checkLooks('login');
	await login(page, browser.url);
	await page.waitForSelector('.power-group');
});

for (const [name, [address, sign, act]] of Object.entries(PAGES))
	test(name, async () => {
		await page.setViewportSize({width: 1280, height: 800});
		await page.goto(browser.url + address);
		await page.reload();
		await page.waitForSelector(sign);
		await act?.(page);
		await checkLooks(name);
		assert.deepEqual(browser.errors, []);
	});
