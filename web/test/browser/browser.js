/*
 * What the browser tests share: Debian's Chromium with a folder of its own, a mock, and pages that
 * fail their test when the console logs an error or breaks the content security policy.
 */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {chromium} from 'playwright-core';
import {startMock} from '../mock/server.js';

const ARGUMENTS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-background-networking',
	'--no-first-run',
	'--disable-sync',
];

/* {context, errors, page(), close()} */
export async function launch(contextOptions = {}) {
	const folder = await mkdtemp(join(tmpdir(), 'leonhard-console-'));
	const context = await chromium.launchPersistentContext(folder, {
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: ARGUMENTS,
		viewport: {width: 1280, height: 800},
		timezoneId: 'Europe/Berlin',
		locale: 'en-GB',
		...contextOptions,
	});
	const errors = [];

	return {
		context,
		errors,
		page: () => newPage(context, errors),
		close: async () => {
			await context.close();
			await rm(folder, {recursive: true, force: true});
		},
	};
}

/* The same with a mock: {server, mock, url, …} */
export async function open(options = {}, contextOptions = {}) {
	const server = await startMock(options);
	const browser = await launch(contextOptions);

	return {
		...server,
		...browser,
		close: async () => {
			await browser.close();
			await server.close();
		},
	};
}

/*
 * Failed requests are what some tests are about; everything else that the browser complains of is
 * not.
 */
async function newPage(context, errors) {
	const page = await context.newPage();

	page.on('pageerror', (error) => errors.push(String(error)));
	page.on('console', (message) => {
		if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
			errors.push(message.text());
	});
	return page;
}

export async function login(page, url, user = 'admin', password = 'leonhard') {
	await page.goto(url);
	await page.fill('#user', user);
	await page.fill('#password', password);
	await page.click('button[type=submit]');
}
