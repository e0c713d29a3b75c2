// From the bytes that the stage writes to what the panels show.

import { raf } from "./gate.js";

const list = value => (Array.isArray(value) ? value : []);
const decoder = new TextDecoder();

const configuration = c => ({ voters: list(c?.voters), outgoing: list(c?.outgoing),
	learners: list(c?.learners) });

/** complete gives a view every part, so that no panel has to ask; Go writes empty lists as null. */
export function complete(v) {
	const checks = v.checks ?? {};
	const log = v.log ?? {};
	const events = v.events ?? {};
	const lanes = v.lanes ?? {};
	return {
		serial: v.serial ?? 0,
		source: { kind: "", title: "", uri: "", engine: "", seed: "", store: "", machine: "", why: "",
			connected: false, retrying: false, error: "", ...v.source, caps: list(v.source?.caps) },
		time: { at: 0, edge: 0, start: 0, live: true, playing: false, speed: 1, auto: false, lag: 0,
			events: 0, hash: null, ...v.time },
		summary: v.summary ?? "",
		checks: { holds: checks.holds ?? 0, broken: list(checks.broken), list: list(checks.list) },
		nodes: list(v.nodes),
		group: { index: 0, text: "", ...v.group, config: configuration(v.group?.config) },
		links: list(v.links),
		violations: list(v.violations),
		why: { title: "", text: "", section: "", ...v.why },
		log: { from: 0, to: -1, last: 0, commit: 0, commitText: "", foot: "", ...log,
			rows: list(log.rows).map(r => ({ ...r, cells: list(r.cells) })),
			minimap: list(log.minimap) },
		events: { from: events.from ?? 0, rows: list(events.rows) },
		lanes: { from: lanes.from ?? 0, to: lanes.to ?? 0, faults: list(lanes.faults),
			marks: list(lanes.marks),
			nodes: list(lanes.nodes).map(n => ({ ...n, spans: list(n.spans) })) },
		sides: list(v.sides),
		reads: list(v.reads),
		answers: list(v.answers),
		branches: list(v.branches),
	};
}

/** decode reads n bytes of JSON. */
export const decode = (bytes, n) => complete(JSON.parse(decoder.decode(bytes.subarray(0, n))));

/** empty is the view before there is one. */
export const empty = complete({});

/**
 * Board keeps the newest view and shows it to the panels, at most once a frame. What must not be
 * missed (answers, violations) goes to `urgent` at once, whatever is drawn.
 */
export class Board {
	view = empty;
	#panels = [];
	#page;
	#due = false;
	#urgent;

	constructor(page, urgent) {
		this.#page = page;
		this.#urgent = urgent;
	}

	/** add lets a panel show views from now on. */
	add(panel) {
		this.#panels.push(panel);
		this.#show(panel);
	}

	/** take accepts a view from the stage; it never throws into Go. */
	take(bytes, n) {
		try {
			this.view = decode(bytes, n);
			this.#urgent(this.view);
		} catch (error) {
			console.error("raftarium: reading a view", error);
		}
		this.refresh();
	}

	/** refresh shows the view again, because the page's own state has changed. */
	refresh() {
		if (this.#due) return;
		this.#due = true;
		raf(() => {
			this.#due = false;
			for (const panel of this.#panels) this.#show(panel);
		});
	}

	// A panel that fails must not take the others with it.
	#show(panel) {
		try {
			panel.render(this.view, this.#page);
		} catch (error) {
			console.error(`raftarium: showing ${panel.localName}`, error);
		}
	}
}
