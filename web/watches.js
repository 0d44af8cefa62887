/*
 * What is watched, and changing that for those who may.
 */
import * as api from './api.js';
import {ask, empty, fill, h, notice, say} from './dom.js';
import {pathProblem, toAddress} from './filters.js';
import {counted, explain, visible} from './words.js';

const TRACE = 'io.leonhard.Trace.';
const LIST = `${TRACE}ListWatches`;
const ORIGINS = {default: 'configuration', user: 'added'};
/* The capturing half answers when the watch is in effect. */
const CHANGE_TIMEOUT_MS = 45_000;

/* The service names a folder without the slash that a filter for all below it ends in. */
function changesOf({path, files}) {
	const isFolder = files > 1 && !path.endsWith('/') && !/[*?[]/.test(path);

	return toAddress({path: isFolder ? `${path}/` : path});
}

function row(watch, mayChange, remove) {
	const button =
		watch.origin === 'user' &&
		mayChange !== false &&
		h('button', {
			type: 'button',
			class: 'quiet',
			'aria-label': `Remove ${visible(watch.path)}`,
			text: 'Remove…',
			onclick: () => remove(watch),
		});

	return h(
		'tr',
		{},
		h(
			'th',
			{scope: 'row'},
			h('a', {class: 'path', href: changesOf(watch), text: visible(watch.path)}),
			watch.problem ? h('p', {class: 'problem', text: visible(watch.problem)}) : null,
		),
		h('td', {class: 'origin', text: ORIGINS[watch.origin] ?? watch.origin}),
		h('td', {class: 'right', text: counted(watch.files, 'file')}),
		h('td', {class: 'right'}, button || null),
	);
}

function table(watches, mayChange, remove) {
	if (watches.length === 0)
		return empty(
			'Nothing is watched',
			'No change is recorded until a path is added here or in the configuration.',
		);
	return h(
		'div',
		{class: 'scroll'},
		h(
			'table',
			{class: 'plain-table wide watches'},
			h(
				'thead',
				{},
				h(
					'tr',
					{},
					h('th', {scope: 'col', text: 'Path'}),
					h('th', {scope: 'col', class: 'origin', text: 'From'}),
					h('th', {scope: 'col', class: 'right', text: 'Covers'}),
					h('th', {scope: 'col'}, h('span', {class: 'unseen', text: 'Actions'})),
				),
			),
			h(
				'tbody',
				{},
				watches.map((watch) => row(watch, mayChange, remove)),
			),
		),
	);
}

function watchProblem(path) {
	if (path === '') return 'Enter a path.';
	return pathProblem(path);
}

class Watches {
	#signal;
	#mayChange = null; /* null: not known */
	#watches = [];
	#parts = {};

	constructor(place, signal) {
		const parts = this.#parts;

		this.#signal = signal;
		parts.list = h('div', {class: 'watch-list'});
		parts.form = h('div', {class: 'watch-form'});
		parts.message = h('div', {class: 'message', role: 'status'});
		place.append(
			h(
				'div',
				{class: 'page'},
				h('h1', {text: 'Watches'}),
				h('p', {
					class: 'lead',
					text: 'Changes below these paths are recorded, with who made them.',
				}),
				parts.form,
				parts.message,
				h('section', {class: 'card', 'aria-label': 'Watches'}, parts.list),
			),
		);
	}

	async load() {
		await fill(this.#parts.list, 'watches', LIST, this.#signal, async () => {
			const [{watches}, may] = await Promise.all([
				api.call(LIST, {}, {signal: this.#signal}),
				this.#mayChange ?? api.may(`${TRACE}RemoveWatch`, this.#signal).catch(() => null),
			]);

			this.#watches = watches;
			this.#setMay(may);
			return this.#table();
		});
	}

	#table() {
		return table(this.#watches, this.#mayChange, (watch) => this.#remove(watch));
	}

	#setMay(may) {
		const isForm = this.#parts.form.hasChildNodes();

		if (may === this.#mayChange && isForm) return;
		this.#mayChange = may;
		this.#parts.form.replaceChildren(
			may === false
				? notice(
						'info',
						'You may look, not change.',
						'Watches are added and removed by administrators of this node.',
					)
				: this.#form(),
		);
	}

	#form() {
		const problem = h('p', {id: 'watch-problem', class: 'form-error', role: 'alert'});
		const input = h('input', {
			id: 'watch',
			name: 'watch',
			placeholder: '/srv/app/config/',
			spellcheck: 'false',
			autocapitalize: 'none',
			autocomplete: 'off',
			'aria-describedby': 'watch-hint watch-problem',
		});
		const button = h('button', {type: 'submit', class: 'primary', text: 'Watch'});
		const form = h(
			'form',
			{class: 'inline-form'},
			h('label', {for: 'watch', text: 'Watch a path'}),
			h('div', {class: 'joined'}, input, button),
			h('p', {
				id: 'watch-hint',
				class: 'dim',
				text: 'A folder means all below it; *, ? and [] may stand for parts.',
			}),
			problem,
		);

		form.addEventListener('submit', (event) => {
			event.preventDefault();
			problem.textContent = watchProblem(input.value.trim()) ?? '';
			if (!problem.textContent) this.#add(input, button, problem);
		});
		return form;
	}

	async #add(input, button, problem) {
		const path = input.value.trim();

		button.disabled = true;
		button.textContent = 'Adding…';
		try {
			const {watch} = await api.call(
				`${TRACE}AddWatch`,
				{path},
				{timeoutMs: CHANGE_TIMEOUT_MS},
			);

			input.value = '';
			this.#tell(
				'good',
				`${visible(watch.path)} is watched now`,
				`It covers ${counted(watch.files, 'file')}.`,
			);
			await this.load();
		} catch (error) {
			this.#refused(error, (text) => {
				problem.textContent = text;
			});
		}
		button.disabled = false;
		button.textContent = 'Watch';
	}

	async #remove(watch) {
		const agreed = await ask({
			title: 'Stop watching?',
			body: [
				h('p', {}, h('code', {text: visible(watch.path)})),
				h('p', {
					text:
						`It covers ${counted(watch.files, 'file')}. Their changes are not ` +
						`recorded any more, unless another watch covers them.`,
				}),
				h('p', {text: 'Records that exist are kept.'}),
			],
			action: 'Stop watching',
		});

		if (!agreed) return;
		try {
			await api.call(
				`${TRACE}RemoveWatch`,
				{path: watch.path},
				{timeoutMs: CHANGE_TIMEOUT_MS},
			);
			this.#tell('good', 'Removed', `${visible(watch.path)} is not watched any more.`);
		} catch (error) {
			this.#refused(error, (text, title) => this.#tell('bad', title, text));
		}
		await this.load();
	}

	#refused(error, tell) {
		if (error.kind === 'session') return;
		const {title, text} = explain(error, LIST);

		if (error.kind === 'denied') {
			this.#setMay(false);
			this.#parts.list.replaceChildren(this.#table());
			this.#tell('bad', title, text);
			return;
		}
		tell(text, title);
	}

	#tell(kind, title, text) {
		this.#parts.message.replaceChildren(notice(kind, title, text));
		say(`${title} ${text}`);
	}
}

export async function show(place, route, signal) {
	const page = new Watches(place, signal);

	await page.load();
	return {update: () => {}};
}
