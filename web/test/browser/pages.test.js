/*
 * What a person does with the console, in headless Chromium against the mock.
 */
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {after, before, beforeEach, test} from 'node:test';
import {login, open} from './browser.js';

const ROW = '.row:not(.head):not([hidden])';
let browser;
let page;
let mock;

before(async () => {
	browser = await open({records: 100_000});
	mock = browser.mock;
});

after(() => browser?.close());

/* A fresh page, logged in as an administrator, nothing failing. */
beforeEach(async () => {
	await page?.close();
	Object.assign(mock.options, {absent: new Set(), failing: new Map(), isBad: false, slowMs: 0});
	mock.tries = 0;
	browser.errors.length = 0;
	page = await browser.page();
	await browser.context.clearCookies();
	await login(page, browser.url);
	await page.waitForSelector('nav');
});

async function go(address, sign) {
	await page.goto(browser.url + address);
	await page.waitForSelector(sign);
}

async function listSays(text) {
	await page.waitForFunction(
		(part) => document.querySelector('.list')?.textContent.includes(part),
		text,
	);
}

/* Names that are in view, from top to bottom. */
async function namesInView() {
	return page.$$eval(ROW, (rows) =>
		rows
			.map((row) => ({
				top: Math.round(row.getBoundingClientRect().top),
				path: row.querySelector('a').title,
				href: row.querySelector('a').hash,
			}))
			.filter(({top}) => top > 100 && top < innerHeight)
			.sort((a, b) => a.top - b.top),
	);
}

test('wrong password, too many tries, then in', async () => {
	await page.click('text=Log out');
	await page.waitForSelector('.login');
	for (let i = 0; i < 6; i++) {
		await page.fill('#user', 'admin');
		await page.fill('#password', 'wrong');
		await page.click('button[type=submit]:not(:disabled)');
		await page.waitForFunction(() => document.querySelector('.form-error').textContent !== '');
		if (i === 0) assert.match(await page.textContent('.form-error'), /name or the password/);
	}
	assert.match(await page.textContent('.form-error'), /again in \d s/);
	assert.equal(await page.isDisabled('button[type=submit]'), true);
	mock.tries = 0;
	await page.waitForSelector('button[type=submit]:not(:disabled)');
	await page.fill('#password', 'leonhard');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.overview');
	assert.deepEqual(browser.errors, []);
});

test('the overview says what the node knows', async () => {
	await page.waitForSelector('.power-group');
	const text = await page.textContent('main');

	for (const word of [
		'atlas-02',
		'6.12.57-leonhard',
		'8.0 GiB',
		'AMD EPYC',
		'Nothing needs attention',
		'BPF',
		'healthy',
	])
		assert.ok(text.includes(word), word);
	mock.options.isBad = true;
	await page.reload();
	await page.waitForSelector('.attention');
	assert.match(await page.textContent('.card-attention'), /leonhard-filetrace does not run/);
	assert.deepEqual(browser.errors, []);
});

test('a service that is not there is said so, and only where it matters', async () => {
	mock.options.absent.add('Trace');
	await page.reload();
	await page.waitForSelector('.card-latest .failed');
	assert.match(await page.textContent('.card-attention'), /Trace is not there/);
	assert.match(await page.textContent('.card-machine'), /6\.12/);
	await go('#/changes', '.list-place .failed');
	assert.match(await page.textContent('.failed'), /leonhard-trace/);
	mock.options.absent.clear();
	await page.click('.failed button');
	await page.waitForSelector(ROW);
	assert.deepEqual(browser.errors, []);
});

test('a change appears by itself, soon', async () => {
	await go('#/changes', ROW);
	await page.waitForSelector('.live[data-state=open]');
	await page.mouse.move(5, 5);
	const times = [];

	for (let i = 0; i < 5; i++) {
		const begun = Date.now();
		const record = mock.trace.emit({path: `/etc/new-${i}`});

		await page.waitForSelector(`a[title="/etc/new-${i}"]`, {timeout: 5000});
		times.push(Date.now() - begun);
		assert.equal((await namesInView())[0].href, `#/changes/${record.id}`);
	}
	console.log(`event to screen: ${Math.max(...times)} ms at most`);
	assert.deepEqual(browser.errors, []);
});

