// The header: what is watched, how it is set up, whether its promises hold.

import { element, fill, html, icon, setAttr, setIcon, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { keepToken, liveUri, SCENARIOS, simOf, simUri, tokenFor } from "../lib/uri.js";

const nodes = n => (n === 1 ? "1 node" : n + " nodes");
const option = (value, text) => html`<option value="${value}">${text}</option>`;
const tourOption = t => html`
	<option value="tour:${t.name}" data-tour="${t.name}">${t.title}</option>`;
const counts = Array.from({ length: 9 }, (_, i) => i + 1);

class PageHeader extends Panel {
	#mode = ""; // what the reader has switched to; empty: what the source is
	#sim = simOf("");
	#seen = "";

	build() {
		fill(this, html`
			<div class="brand"><svg aria-hidden="true"><use href="#i-logo"></use></svg>
				<b>Raftarium</b></div>
			<div class="settings">
				<div class="segments" role="group" aria-label="Where the cluster runs">
					<button type="button" data-mode="sim">In this page</button>
					<button type="button" data-mode="live">Live cluster</button>
				</div>
				<div class="setup sim">
					<label class="pick"><span class="unseen">Scenario</span>
						<select name="scenario">
							${SCENARIOS.map(s => option(s.name, s.title))}</select></label>
					<label class="pick"><span class="unseen">Nodes</span>
						<select name="nodes">
							${counts.map(n => option(n, nodes(n)))}</select></label>
					<label class="pick"><span class="unseen">Store</span>
						<select name="store">${option("file", "file store")}
							${option("memory", "memory store")}</select></label>
					<button type="button" class="button seed" title="Another seed: another run">
						${icon("dice")}<span></span></button>
				</div>
				<form class="setup live">
					<input class="field" name="address" placeholder="localhost:7000"
						autocomplete="off" spellcheck="false" autocapitalize="off"
						aria-label="Address of a node">
					<button class="button">Connect</button>
				</form>
				<button type="button" class="button theme inside">
					<span class="word">Theme</span></button>
				<button type="button" class="button share inside">${icon("share")}
					<span>A link to what you see</span></button>
				<button type="button" class="button watching" aria-expanded="false" hidden>
					${icon("eye")}<span>watching only</span></button>
			</div>
			<form class="token card" hidden>
				<p class="token-why"></p>
				<label>Token of this cluster
					<input class="field" name="token" type="password" autocomplete="off"></label>
				<p class="hint">It stays in this tab. raftarium run writes it to DIR/token.</p>
				<button class="button">Reconnect with it</button>
			</form>
			<div class="end">
				<button type="button" class="verdict" title="Show the checks">
					<span class="count"></span> <span class="words"></span></button>
				<button type="button" class="button share" title="A link to what you see (S)">
					${icon("share")}<span class="word">Share</span></button>
				<button type="button" class="button only-icon theme">${icon("auto")}</button>
				<button type="button" class="button only-icon more" aria-expanded="false"
					aria-label="Settings">${icon("menu")}</button>
				<button type="button" class="button only-icon help" aria-label="Help and keys"
					title="Help and keys (?)">?</button>
			</div>`);
		this.#hear();
	}

	#hear() {
		this.listen("click", "[data-mode]", b => this.#switch(b.dataset.mode));
		this.listen("change", "select", s => (s.selectedOptions[0].dataset.tour
			? this.intent("tour", { name: s.selectedOptions[0].dataset.tour })
			: this.#open({ [s.name]: s.value })));
		this.listen("click", ".seed", () => this.#open({ seed: aSeed() }));
		this.listen("click", ".verdict", () => this.intent("showTab", { name: "Checks" }));
		this.listen("click", ".theme", () => this.intent("theme"));
		this.listen("click", ".share", () => this.intent("share"));
		this.listen("click", ".help", () => this.intent("help"));
		this.listen("click", ".more", () => this.#unfold());
		this.listen("click", ".watching", () => this.#askToken(this.find(".token").hidden));
		this.find(".live").addEventListener("submit", e => this.#connect(e));
		this.find(".token").addEventListener("submit", e => this.#keep(e));
	}

	render(view, page) {
		const uri = view.source.uri || page.uri;
		this.#offer(page.tours);
		if (uri !== this.#seen) this.#follow(uri);
		const tour = page.tour ?? page.tours.find(t => t.uri === uri.split("#")[0]);
		this.#showScenario(tour ? "tour:" + tour.name : this.#sim.scenario);
		const mode = this.#mode || (uri.startsWith("sim:") ? "sim" : "live");
		for (const button of this.querySelectorAll("[data-mode]")) {
			setAttr(button, "aria-pressed", String(button.dataset.mode === mode));
		}
		this.find(".sim").hidden = mode !== "sim";
		this.find(".live").hidden = mode !== "live";
		for (const button of this.querySelectorAll(".share")) {
			button.hidden = view.source.kind !== "simulation";
		}
		this.#watching(view.source, mode);
		this.#verdict(view);
		this.#theme(page.theme);
	}

	// The library stands behind the clusters that one plays with freely.
	#offer(tours) {
		const select = this.find("[name=scenario]");
		if (tours.length === 0 || select.querySelector("optgroup")) return;
		fill(select, html`<optgroup label="Free play">
			${SCENARIOS.map(s => option(s.name, s.title))}</optgroup>
			<optgroup label="Scenarios, step by step">${tours.filter(t => !t.bug).map(tourOption)}
			</optgroup><optgroup label="Museum of bugs">${tours.filter(t => t.bug).map(tourOption)}
			</optgroup>`);
		this.#seen = "";
	}

	#showScenario(name) {
		const select = this.find("[name=scenario]");
		const known = [...select.options].some(o => o.value === name);
		if (known && select.value !== name) select.value = name;
	}

	#theme(name) {
		const text = `Theme: ${name === "auto" ? "as the system" : name}`;
		const button = this.find(".end .theme");
		setIcon(button, name);
		setAttr(button, "aria-label", text);
		setAttr(button, "title", text + " (T)");
		setText(this.find(".inside .word"), text);
	}

	// Another source: the fields tell what it is.
	#follow(uri) {
		this.#seen = uri;
		this.#mode = "";
		if (uri.startsWith("sim:")) {
			this.#sim = simOf(uri);
			for (const s of this.querySelectorAll("select")) this.#choose(s, this.#sim[s.name]);
			setText(this.find(".seed span"), "seed " + hex(this.#sim.seed));
		} else {
			this.find("[name=address]").value = uri.split("#")[0].replace(/^ws:\/\//, "");
		}
	}

	// An address may ask for what the list does not offer: 25 nodes.
	#choose(select, value) {
		const known = [...select.options].some(o => o.value === value);
		if (!known && select.name === "nodes") select.append(element(option(value, nodes(value))));
		select.value = value;
	}

	#watching(source, mode) {
		const only = source.connected && source.caps.length === 0 && mode === "live";
		this.find(".watching").hidden = !only;
		if (!only) this.#askToken(false);
		setText(this.find(".token-why"), source.why || "This source can only be watched.");
	}

	#verdict(view) {
		const button = this.find(".verdict");
		const { holds, broken } = view.checks;
		setAttr(button, "data-broken", broken.length > 0);
		const judged = holds > 0 && view.nodes.length > 0;
		const holding = judged ? ["✓ " + holds, holds === 1 ? "check holds" : "checks hold"] : ["", ""];
		const [count, words] = broken.length > 0 ? ["✗ " + broken.length, "broken"] : holding;
		setText(button.querySelector(".count"), count);
		setText(button.querySelector(".words"), words);
	}

	#switch(mode) {
		const isSim = this.#seen.startsWith("sim:");
		if (mode === "sim" && !isSim) this.intent("open", { uri: simUri(this.#sim) });
		this.#mode = mode;
		this.intent("refresh");
		if (mode === "live") queueMicrotask(() => requestFocus(this.find("[name=address]")));
	}

	#open(change) {
		this.#sim = { ...this.#sim, ...change };
		this.intent("open", { uri: simUri(this.#sim) });
	}

	#connect(e) {
		e.preventDefault();
		const field = this.find("[name=address]");
		const typed = field.value.trim() || field.placeholder;
		setAttr(field, "aria-invalid", String(!URL.canParse(liveUri(typed))));
		if (URL.canParse(liveUri(typed))) this.intent("open", { uri: liveUri(typed) });
	}

	#askToken(open) {
		this.find(".token").hidden = !open;
		setAttr(this.find(".watching"), "aria-expanded", String(open));
		if (!open) return;
		const address = this.#seen.split("#")[0];
		const field = this.find("[name=token]");
		field.value = tokenFor(address);
		field.focus();
	}

	#keep(e) {
		e.preventDefault();
		const address = this.#seen.split("#")[0];
		keepToken(address, this.find("[name=token]").value.trim());
		this.#askToken(false);
		this.intent("open", { uri: liveUri(address) });
	}

	#unfold() {
		const open = !this.hasAttribute("data-open");
		setAttr(this, "data-open", open);
		setAttr(this.find(".more"), "aria-expanded", String(open));
	}
}

const aSeed = () => 1 + Math.floor(Math.random() * 65535);

// A seed has up to 64 bits, more than a number holds.
function hex(seed) {
	try {
		return BigInt(seed).toString(16);
	} catch {
		return seed;
	}
}

const requestFocus = field => setTimeout(() => field.focus(), 50);

define("page-header", PageHeader);
