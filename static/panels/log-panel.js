// The logs: a row for each node, a column for each index, so that a difference is a vertical break.

import { element, fill, html, icon, pool, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { simOf } from "../lib/uri.js";
import { grouped, termColour, termLap } from "../lib/format.js";

const COMMITTED = 1, APPLIED = 2, NOOP = 4, SAVED = 8;
const MARKS = ["data-term", "data-lap", "data-committed", "data-applied"];
const NARROWEST = 29; // CSS pixels of a column
const MOST = 40;      // columns
const MANY = 7;       // nodes; with more the rows are lower

/** windowOf is which indexes are shown when there is room for `room` columns. */
export function windowOf({ from, to, commit, last = to }, room) {
	if (to - from < room) return [from, to];
	const ahead = Math.ceil(room / 3);
	const end = Math.max(from + room - 1, Math.min(to, last, commit + ahead));
	return [end - room + 1, end];
}

class LogPanel extends Panel {
	#room = 16;
	#count = 0;
	#total = 16;
	#view = null;
	#page = { uri: "" };

	build() {
		fill(this, html`
			<header><h2>Logs</h2><p class="what"></p>
				<button type="button" class="follow" hidden>Follow the commit line</button></header>
			<div class="sheet">
				<div class="map" role="slider" tabindex="0" aria-label="Window on the log"
					aria-valuemin="1"><div class="ribbon"></div><div class="window"></div></div>
				<div class="indexes" aria-hidden="true"></div>
				<div class="rows" role="list"></div>
				<div class="commit" aria-hidden="true"></div>
				<p class="notes"><span class="foot"></span><b class="mark"></b></p>
			</div>`);
		this.#listenMap();
		this.listen("click", ".follow", () => this.intent("log", { from: 0 }));
		this.listen("pointerover", ".cell", cell => { cell.title = this.#tell(cell); });
		new ResizeObserver(() => this.#fit()).observe(this.find(".indexes"));
		new ResizeObserver(() => this.#scrolls()).observe(this.find(".rows"));
	}

	// The columns stay under their numbers: the scroll bar stands beside them.
	#scrolls() {
		const rows = this.find(".rows");
		this.style.setProperty("--bar", rows.offsetWidth - rows.clientWidth + "px");
		setAttr(rows, "tabindex", rows.scrollHeight > rows.clientHeight + 1 ? "0" : null);
	}

	// How many columns there is room for depends on the panel's width alone.
	#fit() {
		const width = this.find(".indexes").offsetWidth;
		const room = Math.max(8, Math.min(MOST, Math.floor(width / NARROWEST)));
		if (room === this.#room) return;
		this.#room = room;
		if (this.#view) this.render(this.#view);
	}

	render(view, page = this.#page) {
		this.#view = view;
		this.#page = page;
		const { log } = view;
		// The room for the rows is there before they are, so that nothing moves when they come.
		const count = log.rows.length || Number(simOf(page.uri).nodes);
		if (this.#count !== count) {
			this.#count = count;
			this.style.setProperty("--rows", count);
			setAttr(this, "data-many", count > MANY);
			queueMicrotask(() => this.#scrolls());
		}
		const [from, to] = windowOf(log, this.#room);
		const columns = Math.max(this.#room, to - from + 1);
		this.#head(log, from, to);
		this.style.setProperty("--columns", columns);
		this.#indexes(log, from, columns);
		const rows = pool(this.find(".rows"), log.rows.length, () => element(html`
			<div class="row" role="listitem"><span class="who"><b></b>${icon("leader")}</span>
				<div class="cells"></div></div>`));
		log.rows.forEach((row, i) => this.#row(rows[i], row, view, from, columns));
		this.#commitLine(log, from, columns);
		this.#map(log, from, to, columns);
	}

	#head(log, from, to) {
		const empty = to < from || log.last === 0;
		const [first, last, all] = [from, Math.min(to, log.last), log.last].map(grouped);
		const follows = log.fixed ? "" : ", follows the commit line";
		setText(this.find(".what"),
			empty ? "no entries yet" : `index ${first} to ${last} of ${all}${follows}`);
		this.find(".follow").hidden = !log.fixed;
		setText(this.find(".foot"), log.foot);
		setAttr(this.find(".foot"), "title", log.foot ? "Behind: committed, as far as they know" : null);
	}

	#indexes(log, from, columns) {
		const labels = pool(this.find(".indexes"), columns, () => document.createElement("span"));
		for (let i = 0; i < columns; i++) {
			const index = from + i;
			const said = log.rows.length > 0 && index > 0 && index % 2 === 0;
			setText(labels[i], said ? String(index) : "");
		}
	}

	#row(element, row, view, from, columns) {
		const node = view.nodes.find(n => n.id === row.id);
		setText(element.querySelector("b"), node?.name ?? "S" + row.id);
		setAttr(element, "data-leader", row.leader);
		setAttr(element, "data-down", node ? !node.alive : false);
		setAttr(element, "data-selected", Boolean(node?.selected));
		setAttr(element, "aria-label", node
			? `${node.name}: log to ${node.lastIndex}, committed to ${node.commitIndex}` : null);
		const cells = pool(element.querySelector(".cells"), columns, newCell);
		const blocked = Math.min(columns, Math.max(0, row.base - from + 1));
		const byIndex = new Map(row.cells.map(c => [c.i, c]));
		for (let i = 0; i < columns; i++) {
			if (i < blocked) this.#block(cells[i], row, i, blocked);
			else paint(cells[i], byIndex.get(from + i), from + i);
		}
		const short = node?.known && blocked < 1 && node.lastIndex < from;
		if (short && view.log.last > 0) ended(cells[0], node.lastIndex);
	}

	// All before the log's start is one block: the snapshot has it.
	#block(cell, row, i, blocked) {
		const at = row.base;
		const term = row.snapshot === at ? ` @ t${row.snapshotTerm}` : "";
		const short = blocked < 4 ? `≤${grouped(at)}` : `≤ ${grouped(at)}${term}`;
		setAttr(cell, "data-s", i === 0 ? "snapshot" : "none");
		setAttr(cell, "data-t", termColour(row.snapshotTerm));
		for (const mark of MARKS) setAttr(cell, mark, null);
		setAttr(cell, "data-i", at);
		cell.style.gridColumn = i === 0 ? "1 / span " + blocked : "";
		setText(cell, i === 0 ? (blocked < 2 ? "≤" : short) : "");
	}

	#commitLine(log, from, columns) {
		const place = Math.max(0, Math.min(columns, log.commit - from + 1));
		const seen = log.commit > 0 && log.commit >= from && log.commit < from + columns;
		this.find(".commit").hidden = !seen;
		this.style.setProperty("--commit", place / columns);
		setText(this.find(".mark"), log.rows.length > 0 ? log.commitText : "");
		setAttr(this.find(".notes"), "data-left", place / columns < 0.5);
	}

	// A log that the window shows whole lies in the map as in the window, index under index.
	#map(log, from, to, columns) {
		const total = this.#total = Math.max(columns, log.last);
		this.find(".ribbon").style.width = 100 * log.last / total + "%";
		const parts = pool(this.find(".ribbon"), log.minimap.length, () => document.createElement("i"));
		log.minimap.forEach((run, i) => {
			setAttr(parts[i], "data-t", termColour(run.t));
			setAttr(parts[i], "data-lap", termLap(run.t));
			parts[i].style.flexGrow = run.to - run.from + 1;
		});
		const { style } = this.find(".window");
		this.find(".window").hidden = log.last <= columns;
		style.left = 100 * Math.max(0, from - 1) / total + "%";
		style.width = Math.max(1.5, 100 * (Math.min(to, total) - Math.max(1, from) + 1) / total) + "%";
		const map = this.find(".map");
		setAttr(map, "aria-valuemax", total);
		setAttr(map, "aria-valuenow", Math.max(1, from));
		setAttr(map, "aria-valuetext", this.find(".what").textContent);
	}

	#listenMap() {
		const map = this.find(".map");
		const go = from => this.intent("log", { from: Math.max(1, Math.round(from)) });
		const seek = e => {
			const r = map.getBoundingClientRect();
			go(this.#total * (e.clientX - r.left) / r.width - this.#room / 2);
		};
		map.addEventListener("pointerdown", e => { map.setPointerCapture(e.pointerId); seek(e); });
		map.addEventListener("pointermove", e => { if (map.hasPointerCapture(e.pointerId)) seek(e); });
		map.addEventListener("keydown", e => {
			const [from] = windowOf(this.#view.log, this.#room);
			const to = { ArrowLeft: from - 1, ArrowRight: from + 1, PageUp: from - this.#room,
				PageDown: from + this.#room, Home: 1 }[e.key];
			if (to === undefined && e.key !== "End") return;
			e.preventDefault();
			if (e.key === "End") this.intent("log", { from: 0 });
			else go(to);
		});
	}

	#tell(cell) {
		const { i, s, term } = cell.dataset;
		if (s === "snapshot") return `In the snapshot up to ${i}`;
		if (!term) return "";
		const how = Number(s);
		const marks = [how & NOOP && "no-op", how & COMMITTED ? "committed" : "not committed",
			how & APPLIED && "applied", !(how & SAVED) && "not yet on its disk"];
		return `${i}, term ${term}: ${[cell.textContent, ...marks].filter(Boolean).join(", ")}`;
	}
}

function newCell() {
	const cell = document.createElement("span");
	cell.className = "cell";
	return cell;
}

// A log that ends before the window says where, instead of looking empty.
function ended(cell, last) {
	setAttr(cell, "data-s", "ends");
	setText(cell, last > 0 ? `ends at ${grouped(last)}` : "empty");
}

function paint(cell, entry, index) {
	setAttr(cell, "data-s", entry ? entry.s : "none");
	setAttr(cell, "data-i", index);
	if (cell.style.gridColumn) cell.style.gridColumn = "";
	if (!entry) {
		setText(cell, "");
		for (const mark of MARKS) setAttr(cell, mark, null);
		return;
	}
	setAttr(cell, "data-term", entry.t);
	setAttr(cell, "data-t", termColour(entry.t));
	setAttr(cell, "data-lap", termLap(entry.t));
	setAttr(cell, "data-committed", (entry.s & COMMITTED) !== 0);
	setAttr(cell, "data-applied", (entry.s & APPLIED) !== 0);
	setText(cell, entry.s & NOOP ? "∅" : entry.c);
}

define("log-panel", LogPanel);
