// globalThis.raftarium: the page's API for embedders and tests. Its names never change.

import { args } from "./intents.js";

const NODE = ["id", "name", "role", "term", "votedFor", "commitIndex", "lastApplied", "lastIndex",
	"snapshotIndex", "alive", "paused", "store", "config", "doubtful"];
const LINK = ["from", "to", "cut", "loss", "delayMicros"];
const only = (names, object) => Object.fromEntries(names.map(n => [n, object[n] ?? null]));

// NOTHING is the view before there is one, as far as the API tells it.
const NOTHING = { source: { kind: "" }, time: { at: 0, live: true, lag: 0, hash: null }, nodes: [],
	links: [], violations: [] };

/** stateOf is a view as the public API tells it. */
export function stateOf(view) {
	return {
		source: view.source.kind,
		time: view.time.at,
		live: view.time.live,
		lag: view.time.lag,
		nodes: view.nodes.map(n => only(NODE, n)),
		links: view.links.map(l => only(LINK, l)),
		violations: view.violations.map(v => ({ ...v })),
		hash: view.time.hash,
	};
}

/** Answers pairs tickets with those who wait for them; an answer may come before its ticket. */
export class Answers {
	#waiting = new Map();
	#early = new Map();

	/** wait resolves with {accepted, why?, link?} for a ticket. */
	wait(ticket) {
		const answer = this.#early.get(ticket);
		this.#early.delete(ticket);
		if (answer) return Promise.resolve(answer);
		return new Promise(resolve => this.#waiting.set(ticket, resolve));
	}

	/** take hands out a view's answers. */
	take(list) {
		for (const { ticket, accepted, why, link } of list) {
			const answer = accepted ? { accepted } : { accepted, why: why ?? "" };
			if (link) answer.link = link;
			const resolve = this.#waiting.get(ticket);
			this.#waiting.delete(ticket);
			if (resolve) resolve(answer);
			else this.#early.set(ticket, answer);
		}
		while (this.#early.size > 1000) this.#early.delete(this.#early.keys().next().value);
	}

	/** refuse answers all who still wait: nobody else will. */
	refuse(why) {
		for (const resolve of this.#waiting.values()) resolve({ accepted: false, why });
		this.#waiting.clear();
	}
}

/** Api is made once by begin.js, before there is anyone to ask; what is asked then waits. */
export class Api {
	#listeners = { view: new Set(), answer: new Set(), violation: new Set() };
	#view = () => NOTHING;
	#asked; // a promise of ask
	#attach;
	#known = 0;
	#settle;

	constructor() {
		this.#asked = new Promise(resolve => { this.#attach = resolve; });
		this.ready = new Promise((resolve, reject) => { this.#settle = { resolve, reject }; });
		this.ready.catch(() => {});
	}

	/**
	 * attach says who knows and who does; app.js calls it.
	 * @param {() => object} view the newest view
	 * @param {(type: string, values: Array) => Promise<{accepted: boolean, why?: string}>} ask
	 */
	attach(view, ask) {
		this.#view = view;
		this.#attach(ask);
	}

	/** state is what the page shows, under the names of GET /v1/status. */
	state() { return stateOf(this.#view()); }

	/** do asks for something: {accepted, why?}, of share also {link}; rejects only what is
	 * malformed. */
	async do(wish) {
		const values = args(wish, true);
		return (await this.#asked)(wish.type, values);
	}

	/** on calls f for each "view", "answer" or "violation"; what it returns ends that. */
	on(kind, f) {
		const listeners = Object.hasOwn(this.#listeners, kind) && this.#listeners[kind];
		if (!listeners) throw new TypeError(`on: there is no kind ${String(kind)}`);
		if (typeof f !== "function") {
			throw new TypeError(`on: a listener for ${kind} is a function, not ${typeof f}`);
		}
		listeners.add(f);
		return () => listeners.delete(f);
	}

	/** publish tells listeners of a view; app.js calls it. */
	publish(view) {
		if (view.source.kind && view.nodes.length > 0) this.#settle.resolve();
		if (this.#listeners.view.size > 0) this.#tell("view", stateOf(view));
		view.answers.forEach(a => this.#tell("answer", a));
		view.violations.slice(this.#known).forEach(v => this.#tell("violation", v));
		this.#known = view.violations.length;
	}

	/** fail rejects ready: there will never be a view. */
	fail(text) { this.#settle.reject(new Error(text)); }

	#tell(kind, value) {
		for (const f of this.#listeners[kind]) {
			try {
				f(value);
			} catch (error) {
				console.error(`raftarium: a listener for ${kind}`, error);
			}
		}
	}
}
