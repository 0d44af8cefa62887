/*
 * What the console costs: the first page in requests and bytes, and the time line in frames.
 */
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {login, open} from './browser.js';

const FIRST_REQUESTS = 10;
const FIRST_BYTES = 100 << 10;
let browser;

before(async () => {
	browser = await open({records: 100_000});
});
after(() => browser?.close());

/* Requests and bytes (heads included) until nothing moves any more. */
async function cost(page, act) {
	const client = await page.context().newCDPSession(page);
	let requests = 0;
	let bytes = 0;

	await client.send('Network.enable');
	await client.send('Network.setCacheDisabled', {cacheDisabled: true});
	client.on('Network.requestWillBeSent', ({request}) => {
		requests += request.url.startsWith('http');
	});
	client.on('Network.loadingFinished', ({encodedDataLength}) => {
		bytes += encodedDataLength;
	});
	await act();
	await page.waitForTimeout(700);
	await client.detach();
	return {requests, bytes};
}

test('the first page', async () => {
	const page = await browser.page();
	const first = await cost(page, async () => {
		await page.goto(browser.url);
		await page.waitForSelector('.login');
	});

	console.log(
		`first page: ${first.requests} requests, ${(first.bytes / 1024).toFixed(1)} KiB, not ` +
			`compressed`,
	);
	assert.ok(first.requests <= FIRST_REQUESTS);
	assert.ok(first.bytes < FIRST_BYTES);
	await login(page, browser.url);
	await page.waitForSelector('.power-group');
	for (const [name, address] of [
		['overview', '#/'],
		['changes', '#/changes'],
		['record', '#/changes/99940'],
	]) {
		const fresh = await browser.page();
		const {requests, bytes} = await cost(fresh, () => fresh.goto(browser.url + address));

		console.log(
			`${name}, cold and logged in: ${requests} requests, ${(bytes / 1024).toFixed(1)} KiB`,
		);
		if (name === 'overview') assert.ok(bytes < FIRST_BYTES, name);
		await fresh.close();
	}
});

test('no foreign host is asked', async () => {
	const page = await browser.page();
	const hosts = new Set();

	page.on('request', (request) => hosts.add(new URL(request.url()).host));
	await page.goto(`${browser.url}#/changes`);
	await page.waitForSelector('.row:not(.head)');
	assert.deepEqual([...hosts], [new URL(browser.url).host]);
});

/* Frames while @act is done in the page, in milliseconds each. */
async function frames(page, act) {
	await page.evaluate(() => {
		globalThis.frameTimes = [];
		let last = performance.now();
		const tick = (now) => {
			globalThis.frameTimes.push(now - last);
			last = now;
			globalThis.frameTimer = requestAnimationFrame(tick);
		};

		globalThis.frameTimer = requestAnimationFrame(tick);
	});
	await act();
	return page.evaluate(() => {
		cancelAnimationFrame(globalThis.frameTimer);
		return globalThis.frameTimes.slice(1).sort((a, b) => a - b);
	});
}

test('100,000 records scroll smoothly', async () => {
	const page = await browser.page();

	await page.goto(`${browser.url}#/changes`);
	await page.waitForSelector('.row:not(.head)');
	const times = await frames(page, () =>
		page.evaluate(async () => {
			const list = document.querySelector('.list');
			const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

			for (let i = 0; i < 120; i++) {
				list.scrollTop += i < 60 ? 120 : 20_000;
				await rest(16);
			}
		}),
	);
	const at = (part) => times[Math.floor((times.length - 1) * part)].toFixed(1);
	console.log(
		`frames while scrolling: ${times.length}, median ${at(0.5)} ms, 95 % under ` +
			`${at(0.95)} ms, longest ${at(1)} ms`,
	);
	await page.waitForFunction(() => !document.querySelector('.vacant:not([hidden])'));
});
