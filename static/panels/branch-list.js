// The run and its branches: each began as another one and went on differently. None is ever lost.

import { fill, html, setAttr } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { time } from "../lib/format.js";

const words = b => (b.what ? html`<span>${b.what}</span><small>${time(b.at, 2)}</small>`
	: html`<span>${b.name}</span>`);

const hint = b => (b.what ? `${b.name}: ${b.what} at ${time(b.at, 2)}`
	: "The run, as it went on without a branch");

class BranchList extends Panel {
	#shown = "";

	build() {
		fill(this, html`<b id="branches">Branches</b>
			<div role="group" aria-labelledby="branches"></div>`);
		this.listen("click", "button", b => this.intent("branch", { index: Number(b.dataset.index) }));
	}

	render({ branches }) {
		this.hidden = branches.length < 2;
		const text = JSON.stringify(branches);
		if (text === this.#shown) return;
		this.#shown = text;
		const at = document.activeElement;
		const focused = this.contains(at) && at.dataset.index;
		fill(this.find("div"), html`${branches.map((b, i) => html`
			<button type="button" data-index="${i}" title="${hint(b)}" aria-pressed="${String(b.on)}"
				>${words(b)}</button>`)}`);
		if (focused) this.find(`[data-index="${focused}"]`)?.focus({ preventScroll: true });
		this.#centre();
		setAttr(this, "data-count", branches.length);
	}

	// What is on is seen, and the page itself does not move for that.
	#centre() {
		const box = this.find("div"), on = this.find("[aria-pressed=true]")?.getBoundingClientRect();
		const { left, width } = box.getBoundingClientRect();
		if (on) box.scrollLeft += on.left + on.width / 2 - left - width / 2;
	}
}

define("branch-list", BranchList);
