// What to write, and to whom; open while the write tool is in the hand.

import { element, fill, html, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { lacking } from "../lib/power.js";

class WriteBox extends Panel {
	#nodes = "";

	build() {
		this.hidden = true;
		fill(this, html`
			<form class="box">
				<input class="field" name="key" value="x" maxlength="64" aria-label="Key"
					autocomplete="off" autocapitalize="off" spellcheck="false"><span aria-hidden="true">=</span>
				<input class="field" name="value" value="7" maxlength="64" aria-label="Value"
					autocomplete="off" spellcheck="false">
				<label class="pick"><span class="unseen">To</span>
					<select name="node"></select></label>
				<button class="button">Write</button>
			</form>`);
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
		const why = lacking(view, "propose");
		setAttr(this.find(".button"), "disabled", why !== "");
		setAttr(this.find(".button"), "title", why || null);
	}

	#fillNodes(nodes) {
		const names = nodes.map(n => n.name).join();
		if (names === this.#nodes) return;
		this.#nodes = names;
		const select = this.find("select");
		const chosen = select.value;
		const all = [{ id: 0, name: "the leader" }, ...nodes];
		select.replaceChildren(...all.map(n => element(html`<option value="${n.id}"></option>`)));
		all.forEach((n, i) => setText(select.children[i], "to " + n.name));
		select.value = all.some(n => String(n.id) === chosen) ? chosen : "0";
	}

	#write(e) {
		e.preventDefault();
		const value = this.find("[name=value]");
		this.intent("propose", { key: this.find("[name=key]").value, value: value.value,
			node: Number(this.find("select").value) });
		if (/^\d{1,9}$/.test(value.value)) value.value = String(Number(value.value) + 1);
		value.select(); // ready for the next
	}
}

define("write-box", WriteBox);
