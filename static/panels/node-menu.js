// The card beside a node: what it is, and what can be done to it.

import { element, fill, html, icon, pool, setAttr, setIcon, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { standing, termColour, termLap } from "../lib/format.js";
import { actions } from "../lib/power.js";

class NodeMenu extends Panel {
	#node = 0;
	#back = null;
	#place = "";
	#uri = "";
	#list = [];

	build() {
		this.hidden = true;
		fill(this, html`
			<header><b class="name"></b><span class="term"></span><span class="role"></span>
				<button type="button" class="close" aria-label="Close">
					${icon("close")}</button></header>
			<dl class="facts"><dt>commit</dt><dd></dd><dt>applied</dt><dd></dd><dt>log</dt><dd></dd>
				<dt>store</dt><dd></dd></dl>
			<p class="group"></p>
			<div class="items" role="menu"></div>
			<p class="shared" id="node-menu-shared"></p>`);
		this.listen("click", ".close", () => this.close());
		this.listen("click", "[role=menuitem]", item => this.#act(item));
		this.addEventListener("keydown", e => this.#key(e));
	}

	get open() { return this.#node > 0; }

	/** show opens the card for a node; keyboard says that the focus shall go there. */
	show(node, view, keyboard) {
		this.#back = document.activeElement;
		this.#node = node;
		this.#place = "";
		this.#uri = view.source.uri;
		this.hidden = false;
		this.render(view);
		if (keyboard) this.find("[role=menuitem]")?.focus();
	}

	/** close hides it and gives the focus back. */
	close() {
		if (!this.open) return;
		const had = this.contains(document.activeElement);
		this.#node = 0;
		this.hidden = true;
		if (had) (this.#back?.isConnected ? this.#back : document.querySelector("#stage")).focus();
	}

	render(view) {
		if (!this.open) return;
		const node = view.nodes.find(n => n.id === this.#node);
		if (!node || view.source.uri !== this.#uri) return this.close();
		this.#tell(node, view);
		const list = this.#list = actions(view, node);
		const items = pool(this.find(".items"), list.length, () => element(html`
			<button type="button" role="menuitem" tabindex="-1">${icon("kill")}
				<span class="text"></span><kbd></kbd><small></small></button>`));
		const shared = sharedReason(list);
		list.forEach((action, i) => this.#item(items[i], action, shared));
		setText(this.find(".shared"), shared);
		this.#stand(node);
	}

	#tell(node, view) {
		setAttr(this.find(".items"), "aria-label", node.name);
		setText(this.find(".name"), node.name);
		setText(this.find(".term"), "term " + node.term);
		setAttr(this.find(".term"), "data-t", termColour(node.term));
		setAttr(this.find(".term"), "data-lap", termLap(node.term));
		setText(this.find(".role"), node.down || standing(node));
		const values = [node.commitIndex, node.lastApplied, node.lastIndex, node.store];
		this.querySelectorAll("dd").forEach((dd, i) => setText(dd, String(values[i] || "–")));
		setText(this.find(".group"), membership(node, view));
	}

	// A reason that several share stands once, below them.
	#item(item, action, shared) {
		const below = shared !== "" && action.why === shared;
		setAttr(item, "data-type", action.type);
		setAttr(item, "aria-disabled", action.why ? "true" : null);
		setIcon(item, action.icon);
		setText(item.querySelector(".text"), action.text);
		setText(item.querySelector("kbd"), action.key);
		setText(item.querySelector("small"), below ? "" : action.why || action.note || "");
		setAttr(item, "aria-describedby", below ? "node-menu-shared" : null);
	}

	#act(item) {
		if (item.getAttribute("aria-disabled")) return;
		const node = this.#node;
		const action = this.#list.find(a => a.type === item.dataset.type);
		this.close();
		const { type, ...rest } = action.wish ?? { type: action.type, node };
		this.intent(type, rest);
	}

	#key(e) {
		const items = [...this.querySelectorAll("[role=menuitem]")];
		const at = items.indexOf(document.activeElement);
		const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[e.key];
		if (to !== undefined) {
			e.preventDefault();
			items[(to + items.length) % items.length].focus();
		} else if (e.key === "Tab" || e.key === "Escape") {
			e.preventDefault();
			e.stopPropagation();
			this.close();
		}
	}

	// Beside the node, on the side that has room; the phone's style makes it a sheet instead.
	#stand(node) {
		const stage = this.parentElement;
		const { offsetWidth: w, offsetHeight: h } = this;
		const gap = 14;
		const right = node.x + node.r + gap;
		const left = right + w < stage.clientWidth - 8 ? right : node.x - node.r - gap - w;
		const x = Math.max(8, Math.min(left, stage.clientWidth - w - 8));
		const y = Math.max(8, Math.min(node.y - 60, stage.clientHeight - h - 8));
		const place = `${Math.round(x)}px ${Math.round(y)}px`;
		if (place === this.#place) return;
		this.#place = place;
		this.style.translate = place;
	}
}

// Of the leader all is said; of the others what is not so everywhere.
function membership(node, { group }) {
	const doubt = node.doubtful ? "Its log may have lost what it acknowledged. " : "";
	if (node.member === false) return doubt + "It is no member: nothing that it has counts.";
	const by = node.groupText || (node.role === "leader" ? group.text : "");
	const index = node.groupText ? 0 : group.index;
	return doubt + (by && `Members: ${by}${index > 0 ? `, by entry ${index}` : ""}.`);
}

/** sharedReason is why several actions may not be done now; empty when each has its own. */
function sharedReason(list) {
	const reasons = list.map(a => a.why).filter(Boolean);
	return reasons.find((why, i) => reasons.indexOf(why) !== i) ?? "";
}

define("node-menu", NodeMenu);
