// What to try first, for those who are here for the first time: one press each.

import { fill, html, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { anyCut, leaderOf, votersOf } from "../lib/power.js";

const KEY = "raftarium.tried";

const STEPS = [
	{ step: "kill", text: "Kill the leader" },
	{ step: "cut", text: "Cut the network" },
	{ step: "write", text: "Write a value" },
];

class FirstSteps extends Panel {
	#view = null;

	build() {
		this.hidden = "tried" in document.documentElement.dataset; // lib/first.js
		fill(this, html`<div role="group" aria-labelledby="first-steps">
			<b id="first-steps">Try</b>${STEPS.map(s => html`
			<button type="button" class="button" data-step="${s.step}">${s.text}</button>`)}
			<button type="button" class="close" aria-label="Hide these suggestions"
				title="Hide">×</button></div>`);
		this.listen("click", "[data-step]", b => this.#take(b));
		this.listen("click", ".close", () => {
			this.hidden = true;
			keep();
		});
	}

	render(view, page) {
		this.#view = view;
		if (!page.uri.startsWith("sim:")) this.hidden = true;
		if (this.hidden) return;
		const cut = this.find("[data-step=cut]");
		setText(cut, anyCut(view) ? "Heal the network" : "Cut the network");
		cut.hidden = votersOf(view).length === 1;
	}

	#take(button) {
		setAttr(button, "data-done", true);
		const { step } = button.dataset;
		if (step === "write") return this.intent("tool", { tool: "write" });
		if (step === "cut" && anyCut(this.#view)) return this.intent("healAll");
		const leader = leaderOf(this.#view);
		if (!leader) return this.intent("say", { text: "Nobody leads now: wait for an election." });
		if (step === "kill") return this.intent("kill", { node: leader.id });
		return this.intent("partition", { groups: halves(this.#view, leader) });
	}
}

// The leader keeps less than a quorum, so that the others can elect one of their own.
function halves(view, leader) {
	const voters = votersOf(view).filter(id => id !== leader.id);
	const rest = view.nodes.map(n => n.id).filter(id => id !== leader.id && !voters.includes(id));
	const others = [...voters, ...rest];
	const few = Math.floor(voters.length / 2) - 1;
	return [[leader.id, ...others.slice(0, Math.max(0, few))], others.slice(Math.max(0, few))];
}

function keep() {
	try {
		localStorage.setItem(KEY, "yes");
	} catch {
		// A browser that keeps nothing is told again.
	}
}

define("first-steps", FirstSteps);
