// What happened, oldest first, up to the play-head.

import { element, fill, html, icon, setAttr, setIcon, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { section, time } from "../lib/format.js";

const LATE = 8;  // rows from the end: what several nodes say at once is one row, a little back
const NEAR = 48; // CSS pixels from the end within which the list goes on following it

class EventList extends Panel {
	#rows = new Map();
	#list;
	#follows = true;
	#current = -1;

	build() {
		fill(this, html`<p class="none">Nothing has happened yet.</p>
			<ol role="log" aria-label="Events"></ol>`);
		this.#list = this.find("ol");
		this.listen("click", "button", b => this.intent("selectEvent", { event: Number(b.dataset.k) }));
		this.addEventListener("keydown", e => this.#key(e));
		this.addEventListener("scroll", () => {
			this.#follows = this.scrollHeight - this.scrollTop - this.clientHeight < NEAR;
		}, { passive: true });
	}

	render(view) {
		const { rows } = view.events;
		// While time runs, reading each event aloud would be noise; step by step it is the story.
		setAttr(this.#list, "aria-live", view.time.playing ? "off" : "polite");
		this.find(".none").hidden = rows.length > 0;
		this.#drop(new Set(rows.map(r => r.k)));
		rows.forEach((row, i) => this.#show(row, i));
		this.#scroll(rows);
	}

	#drop(kept) {
		for (const [k, item] of this.#rows) {
			if (kept.has(k)) continue;
			item.remove();
			this.#rows.delete(k);
		}
	}

	#show(row, place) {
		const item = this.#rows.get(row.k) ?? this.#make(row);
		if (this.#list.children[place] !== item) {
			this.#list.insertBefore(item, this.#list.children[place] ?? null);
		}
		const button = item.firstElementChild;
		setAttr(button, "aria-current", row.current ? "true" : null);
		const text = row.also ? `${row.text} (${row.also} too)` : row.text;
		setText(button.querySelector(".text"), text);
		button.tabIndex = row.current || (this.#current < 0 && place === 0) ? 0 : -1;
	}

	#make(row) {
		const item = element(html`<li><button type="button" data-k="${row.k}">
			<time>${time(row.at)}</time>${icon("follower")}<b>${row.node ?? ""}</b>
			<span class="what"><span class="text"></span> <small>${section(row.section)}</small></span>
			</button></li>`);
		setIcon(item, row.icon);
		this.#rows.set(row.k, item);
		return item;
	}

	#scroll(rows) {
		const current = rows.find(r => r.current)?.k ?? -1;
		const moved = current !== this.#current;
		this.#current = current;
		const late = rows.slice(-LATE).some(r => r.k === current);
		if (this.#follows && (late || !moved || current < 0)) this.scrollTop = this.scrollHeight;
		else if (moved && current >= 0) this.#reveal(this.#rows.get(current));
	}

	// scrollIntoView would also move the page, so only this list is moved.
	#reveal(item) {
		const top = item.offsetTop - this.#list.offsetTop;
		if (top < this.scrollTop) this.scrollTop = top - 8;
		const below = top + item.offsetHeight - this.clientHeight;
		if (below > this.scrollTop) this.scrollTop = below + 8;
	}

	#key(e) {
		const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
		const at = document.activeElement?.closest("li");
		if (!step || !at || !this.contains(at)) return;
		e.preventDefault();
		const to = step > 0 ? at.nextElementSibling : at.previousElementSibling;
		to?.firstElementChild.focus();
	}
}

define("event-list", EventList);
