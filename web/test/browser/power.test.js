/*
 * The page Power, in headless Chromium against the mock: machines with and without a meter,
 * services of today and older ones, caps, and what fails.
 */
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';
import {login, open} from './browser.js';

const POWER = 'io.leonhard.Power.';
const USUAL = {hasMeter: true, level: 'hardware', isOld: false, isSilent: false};
let browser;
let page;
let mock;

before(async () => {
	browser = await open({records: 10});
	mock = browser.mock;
});

after(() => browser?.close());

beforeEach(async () => {
	await page?.close();
	Object.assign(mock.options, {absent: new Set(), failing: new Map(), power: {...USUAL}});
	mock.power.kept.clear();
	mock.power.cap = 180;
	browser.errors.length = 0;
	page = await browser.page();
	await browser.context.clearCookies();
});

async function go(address = '#/power', user = 'admin', sign = '.card-now .figure') {
	await login(page, browser.url, user);
	await page.waitForSelector('nav');
	await page.goto(browser.url + address);
	await page.waitForSelector(sign);
}

function says(selector, text) {
	return page.locator(selector, {hasText: text}).first().waitFor();
}

test('watts come with their source, and change by themselves', async () => {
	mock.options.power.level = 'simulated plant';
	await go();
	await page.waitForSelector('.live[data-state=open]');
	assert.match(await page.textContent('.watts'), /^\d+ W$/);
	assert.equal(await page.textContent('.level'), 'simulated plant');
	await says('.card-now', 'no watt of this was ever measured');
	await says('.card-now', /W of the processors; [\d.]+ W of the memory/);
	mock.options.power.level = 'virtual machine';
	await says('.card-now .level', 'virtual machine');
	assert.deepEqual(browser.errors, []);
});

test('without a meter there are no watts', async () => {
	mock.options.power.hasMeter = false;
	await go();
	await says('.card-now', 'This machine has no meter');
	await page.waitForSelector('.consumers');
	assert.equal(await page.locator('.watts, .level').count(), 0);
	assert.equal(await page.isHidden('.graph-power'), true);
	await says('.card-cap', 'cannot be capped');
	await says('.consumers-foot', 'Without a meter');
	assert.doesNotMatch(await page.textContent('main'), /\d W\b/);
	await page.waitForSelector('.graph-usage polyline');
	assert.deepEqual(browser.errors, []);
});

test('a meter that is silent is no meter of 0 watts', async () => {
	mock.options.power.isSilent = true;
	await go();
	await says('.card-now', 'There is a meter, but it tells nothing at the moment: not known.');
	assert.equal(await page.locator('.watts').count(), 0);
});

test('graphs have axes with units, words for all, and numbers', async () => {
	await go();
	await page.waitForSelector('.graph-power polyline');
	const ticks = await page.$$eval('.graph-power .tick', (all) => all.map((t) => t.textContent));

	assert.ok(ticks.includes('0 W') && ticks.includes('now'), ticks.join());
	assert.match(
		await page.getAttribute('.graph-power .graph', 'aria-label'),
		/^Power\. Machine: \d+ W last, [\d.]+ W to [\d.]+ W, mean [\d.]+ W\. Processors: /,
	);
	await page.focus('.graph-power summary');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.graph-power tbody tr');
	assert.equal(await page.locator('.graph-power tbody tr').count(), 12);
	/* Numbers that are open are of the time that is shown. */
	await page.click('text=24 hours');
	await page.waitForFunction(() => {
		const [newest, ...older] = document.querySelectorAll('.graph-power tbody tr');

		return newest && older.every((row) => !row.textContent.includes('not known'));
	});
	await page.click('text=2 minutes');
	await says('.graph-temperature', /x86_pkg_temp\d+\.\d °C/);
});

test('a graph is drawn only while it is seen', async () => {
	await page.setViewportSize({width: 1280, height: 400});
	await go();
	await page.waitForSelector('.live[data-state=open]');
	await page.waitForTimeout(1500);
	assert.equal(await page.locator('.graph-temperature polyline').count(), 0);
	await page.locator('.graph-temperature').scrollIntoViewIfNeeded();
	await page.waitForSelector('.graph-temperature polyline');
	await page.setViewportSize({width: 1280, height: 800});
});

test('a day, with the hole in it, is in the address', async () => {
	await go();
	await page.click('text=24 hours');
	await page.waitForURL(/span=24h$/);
	/* Before and after the hole. */
	await page.waitForFunction(
		() => document.querySelectorAll('.graph-power polyline').length === 6,
	);
	assert.equal(await page.locator('.graph-power polygon').count(), 6);
	await says('.kept', /Machine: 3\.3 kWh in 24 hours, of which 23 h are known/);
	await page.goBack();
	await page.waitForFunction(
		() => document.querySelectorAll('.graph-power polyline').length === 3,
	);
	assert.equal(await page.getAttribute('[data-value="2m"]', 'aria-pressed'), 'true');
	assert.deepEqual(browser.errors, []);
});

