// One sentence about what has just happened, or what is selected, and where the paper says so.

import { fill, html, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { section, source } from "../lib/format.js";

class WhyLine extends Panel {
	build() {
		fill(this, html`<span class="tag">WHY</span><p><b></b><span></span></p>
			<a target="_blank" rel="noopener noreferrer"></a>`);
	}

	render(view) {
		const { title, text, section: place } = why(view);
		setText(this.find("b"), title);
		setText(this.find("p span"), (title && text ? ": " : "") + text);
		const link = this.find("a");
		setAttr(link, "href", place ? source(place) : null);
		setText(link, place ? where(place) + " ↗" : "");
	}
}

// Several sections may be named: "5.2, 5.4.1".
const where = place => (place.startsWith("thesis")
	? "Thesis " + section(place.slice(6).trim())
	: "Raft " + section(place).replace(/, /g, ", §"));

const nothing = { title: "There is nothing to explain yet", section: "",
	text: "“raftarium run” starts a cluster on this machine; “In this page” simulates one." };

// Before there is a reason for anything, the newest event is the story.
function why({ why, events, source }) {
	if (why.title || why.text) return why;
	if (source.error) return nothing;
	const row = events.rows.find(r => r.current) ?? events.rows.at(-1);
	return row ? { title: row.node, text: row.text, section: row.section } : why;
}

define("why-line", WhyLine);
