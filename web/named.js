/*
 * Elements whose text names users. The text is there at once, with numbers where no name is known
 * yet, and is said anew when one becomes known.
 */
import * as api from './api.js';
import {Names} from './names.js';

const names = new Names(api.users, sayAgain);
const sayings = new WeakMap();

/* Lets @say() be the element's text; @uids are whom it names. Returns the element. */
export function setNamed(element, uids, say) {
	sayings.set(element, say);
	element.setAttribute('data-named', '');
	element.textContent = say();
	names.want(uids);
	return element;
}

function sayAgain() {
	for (const element of document.querySelectorAll('[data-named]')) {
		const text = sayings.get(element)();

		if (element.textContent !== text) element.textContent = text;
	}
}

/* The number of a user by name, or null. */
export function findUser(name) {
	return names.find(name);
}
