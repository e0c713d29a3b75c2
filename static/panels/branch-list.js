// The run and its branches: each began as another one and went on differently. None is ever lost.

import { fill, html, setAttr } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { time } from "../lib/format.js";

const words = b => (b.what ? html`<span>${b.what}</span><small>${time(b.at, 2)}</small>`
	: html`<span>${b.name}</span>`);

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
		fill(this.find("div"), html`${branches.map((b, i) => html`
			<button type="button" data-index="${i}" title="${b.name}" aria-pressed="${String(b.on)}"
				>${words(b)}</button>`)}`);
		this.find("[aria-pressed=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
		setAttr(this, "data-count", branches.length);
	}
}

define("branch-list", BranchList);
