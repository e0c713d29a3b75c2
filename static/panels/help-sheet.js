// Help: what the signs mean, what to try first, and every key.

import { fill, html, icon } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { KEYS } from "../lib/keys.js";

const SIGNS = [
	["leader", "Leader", "a double ring and a crown"],
	["follower", "Follower", "the arc runs down to its election time-out"],
	["learner", "Learner", "a square: it gets the log and has no vote"],
	["doubt", "In doubt", "a disk fault may have lost what it acknowledged"],
	["heartbeat", "Heartbeat", "hollow; the chips below the stage hide it"],
	["append", "Entries", "one wagon each, in the colour of its term"],
	["preVote", "Pre-vote", "would you vote for me?"],
	["vote", "Vote", "a triangle; answers are half as big"],
	["snapshot", "Snapshot", "a crate that fills"],
	["transfer", "Hand-over", "a bolt: stand for election now"],
	["eye", "Read", "an eye: how far must I be to answer this?"],
	["client", "Client", "filled when answered, hollow while it waits"],
	["cut", "Cut, crash", "faults are vermillion"],
	["violation", "Broken promise", "the only red on the page"],
];

const TRIES = [
	["Kill the leader.", "Tap it, choose Kill. The others wait for its heartbeat, then one stands "
		+ "for election."],
	["Cut the network.", "Take the knife, draw a line between nodes. The smaller side can no "
		+ "longer commit."],
	["Spoil a link.", "Tap it: it can be slow, lossy, doubling, clogged, one way or both."],
	["Write a value.", "Take the diamond, write x = 7. It is safe once a majority has it on disk."],
	["Go back.", "Drag the line at the bottom. Everything that you see is folded from the events."],
	["Change the past.", "Go back and kill another node: a branch begins there, and the run stays. "
		+ "Share copies a link to it."],
];

const groups = [...new Set(KEYS.map(k => k.group))];
const row = k => html`<dt><kbd>${k.name}</kbd></dt><dd>${k.text}</dd>`;

class HelpSheet extends Panel {
	build() {
		fill(this, html`
			<dialog aria-labelledby="help-title">
				<header><h2 id="help-title">How to read and play</h2>
					<button type="button" class="button only-icon close" aria-label="Close">
						${icon("close")}</button></header>
				<div class="body">
					<section><h3>Try this first</h3><ol>${TRIES.map(([what, why]) => html`
						<li><b>${what}</b> ${why}</li>`)}</ol>
						<h3>The signs</h3>
						<p>The fill of a node and of an entry is its term; the outline is its role.
							Dashed entries may still vanish, solid ones are committed, underlined ones applied.</p>
						<ul>${SIGNS.map(([sign, name, text]) => html`
							<li>${icon(sign)}<span><b>${name}</b>: ${text}</span></li>`)}</ul>
					</section>
					<section>${groups.map(g => html`<h3>${g}</h3>
						<dl>${KEYS.filter(k => k.group === g).map(row)}</dl>`)}</section>
				</div>
				<footer>One real Raft in Go runs here, compiled for the browser; the same program runs on
					servers. <a href="https://raft.github.io/raft.pdf" target="_blank"
					rel="noopener noreferrer">The paper ↗</a></footer>
			</dialog>`);
		const dialog = this.find("dialog");
		this.listen("click", ".close", () => dialog.close());
		dialog.addEventListener("click", e => { if (e.target === dialog) dialog.close(); });
	}

	/** toggle opens or closes it. */
	toggle() {
		const dialog = this.find("dialog");
		if (dialog.open) dialog.close();
		else dialog.showModal();
	}

	get open() { return this.find("dialog").open; }
}

define("help-sheet", HelpSheet);