test('what someone reads does not move', async () => {
	await go('#/changes', ROW);
	await page.waitForSelector('.live[data-state=open]');
	await page.$eval('.list', (list) => {
		list.scrollTop = 5000;
	});
	await page.waitForTimeout(300);
	const before = await namesInView();

	mock.trace.emit();
	mock.trace.emit();
	const last = mock.trace.emit();

	await page.waitForSelector('.news:not([hidden])');
	await page.waitForFunction(
		() => document.querySelector('.news').textContent === '3 new changes',
	);
	assert.deepEqual(await namesInView(), before);
	await page.click('.news');
	await page.waitForSelector(`a[href="#/changes/${last.id}"]`);
	assert.equal((await namesInView())[0].href, `#/changes/${last.id}`);
	assert.equal(await page.isHidden('.news'), true);
});

test('a stream that breaks is taken up where it ended', async () => {
	await go('#/changes', ROW);
	await page.waitForSelector('.live[data-state=open]');
	await page.mouse.move(5, 5);
	mock.cutStreams();
	mock.trace.emit({path: '/etc/while-away'});
	await page.waitForSelector('a[title="/etc/while-away"]', {timeout: 5000});
	assert.equal(await page.locator('a[title="/etc/while-away"]').count(), 1);
});

test('100,000 records: any place at once, and back to it from a record', async () => {
	await go('#/changes', ROW);
	assert.match(await page.textContent('.list-foot'), /100,\d{3} changes/);
	await page.$eval('.list', (list) => {
		list.scrollTop = list.scrollHeight * 0.6;
	});
	await page.waitForFunction(() => !document.querySelector('.vacant:not([hidden])'));
	await page.waitForTimeout(200);
	const before = await namesInView();

	assert.ok((await page.locator('.row').count()) < 80, 'only what is in view exists');
	await page.click(`a[href="${before[3].href}"]`);
	await page.waitForSelector('.record-head');
	await page.goBack();
	await page.waitForSelector('.row[aria-selected=true]');
	assert.deepEqual(await namesInView(), before);
	assert.deepEqual(browser.errors, []);
});

test('by keys alone', async () => {
	await go('#/changes', ROW);
	await page.focus('.list');
	for (const key of [
		'ArrowDown',
		'ArrowDown',
		'ArrowDown',
		'ArrowUp',
		'PageDown',
		'End',
		'Home',
		'ArrowDown',
	])
		await page.keyboard.press(key);
	const href = await page.$eval('.row[aria-selected=true] a', (link) => link.hash);
	const active = await page.getAttribute('.list', 'aria-activedescendant');

	assert.equal(await page.$eval(`#${active} a`, (link) => link.hash), href);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.record-head');
	assert.ok(page.url().endsWith(href));
	await page.keyboard.press('Escape');
	await page.waitForSelector('.row[aria-selected=true]');
	assert.equal(await page.$eval(':focus', (element) => element.className), 'list');
	await page.keyboard.press('Shift+Tab');
	assert.notEqual(await page.$eval(':focus', (element) => element.className), 'list');
});

test('the skip link leads to the content', async () => {
	await page.reload();
	await page.waitForSelector('.power-group');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	assert.equal(await page.$eval(':focus', (element) => element.id), 'content');
	assert.equal(new URL(page.url()).hash.replace('#/', ''), '');
});

test('filters are in the address', async () => {
	await go('#/changes', ROW);
	await page.fill('#path', '/etc/ssh/');
	await page.keyboard.press('Enter');
	await page.selectOption('#method', 'append');
	await page.waitForURL(/method=append/);
	assert.ok(page.url().endsWith('#/changes?path=/etc/ssh/&method=append'));
	await page.waitForFunction(
		(row) =>
			[...document.querySelectorAll(row)].every((e) =>
				e.querySelector('a').title.startsWith('/etc/ssh/'),
			) && document.querySelector(row),
		ROW,
	);
	assert.deepEqual(
		[
			...new Set(
				await page.$$eval('.row:not([hidden]) .method', (m) =>
					m.map((e) => e.dataset.method).filter(Boolean),
				),
			),
		],
		['append'],
	);
	await page.goBack();
	await page.waitForURL(/path=\/etc\/ssh\/$/);
	assert.equal(await page.inputValue('#method'), '');
	await go('#/changes?path=etc', '.state-title');
	assert.match(await page.textContent('.form-error'), /begins with/);
	await go('#/changes?path=/nowhere', '.state-title');
	assert.match(await page.textContent('.list-place'), /No change fits/);
	mock.trace.emit({path: '/nowhere'});
	await page.waitForSelector('a[title="/nowhere"]');
	assert.deepEqual(browser.errors, []);
});

