// The keyboard, in one table. Help shows it, app.js acts on it.

import { otherPace } from "./power.js";

/**
 * Each row: the keys (KeyboardEvent.key, lower case), what help calls them, what they do, and the
 * intent. An intent may be a function of the view, for keys that act on the selected node.
 */
export const KEYS = [
	row("Time", [" "], "Space", "Play or pause", { type: "toggle" }),
	row("Time", ["arrowleft"], "←", "One event back", { type: "step", by: "event", back: true }),
	row("Time", ["arrowright"], "→", "One event on", { type: "step", by: "event" }),
	row("Time", ["shift+arrowleft"], "Shift ←", "Back to the last change",
		{ type: "step", by: "change", back: true }),
	row("Time", ["shift+arrowright"], "Shift →", "On to the next change",
		{ type: "step", by: "change" }),
	row("Time", [","], ",", "One message back", { type: "step", by: "message", back: true }),
	row("Time", ["."], ".", "One message on", { type: "step", by: "message" }),
	row("Time", ["home"], "Home", "To the start", { type: "toStart" }),
	row("Time", ["end"], "End", "To now", { type: "now" }),
	row("Time", ["-"], "−", "Slower", { type: "slower" }),
	row("Time", ["+", "="], "+", "Faster", { type: "faster" }),
	row("Time", ["a"], "A", "Automatic speed, or the one in force",
		view => otherPace(view.time)),
	row("Node", ["1", "2", "3", "4", "5", "6", "7", "8", "9"], "1 to 9", "Select a node",
		(view, key) => ({ type: "select", node: Number(key) })),
	row("Node", ["escape"], "Esc", "Select nothing, close what is open", { type: "dismiss" }),
	row("Node", ["enter"], "Enter", "The selected node's menu", node("menu")),
	row("Node", ["k"], "K", "Kill it", node("kill")),
	row("Node", ["r"], "R", "Restart it", node("restart")),
	row("Node", ["p"], "P", "Pause it, or let it go on",
		(view, key, n) => n && { type: n.paused ? "resume" : "pause", node: n.id }, true),
	row("Node", ["e"], "E", "Let it stand for election", node("campaign")),
	row("Node", ["i"], "I", "Isolate it, or let it rejoin", node("isolate")),
	row("Network", ["x"], "X", "Cut: draw across links", { type: "tool", tool: "cut" }),
	row("Network", ["l"], "L", "Lasso: draw around nodes", { type: "tool", tool: "lasso" }),
	row("Network", ["h"], "H", "Heal all", { type: "healAll" }),
	row("Network", ["v"], "V", "Point again", { type: "tool", tool: "point" }),
	row("Network", ["w"], "W", "Write a value", { type: "tool", tool: "write" }),
	row("Time", ["n"], "N", "The next step of a scenario", { type: "tourNext" }),
	row("Time", ["u"], "U", "Undo: go on without what was done last", { type: "undo" }),
	row("Page", ["s"], "S", "Share: a link to what you see", { type: "share" }),
	row("Page", ["b"], "B", "Hide or show heartbeats", { type: "toggleClass", name: "heartbeat" }),
	row("Page", ["t"], "T", "Light, dark, or as the system", { type: "theme" }),
	row("Page", ["?"], "?", "This help", { type: "help" }),
];

function row(group, keys, name, text, intent, needsNode = false) {
	return { group, keys, name, text, intent, needsNode: needsNode || intent.needsNode === true };
}

function node(type) {
	const intent = (view, key, n) => n && { type, node: n.id };
	intent.needsNode = true;
	return intent;
}

const TYPING = "input:not([type=range], [type=checkbox]), textarea, [contenteditable]";
const ACTIVE = "button, a, select, input, summary, [role=tab], [role=slider], [role=menuitem]";
const OWN = new Set([" ", "enter", "arrowleft", "arrowright", "home", "end",
	"shift+arrowleft", "shift+arrowright"]);

/** ignored reports whether a key belongs to what has the focus, not to the page. */
export function ignored(e, key) {
	if (e.isComposing || e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return true;
	const at = e.target instanceof Element ? e.target : document.body;
	if (key === "escape") return false;
	if (at.closest(TYPING) || at.localName === "select") return true;
	return OWN.has(key) && at.closest(ACTIVE) !== null;
}

/** keyName is a key as the table writes it. */
export function keyName(e) {
	const key = e.key.toLowerCase();
	return e.shiftKey && key.startsWith("arrow") ? "shift+" + key : key;
}

/** rowFor is the table's row of a key, if it has one. */
export const rowFor = key => KEYS.find(r => r.keys.includes(key));
