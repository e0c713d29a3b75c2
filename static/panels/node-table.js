// The nodes side by side, in numbers; what differs from the leader says by how much.

import { element, fill, html, icon, pool, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { leaderOf } from "../lib/power.js";
import { grouped, standing, termColour, termLap } from "../lib/format.js";

const COLUMNS = ["Node", "Role", "Term", "Vote", "Commit", "Applied", "Log", "Snapshot", "Store",
	""];

class NodeTable extends Panel {
	build() {
		fill(this, html`<table><thead><tr>${COLUMNS.map(c => html`<th scope="col">${c}</th>`)}
			</tr></thead><tbody></tbody></table><p class="group"></p>`);
		this.listen("click", ".name", b => this.intent("select", { node: Number(b.dataset.node) }));
		this.listen("click", ".more", b => this.intent("menu", { node: Number(b.dataset.node) }));
	}

	render(view) {
		const rows = pool(this.find("tbody"), view.nodes.length, () => element(html`<tr>
			<th scope="row"><button type="button" class="name"></button></th>
			<td class="role"></td><td><span class="term"></span></td><td></td>
			<td><span></span><small></small></td><td></td><td><span></span><small></small></td>
			<td></td><td></td>
			<td><button type="button" class="more">${icon("more")}</button></td></tr>`));
		const leader = leaderOf(view);
		view.nodes.forEach((n, i) => this.#row(rows[i], n, leader, view));
		const { text, index } = view.group;
		const by = index > 0 ? `, by entry ${grouped(index)}` : "";
		setText(this.find(".group"), text && `Members: ${text}${by}.`);
	}

	#row(row, n, leader, view) {
		setAttr(row, "data-leader", n.role === "leader" && n.alive);
		setAttr(row, "data-down", !n.alive || !n.known || n.member === false);
		setAttr(row, "aria-selected", String(Boolean(n.selected)));
		const [name, role, term, vote, commit, applied, log, snapshot, store, more] = row.children;
		for (const button of [name.firstElementChild, more.firstElementChild]) {
			setAttr(button, "data-node", n.id);
		}
		setAttr(more.firstElementChild, "aria-label", n.name + ": menu");
		setText(name.firstElementChild, n.name);
		setText(role, standing(n));
		setAttr(role, "title", n.down || null);
		setText(term.firstElementChild, n.known ? String(n.term) : "?");
		setAttr(term.firstElementChild, "data-t", termColour(n.term));
		setAttr(term.firstElementChild, "data-lap", termLap(n.term));
		const candidate = view.nodes.find(o => o.id === n.votedFor);
		setText(vote, candidate ? candidate.name : "–");
		this.#number(commit, n, leader, "commitIndex");
		setText(applied, n.known ? grouped(n.lastApplied) : "?");
		this.#number(log, n, leader, "lastIndex");
		setText(snapshot, n.snapshotIndex > 0 ? "≤ " + grouped(n.snapshotIndex) : "–");
		setText(store, n.store || "–");
	}

	#number(cell, n, leader, key) {
		const by = leader && n.known ? n[key] - leader[key] : 0;
		setText(cell.firstElementChild, n.known ? grouped(n[key]) : "?");
		const sign = by > 0 ? "+" : "−";
		setText(cell.lastElementChild, by === 0 ? "" : sign + grouped(Math.abs(by)));
	}
}

define("node-table", NodeTable);