test('a record: difference both ways, processes, words', async () => {
	await go('#/changes/99940', '.diff');
	await page.click('text=Unified');
	assert.match(await page.textContent('.diff'), /<script>alert\(1\)<\/script> is text/);
	assert.match(await page.textContent('.diff'), /\[U\+202E\]/);
	await page.click('text=Side by side');
	await page.waitForSelector('.diff.split');
	assert.ok(page.url().endsWith('?view=split'));
	assert.equal(await page.locator('.tree .actor').count(), 1);
	assert.match(await page.textContent('.card-who'), /uid 1002/);
	await page.reload();
	await page.waitForSelector('.diff.split');
	assert.deepEqual(browser.errors, []);
});

test('users are named, and what is shown does not move for it', async () => {
	let answer;
	const held = new Promise((resolve) => {
		answer = resolve;
	});

	await page.route('**/api/users*', async (route) => {
		await held;
		await route.continue();
	});
	await go('#/changes', ROW);
	await listSays('uid 1001 as root');
	const before = await namesInView();

	answer();
	await listSays('ada as root');
	assert.deepEqual(await namesInView(), before);
	/* One whom the node does not know. */
	assert.match(await page.textContent('.list'), /uid 1002 as root/);
	assert.doesNotMatch(await page.textContent('.list'), /uid 100[01]/);
	assert.deepEqual(browser.errors, []);
});

test('a user in the filter has a name or a number', async () => {
	const whos = () =>
		page.$$eval('.row:not(.head):not([hidden]) .who', (cells) => [
			...new Set(cells.map((cell) => cell.textContent).filter(Boolean)),
		]);

	await go('#/changes?user=ada', ROW);
	assert.deepEqual(await whos(), ['ada as root']);
	await page.fill('#user', '1000');
	await page.keyboard.press('Enter');
	await listSays('admin as root');
	assert.ok(page.url().endsWith('#/changes?user=1000'));
	await page.fill('#user', 'eve');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.list-place .state-title');
	assert.match(await page.textContent('.form-error'), /no user “eve”/);
	assert.equal(await page.getAttribute('#user', 'aria-invalid'), 'true');
	await page.fill('#user', 'a:b');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() =>
		/by name/.test(document.querySelector('.form-error').textContent),
	);
	assert.deepEqual(browser.errors, []);
});

test('content is saved as it is', async () => {
	await go('#/changes/99940', '.diff');
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		page.click('text=/Save after/'),
	]);
	const content = await readFile(await download.path(), 'utf8');

	assert.equal(download.suggestedFilename(), 'sshd_config.99940.after');
	assert.equal(content, '# /etc/ssh/sshd_config, new\n'.repeat(4000));
	assert.deepEqual(browser.errors, []);
});

test('a large difference is loaded when asked for', async () => {
	await go('#/changes/99815', '.record-head');
	await page.click('text=Load the whole difference');
	await page.waitForSelector('.diff');
	await page.click('text=Unified');
	assert.match(await page.textContent('.diff-bar'), /\+20,000/);
	await page.click('text=/Show more/');
	assert.ok((await page.locator('.diff tr').count()) > 5000);
});

test('secret and withheld content is explained', async () => {
	await go('#/changes/99998', '.card-fields');
	assert.match(await page.textContent('main'), /never stored/);
	assert.match(await page.textContent('.card-fields'), /bob/);
	assert.equal(await page.locator('text=/Save/').count(), 0);
	await page.click('text=Log out');
	await login(page, browser.url, 'ada');
	await page.waitForSelector('nav');
	await go('#/changes/99950', '.record-head');
	assert.match(await page.textContent('main'), /withheld from your account/);
});

