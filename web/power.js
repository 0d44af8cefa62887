/*
 * Power: watts of now and where they come from, graphs live and of the past, who uses it, what is
 * set by whom, and the cap. Every part loads, and fails, for itself; what an older service does not
 * tell is said to be so.
 */
import * as api from './api.js';
import {card, failure, fill, h} from './dom.js';
import {Graph} from './graph.js';
import {follow, STATE_WORDS} from './live.js';
import {findUser} from './named.js';
import {Caps} from './powercap.js';
import {consumers, nothingNow, now, settings} from './powercards.js';
import {
	caps,
	energy,
	fromQuery,
	GRAPHS,
	isOfCap,
	POWER,
	quantity,
	shownAs,
	SPANS,
	toAddress,
	WATCHED,
	watts,
} from './powerwords.js';
import {keptLines, Lines} from './series.js';
import {explain, lasting} from './words.js';

const EVERY_MS = 1000;
const CARDS_EVERY_MS = 5000;
const KEPT_EVERY_MS = 60_000;
const CONSUMERS_WINDOW_NS = 60e9;
const CONSUMERS_MAX = 15;
/* A time of which so much is known is known. */
const MOST = 0.98;
/* After so long without a reading there are no watts of now. */
const OLD_MS = 5000;
const GROUPINGS = {unit: 'By unit', process: 'By process'};

const isOlder = (error) => error.error === 'org.varlink.service.MethodNotFound';

function notTold(what) {
	return h('p', {class: 'dim', text: `This node’s power service does not tell ${what}.`});
}

/* Buttons of which one is pressed: @choices {value: text}. */
function choice(label, choices, choose) {
	const buttons = Object.entries(choices).map(([value, text]) =>
		h('button', {type: 'button', 'data-value': value, text, onclick: () => choose(value)}),
	);

	return {
		element: h('div', {class: 'switch', role: 'group', 'aria-label': label}, buttons),
		press(value) {
			for (const button of buttons)
				button.setAttribute('aria-pressed', button.dataset.value === value);
		},
	};
}

class Power {
	#signal;
	#query;
	#lines = new Lines();
	#graphs;
	#cards;
	#caps = null;
	#uid = null; /* null: not known */
	#mayChange = null;
	#units = null;
	#shown = {}; /* what a card shows, as text: the same is not shown again */
	#live = h('span', {class: 'live', role: 'status'});
	#kept = h('p', {class: 'dim kept', role: 'status'});
	#keptSpan = ''; /* the span of which the service has told */
	#span;
	#by;
	#oldTimer = 0;
	#readings = [];

