// The card of a link: how it treats messages, one way or both.

import { element, fill, html, icon, pool, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { lacking } from "../lib/power.js";

const PLAIN = { delayMicros: 8000, jitterMicros: 4000, loss: 0, duplicate: 0, reorder: 0,
	clog: false, cut: false };

// How an address says it: the key, and how much one of it is.
const IN_ADDRESS = [["delayMicros", "delay", 1000], ["jitterMicros", "jitter", 1000],
	["loss", "loss", 1], ["duplicate", "duplicate", 1], ["reorder", "reorder", 1]];

// What can be switched on by itself; what it sets, and how one sees that it is on.
const FAULTS = [
	{ name: "slow", text: "Slow", note: "100 ms more each way", set: { delayMicros: 108000 } },
	{ name: "jitter", text: "Uneven", note: "up to 80 ms more, at random",
		set: { jitterMicros: 80000 } },
	{ name: "loss", text: "Lossy", note: "one message in four dies", set: { loss: 250000 } },
	{ name: "duplicate", text: "Doubling", note: "one in three comes twice",
		set: { duplicate: 333333 } },
	{ name: "reorder", text: "Out of order", note: "one in three is overtaken",
		set: { reorder: 333333 } },
	{ name: "clog", text: "Clogged", note: "all waits until it is cleared", set: { clog: true } },
	{ name: "cut", text: "Cut", note: "nothing comes through", set: { cut: true } },
];
const WAYS = ["both", "to", "back"];

class LinkMenu extends Panel {
	#ends = null; // the two nodes
	#way = "both";
	#view = null;

	build() {
		this.hidden = true;
		fill(this, html`
			<header><b class="name"></b>
				<button type="button" class="close" aria-label="Close">${icon("close")}</button></header>
			<div class="segments ways" role="group" aria-label="Which way">${WAYS.map(w => html`
				<button type="button" data-way="${w}"></button>`)}</div>
			<div class="items"></div>
			<p class="shared"></p>`);
		this.listen("click", ".close", () => this.close());
		this.listen("click", "[data-way]", b => {
			this.#way = b.dataset.way;
			this.render(this.#view);
		});
		this.listen("click", ".items button", b => this.#toggle(b));
		this.addEventListener("keydown", e => {
			if (e.key !== "Escape") return;
			e.stopPropagation();
			this.close();
		});
	}

	get open() { return this.#ends !== null; }

	/** show opens the card of the link between two nodes. */
	show(a, b, view) {
		this.#ends = [a, b];
		this.#way = "both";
		this.hidden = false;
		this.render(view);
	}

	close() {
		this.#ends = null;
		this.hidden = true;
	}

	render(view) {
		this.#view = view;
		if (!this.open) return;
		const ends = this.#ends.map(id => view.nodes.find(n => n.id === id));
		if (ends.some(n => !n || n.gone)) return this.close();
		const [a, b] = ends;
		setText(this.find(".name"), `${a.name} – ${b.name}`);
		const ways = { both: "both ways", to: `${a.name} → ${b.name}`, back: `${b.name} → ${a.name}` };
		for (const button of this.querySelectorAll("[data-way]")) {
			setText(button, ways[button.dataset.way]);
			setAttr(button, "aria-pressed", String(button.dataset.way === this.#way));
		}
		this.#faults(view);
		this.#stand(a, b);
	}

	#faults(view) {
		const now = this.#directions().map(([from, to]) => this.#link(from, to));
		const items = pool(this.find(".items"), FAULTS.length, () => element(html`
			<button type="button" role="menuitemcheckbox"><span class="text"></span>
				<small></small></button>`));
		FAULTS.forEach((fault, i) => {
			const why = lacking(view, fault.name === "cut" ? "cut" : "link");
			setAttr(items[i], "data-name", fault.name);
			setAttr(items[i], "aria-checked", String(now.every(l => isOn(fault, l))));
			setAttr(items[i], "aria-disabled", why ? "true" : null);
			setText(items[i].querySelector(".text"), fault.text);
			setText(items[i].querySelector("small"), fault.note);
		});
		setText(this.find(".shared"), lacking(view, "link"));
	}

	#directions() {
		const [a, b] = this.#ends;
		return { both: [[a, b], [b, a]], to: [[a, b]], back: [[b, a]] }[this.#way];
	}

	// What the source has not told of is as the simulation began.
	#link(from, to) {
		return { ...this.#begun(),
			...this.#view.links.find(l => l.from === from && l.to === to) };
	}

	#begun() {
		const query = new URLSearchParams(this.#view.source.uri.replace(/^sim:/, ""));
		const said = IN_ADDRESS.filter(([, key]) => query.has(key));
		return { ...PLAIN, ...Object.fromEntries(said.map(([name, key, unit]) =>
			[name, unit * Number(query.get(key))])) };
	}

	#toggle(button) {
		if (button.getAttribute("aria-disabled")) return;
		const fault = FAULTS.find(f => f.name === button.dataset.name);
		const on = button.getAttribute("aria-checked") === "true";
		if (fault.name === "cut") return this.#cut(on);
		for (const [from, to] of this.#directions()) {
			const { clog, cut, ...rest } = this.#link(from, to);
			const begun = this.#begun();
			const set = on ? Object.fromEntries(Object.keys(fault.set).map(k => [k, begun[k]]))
				: fault.set;
			this.intent("link", { ...rest, clog, cut, from, to, ...set });
		}
	}

	#cut(on) {
		const [[from, to]] = this.#directions();
		this.intent(on ? "heal" : "cut", { from, to, both: this.#way === "both" });
	}

	// Beside the middle of the link; the phone's style makes it a sheet.
	#stand(a, b) {
		const stage = this.parentElement;
		const x = Math.min((a.x + b.x) / 2 + 16, stage.clientWidth - this.offsetWidth - 8);
		const y = Math.min((a.y + b.y) / 2 - 40, stage.clientHeight - this.offsetHeight - 8);
		this.style.translate = `${Math.round(Math.max(8, x))}px ${Math.round(Math.max(8, y))}px`;
	}
}

const isOn = (fault, link) => Object.entries(fault.set).every(([k, v]) =>
	(typeof v === "boolean" ? link[k] === v : link[k] >= v));

define("link-menu", LinkMenu);