test('watches: added, refused, removed after a question', async () => {
	await go('#/watches', '.watches');
	await page.fill('#watch', 'relative');
	await page.keyboard.press('Enter');
	assert.match(await page.textContent('.form-error'), /begins with/);
	await page.fill('#watch', '/proc/sys');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() =>
		/without files/.test(document.querySelector('.form-error').textContent),
	);
	await page.fill('#watch', '/opt/new/');
	await page.keyboard.press('Enter');
	await page.waitForSelector('a[href*="/opt/new/"]');
	await page.click('[aria-label="Remove /opt/new/"]');
	await page.keyboard.press('Escape');
	await page.waitForSelector('dialog', {state: 'detached'});
	assert.ok(
		mock.trace.watches.some(({path}) => path === '/opt/new/'),
		'Escape removes nothing',
	);
	await page.click('[aria-label="Remove /opt/new/"]');
	assert.match(await page.textContent('dialog'), /7 files/);
	await page.click('dialog .danger');
	await page.waitForSelector('a[href*="/opt/new/"]', {state: 'detached'});
	assert.deepEqual(browser.errors, []);
});

test('who may not change watches is told', async () => {
	await page.click('text=Log out');
	await login(page, browser.url, 'ada');
	await page.waitForSelector('nav');
	await go('#/watches', '.watches');
	assert.match(await page.textContent('main'), /You may look, not change/);
	assert.equal(await page.locator('#watch').count(), 0);
	assert.equal(await page.locator('text=Remove…').count(), 0);
});

test('a session that is over leads back to the same address', async () => {
	await go('#/changes?path=/etc/hosts', ROW);
	mock.endSessions();
	await page.waitForSelector('.login', {timeout: 5000});
	assert.match(await page.textContent('.login'), /session is over/);
	assert.ok(page.url().endsWith('#/changes?path=/etc/hosts'));
	await page.fill('#user', 'admin');
	await page.fill('#password', 'leonhard');
	await page.keyboard.press('Enter');
	await page.waitForSelector(ROW);
	assert.ok(page.url().endsWith('#/changes?path=/etc/hosts'));
	assert.deepEqual(browser.errors, []);
});

test('an answer that takes long shows that something is loading', async () => {
	mock.options.slowMs = 800;
	await page.goto(`${browser.url}#/changes/99940`);
	await page.waitForSelector('.loading', {state: 'visible'});
	await page.waitForSelector('.record-head');
	assert.deepEqual(browser.errors, []);
});

test('an error of a service, and an odd answer, are worded', async () => {
	mock.options.failing.set('io.leonhard.Trace.List', {
		error: 'io.leonhard.Rpc.Failed',
		parameters: {reason: 'the store is damaged', errno: 5},
	});
	await go('#/changes', '.list-place .failed');
	assert.match(await page.textContent('.list-place .failed'), /The store is damaged\./);
	mock.options.failing.set('io.leonhard.Trace.List', {
		error: 'org.varlink.service.PermissionDenied',
	});
	await page.click('.failed button');
	await page.waitForSelector('.failed[data-kind=denied]');
	assert.equal(await page.locator('.failed button').count(), 0);
	await page.route('**/api/call', (route) => route.fulfill({status: 200, body: '<html>'}));
	await page.reload();
	await page.waitForSelector('.failed[data-kind=broken]');
	await page.unroute('**/api/call');
	await page.route('**/api/call', (route) => route.abort());
	await page.reload();
	await page.waitForSelector('.failed[data-kind=offline]');
	assert.deepEqual(browser.errors, []);
});

test('times are those of the viewer', async () => {
	await go('#/changes/99940', '.record-head');
	const title = await page.getAttribute('.record-line time', 'title');
	const iso = await page.getAttribute('.record-line time', 'datetime');

	assert.match(title, /CET|CEST|GMT\+[12]/);
	assert.equal(new Date(iso).getUTCMinutes(), Number(/:(\d\d):\d\d/.exec(title)[1]));
});
