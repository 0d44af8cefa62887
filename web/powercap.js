/*
 * The cap of the page Power: what it is, its bounds, and a form for those who may set it. A cap
 * that is set here is kept, since each call of the console is a connection of its own: it holds
 * until it is released, or the service ends.
 */
import * as api from './api.js';
import {h, notice, say} from './dom.js';
import {capName, capProblem, capRange, exactly, POWER} from './powerwords.js';
import {explain} from './words.js';

function valueText({value}) {
	return value === null ? 'not known' : exactly(value, 'W');
}

/* One cap, its form and its button. @onSet: settings are others now. */
class CapRow {
	#cap;
	#now = h('b', {class: 'cap-now'});
	#range = h('span', {class: 'dim'});
	#message;
	#release;
	#onSet;
	element;

	constructor(cap, number, mayChange, onSet) {
		const id = `cap-${number}`;

		this.#onSet = onSet;
		this.#message = h('div', {class: 'message', role: 'status'});
		this.#release = h('button', {
			type: 'button',
			hidden: true,
			text: 'Release',
			'aria-label': `Release the cap of ${capName(cap)}`,
			onclick: () => this.#ask('Release', {item: cap.item, place: cap.place}),
		});
		this.element = h(
			'div',
			{class: 'cap'},
			h('p', {}, h('span', {text: `${capName(cap)}: `}), this.#now, ' ', this.#range),
			mayChange ? this.#form(id) : null,
			this.#message,
		);
		this.update(cap);
	}

	update(cap) {
		this.#cap = cap;
		this.#now.textContent = valueText(cap);
		this.#range.textContent = capRange(cap);
	}

	setOwn(isOwn) {
		this.#release.hidden = !isOwn;
	}

	#form(id) {
		const problem = h('p', {id: `${id}-problem`, class: 'form-error', role: 'alert'});
		const input = h('input', {
			id,
			inputmode: 'decimal',
			autocomplete: 'off',
			'aria-describedby': `${id}-problem`,
		});
		const form = h(
			'form',
			{class: 'cap-form'},
			h('label', {for: id, text: 'New cap in watts'}),
			h(
				'div',
				{class: 'joined'},
				input,
				h('button', {type: 'submit', class: 'primary', text: 'Set'}),
				this.#release,
			),
			problem,
		);

		form.addEventListener('submit', (event) => {
			event.preventDefault();
			problem.textContent = capProblem(input.value, this.#cap) ?? '';
			input.setAttribute('aria-invalid', problem.textContent !== '');
			if (problem.textContent) return;
			const {item, place} = this.#cap;

			this.#ask('Set', {item, place, number: Number(input.value), keep: true});
		});
		return form;
	}

	async #ask(method, parameters) {
		const buttons = [...this.element.querySelectorAll('button')];

		for (const button of buttons) button.disabled = true;
		try {
			this.#done(method, await api.call(POWER + method, parameters));
		} catch (error) {
			if (error.kind !== 'session') {
				const {title, text} = explain(error, POWER + method);

				this.#tell('bad', title, text);
			}
		}
		for (const button of buttons) button.disabled = false;
		await this.#onSet();
	}

	#done(method, reply) {
		const {number, restored, conflicts} = reply;

		if (method === 'Set')
			this.#tell(
				'good',
				'The cap is set.',
				`${Number.isFinite(number) ? `It is ${exactly(number, 'W')} now. ` : ''}` +
					'It holds until it is released.',
			);
		else if (conflicts > 0)
			this.#tell('warn', 'Left as it is.', 'Somebody else has set it meanwhile.');
		else if (restored === 0)
			this.#tell('info', 'Nothing to release.', 'You do not hold this cap.');
		else this.#tell('good', 'The cap is released.', 'What was there before holds again.');
	}

	#tell(kind, title, text) {
		this.#message.replaceChildren(notice(kind, title, text));
		say(`${title} ${text}`);
	}
}

export class Caps {
	#rows = new Map();
	#own = () => false;
	#place;
	#mayChange;
	#onSet;

	/* @mayChange: null when it is not known. */
	constructor(place, mayChange, onSet) {
		this.#place = place;
		this.#mayChange = mayChange;
		this.#onSet = onSet;
	}

	/* @isOwn(item, place): whether the cap is kept by this user. */
	setOwn(isOwn) {
		this.#own = isOwn;
		for (const [key, row] of this.#rows) row.setOwn(isOwn(...key.split('\n')));
	}

	/* The form is made once for each cap; what someone types stays. */
	update(caps) {
		const keys = caps.map(({item, place}) => `${item}\n${place}`);

		if (this.#place.hasChildNodes() && String(keys) === String([...this.#rows.keys()])) {
			for (const [i, key] of keys.entries()) this.#rows.get(key).update(caps[i]);
			return;
		}
		this.#rows = new Map(
			caps.map((cap, i) => [keys[i], new CapRow(cap, i, this.#mayChange, this.#onSet)]),
		);
		this.#place.replaceChildren(...this.#content(caps));
		this.setOwn(this.#own);
	}

	#content(caps) {
		if (caps.length === 0)
			return [h('p', {class: 'dim', text: 'The power of this machine cannot be capped.'})];
		return [
			...[...this.#rows.values()].map(({element}) => element),
			this.#mayChange === false
				? h('p', {
						class: 'dim',
						text: 'You may look, not change: that needs the class control.',
					})
				: '',
		];
	}
}
