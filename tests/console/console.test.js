/*
 * What a person does with the console of a booted guest, in headless Chromium. The tests are one
 * session after the other, in this order; they wait for what they want to see, never for a time.
 */
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {violations} from '../../web/test/browser/axe.js';
import {launch, login as fillLogin} from '../../web/test/browser/browser.js';
import {compareClocks, openShell, PASSWORDS, URL} from './node.js';

const ROW = '.row:not(.head):not([hidden])';
const SSHD = '/etc/ssh/sshd_config';
const LOST = '.live[data-state=absent]';
const LIVE = '.live[data-state=open]';
const LONG = {timeout: 60_000};
const EDITS = 9;
const VISITS = 5;

let browser;
let page;
let root; /* shells in the guest */
let wanda;
let uid;
let edit; /* the record of wanda's edit: its address */

before(async () => {
	browser = await launch({ignoreHTTPSErrors: true});
	browser.context.setDefaultTimeout(LONG.timeout);
	root = await openShell('root');
	wanda = await openShell('wanda');
	uid = await wanda.run('id -u');
	page = await browser.page();
	page.on('requestfinished', noteTime);
});

after(async () => {
	root?.close();
	wanda?.close();
	await browser?.close();
});

/* ---- helpers ---- */

/* How long the console took for each call of a page, from request to the first of the answer. */
let calls = [];

function noteTime(request) {
	const {requestStart, responseStart} = request.timing();

	if (request.url().endsWith('/api/call') && responseStart >= 0)
		calls.push(responseStart - requestStart);
}

async function login(user) {
	await fillLogin(page, URL, user, PASSWORDS[user]);
	await page.waitForSelector('nav');
}

async function logout() {
	await page.click('text=Log out');
	await page.waitForSelector('.login');
}

/* A page from its beginning: nothing is kept of what was shown before. */
async function go(address, sign) {
	await page.goto(URL + address);
	await page.reload();
	await page.waitForSelector(sign);
}

/* The live time line, at its top, with the pointer away from it. */
async function goLive() {
	await go('#/changes', LIVE);
	await page.waitForSelector(ROW);
	await page.mouse.move(5, 5);
}

function textOf(selector) {
	return page.textContent(selector);
}

/* Waits until one that fits @selector says @text. */
function says(selector, text) {
	return page.locator(selector, {hasText: text}).first().waitFor();
}

/* The number of the newest change of @path that is in view; 0 when there is none. */
function newest(path) {
	return page.$$eval(`${ROW} a[title="${path}"]`, (links) =>
		Math.max(0, ...links.map((link) => Number(link.hash.split('/').at(-1)))),
	);
}

/* Waits for one that is newer. */
function appears(path, number) {
	return page.waitForFunction(
		([links, than]) =>
			[...document.querySelectorAll(links)].some(
				(link) => Number(link.hash.split('/').at(-1)) > than,
			),
		[`${ROW} a[title="${path}"]`, number],
	);
}

/* The same page as before: what was put there would be gone with a reload. */
const marked = {
	put: () => page.evaluate(() => (globalThis.isSamePage = true)),
	isThere: () => page.evaluate(() => globalThis.isSamePage === true),
};