	constructor(place, route, signal) {
		this.#signal = signal;
		this.#query = fromQuery(route.query);
		this.#span = choice(
			'Time shown',
			Object.fromEntries(Object.entries(SPANS).map(([name, {text}]) => [name, text])),
			(span) => this.#go({span}),
		);
		this.#by = choice('Consumers', GROUPINGS, (by) => this.#go({by}));
		this.#cards = {
			now: card('now', 'Now'),
			cap: card('cap', 'Cap'),
			consumers: card('consumers', 'Who uses it', this.#by.element),
			settings: card('settings', 'What is set'),
		};
		this.#graphs = new Map(
			GRAPHS.map((graph) => [
				graph,
				new Graph({
					id: graph.id,
					title: graph.title,
					format: (value) => quantity(value, graph.unit),
					shown: shownAs(graph.unit),
					range: graph.range,
					gapMs: graph.gapMs,
					signal,
				}),
			]),
		);
		place.append(this.#frame());
		signal.addEventListener('abort', () => clearTimeout(this.#oldTimer));
	}

	#frame() {
		const {now: present, cap, consumers: users, settings: set} = this.#cards;

		return h(
			'div',
			{class: 'page power'},
			h('div', {class: 'title-row'}, h('h1', {text: 'Power'}), this.#live),
			h('div', {class: 'pair'}, present.element, cap.element),
			h('div', {class: 'graph-bar'}, this.#span.element, this.#kept),
			h(
				'div',
				{class: 'graphs'},
				[...this.#graphs.values()].map(({element}) => element),
			),
			h('div', {class: 'pair'}, users.element, set.element),
		);
	}

	async start() {
		this.#press();
		this.#begin();
		this.#repeat(CARDS_EVERY_MS, () => this.#look(true));
		this.#repeat(KEPT_EVERY_MS, () => this.#loadKept());
		await this.#whoAmI();
		await Promise.all([this.#look(false), this.#loadKept()]);
	}

	update(route) {
		const {span, by} = this.#query;

		this.#query = fromQuery(route.query);
		this.#press();
		if (this.#query.span !== span) {
			this.#draw(true);
			this.#loadKept();
		}
		if (this.#query.by !== by) this.#loadConsumers(false);
	}

	#go(change) {
		location.hash = toAddress({...this.#query, ...change});
	}

	#press() {
		this.#span.press(this.#query.span);
		this.#by.press(this.#query.by);
	}

	/* While nobody looks, nothing is asked. */
	#repeat(everyMs, act) {
		const timer = setInterval(() => !document.hidden && act(), everyMs);

		this.#signal.addEventListener('abort', () => clearInterval(timer));
	}

	#call(method, parameters, background = true) {
		return api.call(method, parameters, {signal: this.#signal, background});
	}

	/* What the account may do; when that cannot be found out, the service will say. */
	async #whoAmI() {
		const [may, uid] = await Promise.all([
			api.may(`${POWER}Set`, this.#signal).catch(() => null),
			findUser(api.getSession()?.user ?? '').catch(() => null),
		]);

		this.#mayChange = may;
		this.#uid = uid;
		this.#caps = new Caps(this.#cards.cap.body, may, () => this.#loadSettings(false));
		this.#caps.setOwn((item, place) => this.#isOwn(item, place));
		if (this.#hasReading()) this.#caps.update(caps(this.#readings));
	}

	/* ---- live ---- */

	#hasReading() {
		return this.#oldTimer !== 0;
	}

	/* The first look says what fails; then the stream goes on, whatever happens. */
	#begin() {
		const {body} = this.#cards.now;

		return fill(body, 'power', `${POWER}Read`, this.#signal, async () => {
			const {readings} = await this.#call(`${POWER}Read`, {items: WATCHED}, false);

			this.#take(readings);
			this.#follow();
			return now(readings);
		});
	}

	#follow() {
		follow(`${POWER}Watch`, () => ({items: WATCHED, interval_ns: EVERY_MS * 1e6}), {
			signal: this.#signal,
			onState: (state) => this.#tellLive(state),
			onReply: ({readings}) => {
				this.#take(readings);
				this.#cards.now.body.replaceChildren(...now(readings));
			},
		});
	}

	#take(readings) {
		this.#readings = readings;
		this.#lines.add(readings, Date.now());
		this.#graphs.get(GRAPHS[0]).element.hidden = watts(readings).state === 'none';
		this.#caps?.update(caps(readings));
		this.#draw();
		clearTimeout(this.#oldTimer);
		this.#oldTimer = setTimeout(
			() => this.#cards.now.body.replaceChildren(...nothingNow()),
			OLD_MS,
		);
	}

	#tellLive(state) {
		this.#live.dataset.state = state;
		this.#live.textContent = STATE_WORDS[state] ?? '';
		if (state !== 'open') this.#cards.now.body.replaceChildren(...nothingNow());
	}

	/* @isOther: it is of another time than before, or there is more of it. */
	#draw(isOther = false) {
		const toMs = Date.now();
		const {ms, stepMs} = SPANS[this.#query.span];

		for (const [graph, element] of this.#graphs) {
			const lines = this.#lines.of(graph, this.#query.span, toMs);

			element.set(lines, {fromMs: toMs - ms, toMs, stepMs});
			if (isOther) element.renew();
		}
	}

	/* ---- the past ---- */

	/* Two minutes are what was seen here, until the service has told more. */
	async #loadKept() {
		const {span} = this.#query;

		try {
			const lines = await keptLines((method, given) => this.#call(method, given), span);

			if (this.#signal.aborted || this.#query.span !== span) return;
			this.#lines.setKept(span, lines);
			this.#tellKept(this.#energyOf(lines));
			this.#draw(this.#keptSpan !== span);
			this.#keptSpan = span;
		} catch (error) {
			if (error.name === 'AbortError' || error.kind === 'session') return;
			if (!error.kind) throw error;
			this.#tellKept(
				isOlder(error)
					? 'This node’s power service keeps no history: graphs begin with this page.'
					: `No history: ${explain(error, `${POWER}History`).title}.`,
			);
		}
	}

	#tellKept(text) {
		if (this.#kept.textContent !== text) this.#kept.textContent = text;
	}

	#energyOf(lines) {
		const main = lines.find(({graph}) => graph.id === 'power');
		const {joules, known_ns: known} = main?.statistics ?? {};
		const {ms, text} = SPANS[this.#query.span];

		if (!Number.isFinite(joules)) return '';
		return (
			`${main.name}: ${energy(joules)} in ${text}` +
			(known < ms * 1e6 * MOST ? `, of which ${lasting(known)} are known` : '')
		);
	}

	/* ---- consumers and settings ---- */

	async #look(background) {
		await Promise.all([this.#loadConsumers(background), this.#loadSettings(background)]);
	}

	/*
	 * Shows in @name's card what @make makes of a reply. What is the same is left as it is, and so
	 * is what someone points at, unless they have asked for something else.
	 */
	async #show(name, method, parameters, background, make) {
		const {body} = this.#cards[name];
		const asked = JSON.stringify(parameters);
		const isRead = () => background && body.matches(':hover, :focus-within');

		if (isRead()) return;
		try {
			const reply = await this.#call(method, parameters, background);
			const text = asked + JSON.stringify(reply);

			if (this.#signal.aborted || isRead() || this.#shown[name] === text) return;
			const content = await make(reply);

			this.#shown[name] = text;
			body.replaceChildren(...content);
		} catch (error) {
			if (error.name === 'AbortError' || this.#signal.aborted) return;
			this.#shown[name] = '';
			if (!error.kind) console.error(error);
			body.replaceChildren(
				isOlder(error)
					? notTold('who uses power')
					: failure(error, method, () =>
							this.#show(name, method, parameters, false, make),
						),
			);
		}
	}

	async #loadConsumers(background) {
		const {by} = this.#query;
		const asked = {by, window_ns: CONSUMERS_WINDOW_NS, limit: CONSUMERS_MAX};

		await this.#show('consumers', `${POWER}Consumers`, asked, background, (reply) =>
			this.#query.by === by ? consumers(reply, by) : [...this.#cards.consumers.body.children],
		);
	}

	async #loadSettings(background) {
		await this.#show('settings', `${POWER}ListSettings`, {}, background, async (reply) => {
			this.#held = reply.settings;
			this.#caps?.setOwn((item, place) => this.#isOwn(item, place));
			if (reply.settings.length > 0) await this.#loadUnits();
			return settings(
				reply,
				(item) => this.#units?.get(item),
				(setting) => (this.#mayEnd(setting) ? () => this.#release(setting) : null),
			);
		});
	}

	#held = [];

	async #loadUnits() {
		if (this.#units) return;
		const {items} = await this.#call(`${POWER}ListItems`, {});

		this.#units = new Map(items.map(({name, unit}) => [name, unit]));
	}

	#mayEnd({keep, uid}) {
		return keep && this.#mayChange !== false && (this.#uid === null || this.#uid === uid);
	}

	#isOwn(item, place) {
		return this.#held.some(
			(setting) => isOfCap(setting, item, place) && this.#mayEnd(setting),
		);
	}

	async #release({item, place}) {
		try {
			await this.#call(`${POWER}Release`, {item, place}, false);
		} catch (error) {
			if (error.kind === 'session') return;
			this.#shown.settings = '';
			this.#cards.settings.body.prepend(failure(error, `${POWER}Release`));
			return;
		}
		await this.#loadSettings(false);
	}
}

export function show(place, route, signal) {
	const page = new Power(place, route, signal);

	page.start();
	return {update: (next) => page.update(next)};
}