test('consumers by unit and by process', async () => {
	await go('#/power', 'admin', '.consumers');
	await says('.consumers', 'postgresql.service');
	await says('.consumers-foot', /Wh of the whole machine in the last 60 s/);
	await page.click('text=By process');
	await page.waitForURL(/by=process$/);
	await says('.consumers', 'python3 <b>train.py</b>');
	await says('.consumers', 'ada (1001)');
	await says('.consumers-foot', '87 smaller ones left out');
	assert.deepEqual(browser.errors, []);
});

test('an older service: what it has is shown, and the rest is said', async () => {
	mock.options.power.isOld = true;
	await go();
	await says('.level', 'source not told');
	await says('.kept', 'keeps no history');
	await says('.card-consumers', 'does not tell who uses power');
	await says('.card-settings', 'Nothing is set.');
	await page.waitForSelector('.graph-power polyline');
	assert.equal(await page.locator('.failed').count(), 0);
	assert.deepEqual(browser.errors, []);
});

test('a cap is checked, set, told, and released', async () => {
	await go('#/power', 'admin', '#cap-0');
	await says('.cap', /180 W From 60 W to 240 W/);
	await page.fill('#cap-0', 'lots');
	await page.keyboard.press('Enter');
	await says('.cap .form-error', 'Enter a number of watts.');
	assert.equal(await page.getAttribute('#cap-0', 'aria-invalid'), 'true');
	await page.fill('#cap-0', '300');
	await page.keyboard.press('Enter');
	await says('.cap .form-error', 'The highest cap is 240 W.');
	assert.equal(mock.power.kept.size, 0);
	await page.fill('#cap-0', '150');
	await page.keyboard.press('Enter');
	await says('.cap .notice.good', 'It is 150 W now. It holds until it is released.');
	await says('.settings', 'admin (1000), kept');
	await says('.settings', '150 W');
	assert.equal([...mock.power.kept.values()][0].keep, true);
	await page.click('.cap button:text("Release")');
	await says('.cap .notice.good', 'What was there before holds again.');
	await says('.card-settings', 'Nothing is set.');
	assert.equal(await page.isHidden('.cap button:text("Release")'), true);
	assert.equal(mock.power.cap, 180);
	assert.deepEqual(browser.errors, []);
});

test('a refusal is worded, and what was typed stays', async () => {
	await go('#/power', 'admin', '#cap-0');
	await page.fill('#cap-0', '210');
	await page.keyboard.press('Enter');
	await says('.cap .notice.bad', 'The firmware holds it at 200 W.');
	assert.equal(await page.inputValue('#cap-0'), '210');
	mock.options.failing.set(`${POWER}Set`, {
		error: `${POWER}ControlHeld`,
		parameters: {uid: 1001, pid: 4711},
	});
	await page.press('#cap-0', 'Enter');
	await says('.cap .notice.bad', 'Somebody else has the control token');
	await says('.cap .notice.bad', 'with process 4711');
	assert.deepEqual(browser.errors, []);
});

test('who may only look sees settings and the token, and no form', async () => {
	mock.power.call('Set', {item: 'power.cap', place: 'board', number: 120, keep: true}, {
		uid: 1000,
		isAdmin: true,
	});
	await go('#/power', 'ada', '.settings');
	await says('.cap', '120 W');
	await says('.card-cap', 'You may look, not change');
	await says('.card-settings', 'ada (1001) has the control token, with process 4711.');
	assert.equal(await page.locator('#cap-0').count(), 0);
	assert.equal(await page.locator('.settings button').count(), 0);
	assert.deepEqual(browser.errors, []);
});

test('settings are released by their button', async () => {
	mock.power.call('Set', {item: 'power.cap', place: 'board', number: 120, keep: true}, {
		uid: 1000,
		isAdmin: true,
	});
	await go('#/power', 'admin', '.settings button');
	await page.click('.settings button');
	await says('.card-settings', 'Nothing is set.');
	assert.equal(mock.power.cap, 180);
});

test('a service that is not there is said so, and taken up when it is back', async () => {
	mock.options.absent.add('Power');
	await go('#/power', 'admin', '.card-now .failed[data-kind=absent]');
	await says('.card-now', 'leonhard-pwrapis');
	await says('.card-consumers .failed', 'Power is not there');
	mock.options.absent.clear();
	await page.click('.card-now .failed button');
	await page.waitForSelector('.watts');
	await page.waitForSelector('.live[data-state=open]');
	mock.options.absent.add('Power');
	mock.cutStreams();
	await page.waitForSelector('.live[data-state=absent]');
	await says('.card-now', 'No reading');
	assert.equal(await page.locator('.watts').count(), 0);
	mock.options.absent.clear();
	await page.waitForSelector('.watts', {timeout: 10_000});
	assert.deepEqual(browser.errors, []);
});

test('who may not even look is told', async () => {
	for (const method of ['Read', 'ListSettings', 'Consumers', 'ListSeries'])
		mock.options.failing.set(POWER + method, {
			error: 'org.varlink.service.PermissionDenied',
			parameters: {},
		});
	await go('#/power', 'ada', '.card-now .failed[data-kind=denied]');
	await page.waitForSelector('.card-settings .failed[data-kind=denied]');
	await says('.kept', 'Not permitted');
	assert.equal(await page.locator('.failed button').count(), 0);
	assert.deepEqual(browser.errors, []);
});
