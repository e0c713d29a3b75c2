// The tools of the stage, at a fixed place.

import { fill, html, icon, setAttr } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { anyCut, lacking } from "../lib/power.js";

const TOOLS = [
	{ tool: "point", icon: "point", text: "Point: select, open a node's menu", key: "V" },
	{ tool: "cut", icon: "knife", text: "Cut: draw across links; Shift cuts one way", key: "X",
		cap: "cut" },
	{ tool: "lasso", icon: "lasso", text: "Lasso: draw around nodes to isolate them", key: "L",
		cap: "cut" },
	{ tool: "write", icon: "write", text: "Write a value", key: "W", cap: "propose" },
];

class ToolRail extends Panel {
	build() {
		fill(this, html`
			<div role="toolbar" aria-label="Tools" aria-orientation="vertical">
				${TOOLS.map(t => html`<button type="button" class="button only-icon"
					data-tool="${t.tool}" aria-label="${t.text}"
					aria-keyshortcuts="${t.key}">${icon(t.icon)}</button>`)}
				<button type="button" class="button only-icon heal" aria-label="Heal all cuts"
					aria-keyshortcuts="H">${icon("heal")}</button>
				<button type="button" class="button only-icon undo" aria-label="Undo what was done last"
					aria-keyshortcuts="U">${icon("undo")}</button>
			</div>`);
		this.listen("click", "[data-tool]",
			b => this.#take(b, { type: "tool", tool: b.dataset.tool }));
		this.listen("click", ".undo", b => this.#take(b, { type: "undo" }));
		this.listen("click", ".heal", b => this.#take(b, { type: "healAll" }));
	}

	render(view, page) {
		for (const t of TOOLS) {
			const button = this.find(`[data-tool=${t.tool}]`);
			setAttr(button, "aria-pressed", String(page.tool === t.tool));
			const why = t.cap && view.source.kind ? lacking(view, t.cap) : "";
			this.#allow(button, why, `${t.text} (${t.key})`);
		}
		const why = anyCut(view) ? lacking(view, "cut") : "Nothing is cut.";
		this.#allow(this.find(".heal"), why, "Heal all cuts (H)");
		const forks = view.source.caps.includes("fork");
		this.#allow(this.find(".undo"), forks ? "" : "What is done to this source stays done.",
			"Undo: go on without what was done last (U)");
	}

	#allow(button, why, title) {
		setAttr(button, "aria-disabled", why ? "true" : null);
		setAttr(button, "title", why || title);
	}

	// A tool that may not be used says why instead of being dumb.
	#take(button, { type, ...rest }) {
		if (button.getAttribute("aria-disabled")) this.intent("say", { text: button.title });
		else this.intent(type, rest);
	}
}

define("tool-rail", ToolRail);
