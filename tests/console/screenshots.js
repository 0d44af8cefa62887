/*
 * The README's pictures of the console: two people work on the guest for a while, then its pages
 * are taken in /mnt, light and dark, and one as a phone has it.
 */
import {launch, login} from '../../web/test/browser/browser.js';
import {openShell, PASSWORDS, URL} from './node.js';

const ROW = '.row:not(.head):not([hidden])';
const SSHD = '/etc/ssh/sshd_config';
const DESK = {width: 1200, height: 780};
const PHONE = {width: 360, height: 740};
const TIMEOUT_MS = 60_000;
const GRAPH_MS = 60_000;

/* What they do. A command after ! is done with sudo. */
const WORK = [
	['dora', '!hostnamectl set-hostname atlas'],
	['dora', '!useradd --system --home-dir /srv/backup backup-agent'],
	['wanda', "echo '10.20.0.14  db1.example.org db1' >>/etc/hosts"],
	['dora', "!sh -c 'echo OnCalendar=03:00 >/etc/systemd/system/backup.timer'"],
	['wanda', '!chmod 640 /etc/fstab'],
	['wanda', "!sh -c 'echo vm.swappiness = 10 >>/etc/sysctl.conf'"],
	['dora', '!rm /etc/issue.net'],
	['dora', '!ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime'],
	[
		'wanda',
		"!sed -i 's/^#MaxAuthTries 6/MaxAuthTries 3/; s/^X11Forwarding yes/X11Forwarding no/; " +
			`s/^#PermitRootLogin .*/PermitRootLogin no/' ${SSHD}`,
	],
];

async function work() {
	const shells = {wanda: await openShell('wanda'), dora: await openShell('dora')};

	for (const [user, command] of WORK)
		await shells[user].run(
			command.startsWith('!')
				? `echo '${PASSWORDS[user]}' | sudo -S -p '' ${command.slice(1)}`
				: command,
		);
	for (const shell of Object.values(shells)) shell.close();
}

/* Everything is there, with names, and nothing is under the pointer. */
async function settle(page, sign) {
	await page.mouse.move(5, 5);
	await page.waitForSelector(sign);
	await page.waitForFunction(
		() =>
			!document.querySelector('[aria-busy=true], .loading, .fresh, .vacant:not([hidden])') &&
			!/uid 100\d/.test(document.body.innerText),
	);
}

async function take(page, name, size, schemes = ['light', 'dark']) {
	await page.setViewportSize(size);
	for (const colorScheme of schemes) {
		await page.emulateMedia({colorScheme});
		await page.screenshot({path: `/mnt/console-${name}-${colorScheme}.png`});
	}
}

const browser = await launch({ignoreHTTPSErrors: true, viewport: DESK});

browser.context.setDefaultTimeout(TIMEOUT_MS);
await work();
const page = await browser.page();

await login(page, URL, 'dora', PASSWORDS.dora);
await settle(page, '.power-group');
await page.locator('.card-latest', {hasText: 'sshd_config'}).waitFor();
await take(page, 'overview', DESK);
await page.goto(`${URL}#/changes`);
await settle(page, `${ROW} a[title="${SSHD}"]`);
await take(page, 'changes', DESK);
await take(page, 'phone', PHONE, ['light']);
await page.setViewportSize(DESK);
await page.click(`${ROW} a[title="${SSHD}"]`);
await settle(page, '.diff');
await take(page, 'record', DESK);
await page.goto(`${URL}#/power`);
await settle(page, '.graph-power polyline');
/* Graphs of a minute. */
await page.waitForTimeout(GRAPH_MS);
await take(page, 'power', DESK);
await browser.close();
