// What to write or read, and where; open while the write tool is in the hand.

import { element, fill, html, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { lacking } from "../lib/power.js";

class WriteBox extends Panel {
	#nodes = "";
	#asked = null;
	#at = 0;

	build() {
		this.hidden = true;
		fill(this, html`
			<form class="box">
				<input class="field" name="key" value="x" maxlength="64" aria-label="Key"
					autocomplete="off" autocapitalize="off" spellcheck="false"><span aria-hidden="true">=</span>
				<input class="field" name="value" value="7" maxlength="64" aria-label="Value"
					autocomplete="off" spellcheck="false">
				<label class="pick"><span class="unseen">Where</span>
					<select name="node"></select></label>
				<button class="button write">Write</button>
				<button type="button" class="button read">Read</button>
				<output class="told"></output>
			</form>`);
		this.listen("click", ".read", () => this.#read());
		this.find("form").addEventListener("submit", e => this.#write(e));
	}

	/** aim sets to whom is written; 0 is the leader. */
	aim(node) {
		this.find("select").value = String(node);
		this.find("[name=value]").select();
	}

	render(view, page) {
		this.hidden = page.tool !== "write";
		if (this.hidden) return;
		this.#fillNodes(view.nodes);
		this.#at = view.time.at;
		const why = lacking(view, "propose");
		for (const button of this.querySelectorAll(".button")) {
			setAttr(button, "disabled", why !== "");
			setAttr(button, "title", why || null);
		}
		setText(this.find(".told"), this.#told(view));
	}

	// What came of the last read that was asked for here.
	#told(view) {
		if (!this.#asked) return "";
		const { key, since } = this.#asked;
		const read = view.reads.findLast(r => r.key === key && r.at >= since);
		return read ? toldText(read) : `asking for ${key}`;
	}

	#read() {
		const key = this.find("[name=key]").value;
		this.#asked = { key, since: this.#at };
		this.intent("read", { key, node: Number(this.find("select").value) });
	}

	#fillNodes(nodes) {
		nodes = nodes.filter(n => !n.gone);
		const names = nodes.map(n => n.name).join();
		if (names === this.#nodes) return;
		this.#nodes = names;
		const select = this.find("select");
		const chosen = select.value;
		const all = [{ id: 0, name: "the leader" }, ...nodes];
		select.replaceChildren(...all.map(n => element(html`<option value="${n.id}"></option>`)));
		all.forEach((n, i) => setText(select.children[i], n.name));
		select.value = all.some(n => String(n.id) === chosen) ? chosen : "0";
	}

	#write(e) {
		e.preventDefault();
		this.#asked = null;
		const value = this.find("[name=value]");
		this.intent("propose", { key: this.find("[name=key]").value, value: value.value,
			node: Number(this.find("select").value) });
		if (/^\d{1,9}$/.test(value.value)) value.value = String(Number(value.value) + 1);
		value.select(); // ready for the next
	}
}

/** toldText says how a read ended. */
function toldText({ key, value, told, index, outcome, why }) {
	const as = index > 0 ? ` (as of ${index})` : "";
	if (outcome !== "ok") return `${key}: ${outcome}${why && ", " + why}`;
	if (!told) return `${key} was read${as}`;
	return value === "" ? `${key} has no value${as}` : `${key} = ${value}${as}`;
}

define("write-box", WriteBox);
