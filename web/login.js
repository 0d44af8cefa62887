/*
 * The log-in. The browser's own password keeping works with it: a plain form with the usual names.
 */
import * as api from './api.js';
import {h} from './dom.js';
import {explain} from './words.js';

const REASONS = {over: 'Your session is over. Log in again and you are back where you were.'};

function field(id, label, properties) {
	return [
		h('label', {for: id, text: label}),
		h('input', {id, name: id, required: true, ...properties}),
	];
}

/* Counts down to when the node takes another try. */
function wait(button, message, seconds) {
	if (!button.isConnected) return;
	button.disabled = seconds > 0;
	message.textContent =
		seconds > 0
			? `Too many tries. You can try again in ${seconds} s.`
			: 'You can try again now.';
	if (seconds > 0) setTimeout(() => wait(button, message, seconds - 1), 1000);
}

async function submit(form, message, done) {
	const button = form.querySelector('button');

	button.disabled = true;
	button.textContent = 'Logging in…';
	message.textContent = '';
	try {
		await api.login(form.elements.user.value, form.elements.password.value);
		done();
		return;
	} catch (error) {
		const {title, text} = explain(error);

		button.disabled = false;
		message.textContent = error.kind === 'login' ? text : `${title}. ${text}`;
		if (error.kind === 'limit') wait(button, message, error.retryAfter || 5);
	}
	button.textContent = 'Log in';
	form.elements.password.value = '';
	form.elements.password.focus();
}

/* Fills @place; @done is called when someone is logged in. @reason: why they have to, or ''. */
export function showLogin(place, reason, done) {
	const message = h('p', {class: 'form-error', role: 'alert'});
	const form = h(
		'form',
		{class: 'login', autocomplete: 'on', 'aria-labelledby': 'login-title'},
		h('h1', {id: 'login-title', text: 'Log in'}),
		h('p', {class: 'dim', text: REASONS[reason] ?? 'With your account on this node.'}),
		...field('user', 'User', {
			autocomplete: 'username',
			autocapitalize: 'none',
			spellcheck: 'false',
		}),
		...field('password', 'Password', {type: 'password', autocomplete: 'current-password'}),
		message,
		h('button', {type: 'submit', class: 'primary', text: 'Log in'}),
	);

	form.addEventListener('submit', (event) => {
		event.preventDefault();
		submit(form, message, done);
	});
	document.title = 'Log in - Leonhard';
	place.replaceChildren(
		h(
			'main',
			{id: 'content', class: 'login-page', tabindex: '-1'},
			h('p', {class: 'login-brand'}, h('b', {text: 'Leonhard'}), ` ${location.host}`),
			form,
		),
	);
	form.elements.user.focus();
}