function median(numbers) {
	return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/* A person's edit, by an administrator's usual means. */
function sudoSed(script, file) {
	return wanda.run(`echo '${PASSWORDS.wanda}' | sudo -S -p '' sed -i '${script}' ${file}`);
}

/* ---- in ---- */

test('a wrong password is refused, in words', async () => {
	await fillLogin(page, URL, 'wanda', 'wrong');
	await page.waitForFunction(() => document.querySelector('.form-error')?.textContent);
	assert.match(await textOf('.form-error'), /name or the password is not right/);
	assert.equal(await page.inputValue('#password'), '');
	assert.equal(await page.locator('nav').count(), 0);
});

test('the right one lets in, and the overview tells of the machine', async () => {
	await page.fill('#password', PASSWORDS.wanda);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.power-group');
	assert.equal(await textOf('.account .user'), 'wanda');
	for (const word of [await root.run('hostname'), await root.run('uname -r'), 'healthy', 'BPF'])
		await says('main', word);
});

/* ---- an edit ---- */

test('an edit over ssh appears in the time line, without a reload', async () => {
	await goLive();
	await marked.put();
	assert.equal(await page.locator(`a[title="${SSHD}"]`).count(), 0);
	await sudoSed('s/^#MaxAuthTries 6/MaxAuthTries 3/', SSHD);
	await page.waitForSelector(`${ROW} a[title="${SSHD}"]`);
	assert.ok(await marked.isThere());
	const row = page.locator(ROW, {has: page.locator(`a[title="${SSHD}"]`)});

	assert.equal(await row.count(), 1);
	assert.equal(await row.locator('.program').textContent(), 'sed');
	await row.locator('.who', {hasText: 'wanda as root'}).waitFor();
	edit = await row.locator('a').getAttribute('href');
});

test('it opens with the exact lines that changed', async () => {
	await page.click(`${ROW} a[title="${SSHD}"]`);
	await page.waitForSelector('.diff');
	await page.click('text=Unified');
	assert.equal(await textOf('.diff-bar .added'), '+1');
	assert.equal(await textOf('.diff-bar .deleted'), '−1');
	assert.equal(await textOf('.diff td.delete'), 'removed: #MaxAuthTries 6');
	assert.equal(await textOf('.diff td.add'), 'added: MaxAuthTries 3');
	await page.click('text=Side by side');
	await page.waitForSelector('.diff.split');
	assert.equal(await textOf('.diff.split td.add'), 'added: MaxAuthTries 3');
	assert.ok(await marked.isThere());
});

test('it names the person, their session and every process', async () => {
	await says('.card-who', `Logged in aswanda (${uid})`);
	const who = await textOf('.card-who');
	const programs = await page.$$eval('.tree .exe', (all) => all.map((exe) => exe.textContent));

	assert.match(who, /Acted asroot \(0\)/);
	assert.match(who, /Terminalpts\/\d/);
	assert.match(who, /session-\w+\.scope/);
	assert.deepEqual(
		programs.filter((exe, i) => exe !== programs[i - 1]),
		['systemd', 'sshd', 'bash', 'sudo', 'sed'].map((name) =>
			programs.find((exe) => exe.endsWith(`/${name}`)),
		),
	);
	assert.match(await textOf('.process.actor'), /\/sed.*made the change.*MaxAuthTries 3/);
});

/*
 * In the page: for each change of a file the time when its row came into the document, and that of
 * the edit itself, which the row has from the record.
 */
function watchRows(links) {
	globalThis.seen = new Map();
	const before = new Set([...document.querySelectorAll(links)].map(({hash}) => hash));
	const look = () => {
		const atMs = performance.timeOrigin + performance.now();

		for (const link of document.querySelectorAll(links)) {
			if (before.has(link.hash) || globalThis.seen.has(link.hash)) continue;
			const {ns} = link.closest('.row').querySelector('time').dataset;

			globalThis.seen.set(link.hash, {atMs, editMs: Number(ns) / 1e6});
		}
	};

	new MutationObserver(look).observe(document.querySelector('.list'), {
		attributes: true,
		childList: true,
		subtree: true,
	});
}

test('edits are on the screen soon', async () => {
	await goLive();
	await page.evaluate(watchRows, `${ROW} a[title="/etc/hosts"]`);
	const {offsetMs, errorMs} = await compareClocks(wanda);
	const fromEdit = [];
	const fromKey = [];

	for (let i = 1; i <= EDITS; i++) {
		const typed = performance.timeOrigin + performance.now();

		await wanda.run(`echo '10.0.0.${i} host-${i}' >>/etc/hosts`);
		await page.waitForFunction((count) => globalThis.seen.size >= count, i);
		const all = await page.evaluate(() => [...globalThis.seen.values()]);
		const {atMs, editMs} = all[i - 1];

		assert.equal(all.length, i, 'one row for an edit');
		fromEdit.push(atMs - (editMs - offsetMs));
		fromKey.push(atMs - typed);
	}
	const ms = (number) => `${Math.round(number)} ms`;

	const told = (times) => `median ${ms(median(times))}, at most ${ms(Math.max(...times))}`;

	console.log(
		`event to screen: ${told(fromEdit)}, of ${EDITS} edits, each +-${ms(errorMs)} (clocks); ` +
			`from the command's typing on: ${told(fromKey)}`,
	);
});

/* ---- who may what ---- */

test('who may only look is told so', async () => {
	await go('#/watches', '.watches');
	assert.match(await textOf('main'), /You may look, not change/);
	assert.equal(await page.locator('#watch').count(), 0);
	await page.click('.watches a[href*="path=/etc"]');
	await page.waitForSelector(`${ROW} a[title="/etc/hosts"]`);
	await logout();
});

test('an administrator watches more, and what happens there is recorded', async () => {
	await login('dora');
	await go('#/watches', '#watch');
	await page.fill('#watch', '/srv/app/');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.watches a[href$="/srv/app"]');
	await goLive();
	await root.run('echo "greeting = good day" >/srv/app/app.conf');
	await page.waitForSelector(`${ROW} a[title="/srv/app/app.conf"]`);
	await go('#/watches', '[aria-label="Remove /srv/app"]');
	await page.click('[aria-label="Remove /srv/app"]');
	await page.click('dialog .danger');
	await page.waitForSelector('.watches a[href$="/srv/app"]', {state: 'detached'});
	await logout();
	await login('wanda');
});

/* ---- power ---- */

/* Files of the rig: real drivers of the kernel, and watts that are arithmetic. */
const CAP = '/sys/class/hwmon/hwmon*/device/power1_cap';
/* Points of a line, one each second: more than a page can have seen itself after so long. */
const PAST = 30;
const PAST_MS = 20_000;

/* A line: a second that is known between two that are not is a dot. */
const drawn = (graph) =>
	page.waitForFunction(
		(of) =>
			[...document.querySelectorAll(`${of} polyline`)].some(
				({points}) => points.numberOfItems > 1,
			),
		`.graph-${graph}`,
	);

test('power: watts of the rig, and where they come from', async () => {
	await go('#/power', '.watts');
	const watts = Number.parseInt(await textOf('.watts'), 10);

	assert.ok(watts >= 54 && watts <= 190, `${watts} W`);
	await says('.level', 'virtual machine');
	await page.waitForSelector(LIVE);
	await drawn('power');
	await drawn('usage');
	await drawn('frequency');
	await says('.card-cap', 'You may look, not change');
	await says('.card-settings', 'Nobody has the control token');
});

test('power: the past, longer than the page is open, and who uses it', async () => {
	const past = (timeout) =>
		page.waitForFunction(
			(count) =>
				[...document.querySelectorAll('.graph-power polyline.line-0')]
					.map(({points}) => points.numberOfItems)
					.reduce((sum, own) => sum + own, 0) > count,
			PAST,
			{timeout},
		);

	await go('#/power?span=10m', '.watts');
	await past(60_000);
	/* What it has seen itself is forgotten, and not what the service has kept. */
	await page.reload();
	await past(PAST_MS);
	await says('.kept', 'Machine: ');
	await page.click('text=24 hours');
	await drawn('usage');
	/* There is a row "idle" only of a machine that was seen idle. */
	await says('.consumers', 'leonhard-pwrapis.service');
	await says('.consumers', 'kernel');
	await says('.consumers-foot', 'of the whole machine');
	await page.click('text=By process');
	/* Processes have their numbers. */
	await page.waitForSelector('.consumers tbody th .dim');
});

test('power: an administrator caps the machine, and lets it go again', async () => {
	const before = await root.run(`cat ${CAP}`);

	await logout();
	await login('dora');
	await go('#/power', '#cap-0');
	await page.fill('#cap-0', '120');
	await page.keyboard.press('Enter');
	await says('.cap .notice.good', 'It is 120 W now');
	assert.equal(await root.run(`cat ${CAP}`), '120000000');
	await says('.settings', 'dora');
	await page.reload();
	await page.waitForSelector('.cap-form button:text("Release"):visible');
	assert.equal(await root.run(`cat ${CAP}`), '120000000');
	await page.click('.cap-form button:text("Release")');
	await says('.cap .notice.good', 'What was there before holds again');
	assert.equal(await root.run(`cat ${CAP}`), before);
	await logout();
	await login('wanda');
});

test('power: a service that is stopped has no watts, and has them again', async () => {
	await go('#/power', '.watts');
	await page.waitForSelector(LIVE);
	await root.run('systemctl stop leonhard-pwrapis.socket leonhard-pwrapis.service');
	await page.waitForSelector(LOST);
	await says('.card-now', 'No reading');
	assert.equal(await page.locator('.watts').count(), 0);
	await root.run('systemctl start leonhard-pwrapis.socket');
	await page.waitForSelector('.watts');
});

/* ---- looks ---- */

const LOOKS = {
	overview: ['#/', '.power-group'],
	changes: ['#/changes', `${ROW} .name`],
	record: ['', '.diff'],
	watches: ['#/watches', '.watches'],
	power: ['#/power', '.card-settings p'],
};

function settled() {
	return page.waitForFunction(() => !document.querySelector('[aria-busy=true], .loading'));
}

async function accessible(name) {
	for (const colorScheme of ['light', 'dark'])
		for (const [width, height] of [
			[360, 740],
			[1280, 800],
		]) {
			await page.emulateMedia({colorScheme});
			await page.setViewportSize({width, height});
			const wider = await page.evaluate(
				() => document.documentElement.scrollWidth - innerWidth,
			);

			assert.ok(wider <= 0, `${name} is ${wider} px wider than ${width}`);
			assert.deepEqual(await violations(page), [], `${name}, ${colorScheme}, ${width}`);
		}
}

for (const [name, [address, sign]] of Object.entries(LOOKS))
	test(`axe-core finds nothing in the page: ${name}`, async () => {
		await go(address || edit, sign);
		await settled();
		await accessible(name);
	});

test('axe-core finds nothing in the page: log-in', async () => {
	await logout();
	await accessible('log-in');
	await login('wanda');
});

/* A printed figure, and no more: the machine that this runs on may be busy with other things. */
test('every page has its answers', async () => {
	const told = [];

	await page.setViewportSize({width: 1280, height: 800});
	for (const [name, [address, sign]] of Object.entries(LOOKS)) {
		calls = [];
		for (let i = 0; i < VISITS; i++) {
			await go(address || edit, sign);
			await settled();
		}
		assert.ok(calls.length >= VISITS, name);
		told.push(`${name} ${Math.round(median(calls))}, ${Math.round(Math.max(...calls))} ms`);
	}
	console.log(`calls of ${VISITS} visits, median and longest: ${told.join('; ')}`);
});

/* ---- what goes away, and comes back ---- */

test('a service that is stopped is told of, and taken up when it is back', async () => {
	await goLive();
	await root.run('systemctl stop leonhard-trace.socket leonhard-trace.service');
	await page.waitForSelector(LOST);
	await says('.live', 'service not there');
	await page.reload();
	await page.waitForSelector('.list-place .failed[data-kind=absent]');
	await says('.list-place .failed', 'leonhard-trace');
	await go('#/', '.card-latest .failed');
	await says('.card-attention', 'Trace is not there');
	await page.waitForSelector('.power-group');
	await go('#/changes', '.list-place .failed[data-kind=absent]');
	await root.run('systemctl start leonhard-trace.socket');
	await page.click('.list-place .failed button');
	await page.waitForSelector(ROW);
	await page.waitForSelector(LIVE);
});

test('a time line that is open goes on by itself when its service is back', async () => {
	await goLive();
	await marked.put();
	await root.run('systemctl stop leonhard-trace.socket leonhard-trace.service');
	await page.waitForSelector(LOST);
	const before = await newest('/etc/hosts');

	await wanda.run("echo '10.0.1.1 meanwhile' >>/etc/hosts");
	await root.run('systemctl start leonhard-trace.socket');
	await page.waitForSelector(LIVE);
	await appears('/etc/hosts', before);
	const missed = await newest('/etc/hosts');

	await wanda.run("echo '10.0.1.2 again' >>/etc/hosts");
	await appears('/etc/hosts', missed);
	assert.ok(await marked.isThere());
});

test('a session that nobody uses ends, and the log-in leads back', async () => {
	await goLive();
	await root.run(
		'mkdir -p /etc/leonhard/webd.conf.d && ' +
			"printf '[session]\\nidle = 3s\\n' >/etc/leonhard/webd.conf.d/short.conf && " +
			'systemctl reload leonhard-webd',
	);
	await page.waitForSelector('.login');
	assert.match(await textOf('.login'), /Your session is over/);
	await root.run('rm /etc/leonhard/webd.conf.d/short.conf && systemctl reload leonhard-webd');
	await page.fill('#user', 'wanda');
	await page.fill('#password', PASSWORDS.wanda);
	await page.keyboard.press('Enter');
	await page.waitForSelector(ROW);
	assert.ok(page.url().endsWith('#/changes'));
});

test('so does one that the console has forgotten', async () => {
	await goLive();
	await root.run('systemctl restart leonhard-webd');
	await page.waitForSelector('.login');
	assert.match(await textOf('.login'), /Your session is over/);
	await login('wanda');
});

test('the browser has nothing to complain of', () => {
	assert.deepEqual(browser.errors, []);
});
