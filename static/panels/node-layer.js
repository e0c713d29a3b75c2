// The nodes as buttons, for keyboards and screen readers: each stands, unseen, over its picture.

import { element, html, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { standing } from "../lib/format.js";

const sentence = n => !n.known ? `${n.name}: unknown` :
	`${n.name}: ${standing(n)}, term ${n.term}, committed to ${n.commitIndex}, log to ${n.lastIndex}`;

class NodeLayer extends Panel {
	#places = new WeakMap();
	#list;

	build() {
		this.#list = element(html`<ul aria-label="Nodes"></ul>`);
		this.append(this.#list);
		this.listen("click", "button", b => this.intent("menu", { node: Number(b.dataset.node) }));
		this.listen("focusin", "button", b => this.intent("focus", { node: Number(b.dataset.node) }));
		this.addEventListener("focusout", () => this.intent("focus", { node: 0 }));
		this.addEventListener("keydown", e => this.#move(e));
	}

	render(view) {
		const items = [...this.#list.children];
		const nodes = view.nodes.filter(n => !n.gone);
		items.slice(nodes.length).forEach(item => item.remove());
		nodes.forEach((n, i) => this.#show(items[i] ?? this.#add(), n));
	}

	#add() {
		const item = element(html`<li><button type="button" aria-haspopup="menu"></button></li>`);
		this.#list.append(item);
		return item;
	}

	#show(item, n) {
		const button = item.firstElementChild;
		setAttr(button, "data-node", n.id);
		setAttr(button, "aria-pressed", String(Boolean(n.selected)));
		setText(button, sentence(n));
		const place = `${Math.round(n.x)} ${Math.round(n.y)} ${Math.round(n.r)}`;
		if (this.#places.get(button) === place) return;
		this.#places.set(button, place);
		button.style.translate = `${n.x - n.r}px ${n.y - n.r}px`;
		button.style.width = button.style.height = 2 * n.r + "px";
	}

	// Arrows go from node to node, as they go along the ring.
	#move(e) {
		const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
		const step = steps[e.key];
		if (!step || e.shiftKey) return;
		const buttons = [...this.querySelectorAll("button")];
		const at = buttons.indexOf(document.activeElement);
		if (at < 0) return;
		e.preventDefault();
		buttons[(at + step + buttons.length) % buttons.length].focus();
	}
}

define("node-layer", NodeLayer);
