// Which kinds of message are shown; also the picture's legend.

import { fill, html, icon, setAttr } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";

/** Each chip with the classes of message (raft/trace, Class) that it stands for. */
export const CHIPS = [
	{ name: "heartbeat", text: "heartbeats", icon: "heartbeat", classes: ["heartbeat"] },
	{ name: "append", text: "entries", icon: "append", classes: ["append", "appendReply"] },
	{ name: "vote", text: "votes", icon: "vote",
		classes: ["vote", "voteReply", "preVote", "preVoteReply", "transfer"] },
	{ name: "snapshot", text: "snapshots", icon: "snapshot", classes: ["snapshot", "snapshotReply"] },
	{ name: "read", text: "reads", icon: "eye", classes: ["read", "readReply"] },
	{ name: "client", text: "clients", icon: "client", classes: ["client"] },
];

/** classesOf lists the classes that stand behind hidden chips. */
export const classesOf = hidden =>
	CHIPS.filter(c => hidden.has(c.name)).flatMap(c => c.classes);

class ClassChips extends Panel {
	build() {
		fill(this, html`<div role="group" aria-label="Messages shown">${CHIPS.map(c => html`
			<button type="button" data-name="${c.name}" title="Show or hide ${c.text}">
				${icon(c.icon)}<span>${c.text}</span></button>`)}</div>`);
		this.listen("click", "button", b => this.intent("toggleClass", { name: b.dataset.name }));
	}

	render(view, page) {
		for (const button of this.querySelectorAll("button")) {
			setAttr(button, "aria-pressed", String(!page.hidden.has(button.dataset.name)));
		}
	}
}

define("class-chips", ClassChips);
