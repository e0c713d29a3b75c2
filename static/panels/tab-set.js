// The panels below the logs, one at a time.

import { element, html, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";

class TabSet extends Panel {
	#tabs = new Map();

	build() {
		const bar = element(html`<div role="tablist" aria-label="More about the run"></div>`);
		for (const panel of [...this.children]) bar.append(this.#tab(panel));
		this.prepend(bar);
		this.listen("click", "[role=tab]", tab => this.intent("showTab", { name: tab.dataset.name }));
		bar.addEventListener("keydown", e => this.#key(e));
	}

	#tab(panel) {
		const name = panel.dataset.tab;
		panel.id ||= "panel-" + name.toLowerCase();
		setAttr(panel, "role", "tabpanel");
		setAttr(panel, "aria-label", name);
		const tab = element(html`<button type="button" role="tab" data-name="${name}"
			aria-controls="${panel.id}"><span>${name}</span><i></i></button>`);
		this.#tabs.set(name, { tab, panel });
		return tab;
	}

	render(view, page) {
		for (const [name, { tab, panel }] of this.#tabs) {
			const on = name === page.tab;
			setAttr(tab, "aria-selected", String(on));
			tab.tabIndex = on ? 0 : -1;
			panel.hidden = !on;
		}
		const broken = view.checks.broken.length;
		setText(this.#tabs.get("Checks").tab.querySelector("i"), broken > 0 ? String(broken) : "");
	}

	#key(e) {
		const names = [...this.#tabs.keys()];
		const at = names.indexOf(document.activeElement?.dataset?.name);
		const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
		if (at < 0 || !step) return;
		e.preventDefault();
		const name = names[(at + step + names.length) % names.length];
		this.intent("showTab", { name });
		this.#tabs.get(name).tab.focus();
	}
}

define("tab-set", TabSet);
