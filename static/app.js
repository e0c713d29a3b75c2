// Puts the page together: the stage, the source, the panels, the keys and the public API.

import { adopt, drawable, pixels } from "./lib/canvas.js";
import { Answers } from "./lib/api.js";
import { api, built, compiled } from "./lib/begin.js";
import { args, known } from "./lib/intents.js";
import { Board } from "./lib/view.js";
import { Carrier } from "./lib/source.js";
import { fromPage, liveUri, toQuery, tourIn } from "./lib/uri.js";
import { ignored, keyName, rowFor } from "./lib/keys.js";
import { install, wake } from "./lib/gate.js";
import { label } from "./lib/glyphs.js";
import { listen, mods } from "./lib/pointer.js";
import { nearestSpeed, SPEEDS, time } from "./lib/format.js";
import { actions, isolated } from "./lib/power.js";
import { start } from "./lib/engine.js";
import { setAttr, setText } from "./lib/html.js";
import { Stage } from "./lib/bridge.js";
import { tourNamed, tours } from "./lib/tours.js";
import * as look from "./lib/look.js";

import "./panels/alert-banner.js";
import "./panels/branch-list.js";
import "./panels/check-list.js";
import "./panels/event-list.js";
import "./panels/first-steps.js";
import "./panels/help-sheet.js";
import "./panels/link-menu.js";
import "./panels/log-panel.js";
import "./panels/node-layer.js";
import "./panels/node-menu.js";
import "./panels/node-table.js";
import "./panels/page-header.js";
import "./panels/quick-toast.js";
import "./panels/side-badges.js";
import "./panels/stage-notice.js";
import "./panels/tab-set.js";
import "./panels/time-line.js";
import "./panels/tool-rail.js";
import "./panels/tour-card.js";
import "./panels/transport-bar.js";
import "./panels/why-line.js";
import "./panels/write-box.js";
import { classesOf } from "./panels/class-chips.js";

const PANELS = ["page-header", "node-layer", "tool-rail", "side-badges", "write-box", "class-chips",
	"alert-banner", "node-menu", "link-menu", "log-panel", "tab-set", "event-list", "node-table",
	"check-list", "why-line", "branch-list", "transport-bar", "time-line", "first-steps",
	"tour-card"];
const SPOKEN = 2000; // milliseconds between two sentences for screen readers

const find = selector => document.querySelector(selector);
const stageBox = find("#stage");
const [menu, links, toast, notice, help] =
	["node-menu", "link-menu", "quick-toast", "stage-notice", "help-sheet"].map(find);

/** What only the page knows; all else is in the view. */
const page = { tool: "point", hidden: new Set(), theme: look.theme(), tab: "Events",
	uri: fromPage(location.search), tour: null, tours: [] };

const stage = new Stage();
const answers = new Answers();
const board = new Board(page, urgent);
const carrier = new Carrier(async name => (await built)[name].url, {
	open: stream => stage.connected(stream),
	frame: (bytes, stream) => stage.feed(bytes, stream),
	lost: (text, stream) => stage.disconnected(text, stream),
});

api.attach(() => board.view, send);
for (const name of PANELS) board.add(find(name));
document.addEventListener("intent", e => wish(e.detail));
document.addEventListener("keydown", e => press(e));
document.addEventListener("keyup", e => passKey(e, 0));
document.addEventListener("pointerdown", e => {
	if (!menu.contains(e.target)) menu.close();
	if (!links.contains(e.target)) links.close();
}, true);
look.onChange(tellLook);
begin().catch(cannotBegin);

// Starting ---------------------------------------------------------------------------------------

async function begin() {
	const isSim = page.uri.startsWith("sim:");
	if (isSim) carrier.warm();
	const canvas = adopt(stageBox, tellSize);
	const clear = new ResizeObserver(tellSize); // the ring keeps clear of what comes and goes
	for (const name of ["tour-card", "alert-banner"]) clear.observe(find(name));
	install({ before: canvas.check, after: turns => drawn(turns) });
	offer();
	await document.fonts.ready;
	stage.attach(await start(compiled, died));
	if (dead) return;
	canvas.canvas();
	keepContext();
	tellSize();
	tellLook();
	listen(stageBox, stage, tapped);
	setText(find("#load-text"), isSim ? "Starting the cluster" : "Connecting");
	if (!isSim) reveal(); // for another choice, while nobody answers
	await firstSource(isSim ? page.uri : liveUri(page.uri));
	offerTours().catch(error => toast.say(error.message));
}

/** firstSource opens what the address names; when that is nothing, it is not ready ever. */
async function firstSource(uri) {
	const named = tourIn(location.search);
	if (named && await take(named)) return;
	const { accepted, why } = await send("open", args({ type: "open", uri }));
	if (accepted || board.view.nodes.length > 0) return;
	api.fail(`${uri.split("#")[0]} was not opened: ${why}`);
}

/** offer is what the stage's program finds of the page. */
function offer() {
	const buffer = new Uint8Array(1 << 20);
	globalThis.raftariumPage = {
		buffer,
		send: (bytes, stream) => carrier.send(bytes, stream),
		open: (uri, stream, after) => carrier.open(uri, stream, after),
		close: stream => carrier.close(stream),
		view: (bytes, n) => board.take(bytes, n),
		wake,
		label,
		cursor: name => { stageBox.style.cursor = name; },
		died,
	};
}

// The poster goes when there is something to see in its place.
function drawn(turns) {
	const { nodes, source } = board.view;
	if (turns < 3 || !(nodes.length > 0 || source.error) || "drawn" in stageBox.dataset) return;
	stageBox.dataset.drawn = "";
	find("#poster").dataset.gone = "";
	reveal();
}

/** reveal shows the panels (poster.css). */
const reveal = () => setAttr(document.documentElement, "data-ready", true);

class Notice extends Error {
	constructor(title, text, details = "") {
		super(text);
		Object.assign(this, { title, details });
	}
}

function cannotBegin(error) {
	console.error("raftarium:", error);
	api.fail(error.message);
	const unread = new Notice("The page could not start",
		"A part of it could not be loaded or compiled. Check the connection and reload the page.",
		String(error.stack ?? error));
	const { title, message, details } = error instanceof Notice ? error : unread;
	notice.show({ title, text: message, details });
}

let dead = false;

/** died: the stage's program has ended; what was shown last stays. */
function died(text) {
	if (dead) return;
	dead = true;
	stage.die();
	carrier.close();
	answers.refuse("The picture has stopped.");
	if (!drawable()) return cannotBegin(new Notice("The picture cannot be drawn here",
		"Raftarium draws with WebGL 2, which this browser does not offer now. Switch on hardware "
		+ "acceleration, or open the page in a current Firefox, Chrome, Edge or Safari."));
	api.fail("The picture has stopped.");
	notice.show({ title: "The picture has stopped",
		text: "That is a fault in this page's program, not in your cluster. Reload to go on; the "
			+ "details help to mend it.", details: text.trim() });
}

// Ebitengine would reload the page when the graphics driver drops its context.
function keepContext() {
	stageBox.addEventListener("webglcontextlost", e => {
		e.stopImmediatePropagation();
		e.preventDefault();
		notice.show({ title: "The graphics driver has dropped the picture",
			text: "This happens after sleep or when memory is short. Reload the page: a simulated "
				+ "run begins again from its seed, a live cluster goes on as it is." });
	}, true);
}

// The ring keeps clear of what stands over the picture: the tools at the left, the chips below,
// and above what to try first. That goes without moving the ring: its room is used later.
function tellSize() {
	const { w, h, scale } = pixels;
	const chips = find("class-chips").getBoundingClientRect();
	const box = stageBox.getBoundingClientRect();
	const banner = besideTour();
	const low = banner && banner.top > box.top + box.height / 2 ? banner.top : chips.top;
	const bottom = Math.max(0, box.bottom - low + 8);
	const left = Math.max(0, find("tool-rail").getBoundingClientRect().right - box.left);
	const over = ["first-steps", "tour-card"].map(name => find(name).getBoundingClientRect());
	if (banner && low !== banner.top) over.push(banner);
	const top = Math.max(0, ...over.filter(r => r.top < box.bottom).map(r => r.bottom - box.top - 8));
	stage.resize(w, h, scale, top * scale, 0, bottom * scale, left * scale);
}

/** besideTour is where the banner stands while a scenario is taken: then it stays to the end. */
function besideTour() {
	const banner = find("alert-banner");
	return !banner.hidden && !find("tour-card").hidden
		&& banner.firstElementChild.getBoundingClientRect();
}

function tellLook() {
	stage.look(...look.now());
	board.refresh();
}

// Views ------------------------------------------------------------------------------------------

/** urgent is called for each view, also for those that are never shown. */
function urgent(view) {
	answers.take(view.answers);
	api.publish(view);
	if (view.source.uri) follow(view.source.uri);
	speak(view);
}

// The page's address asks for what is shown, so that reloading or sharing it gives the same.
function follow(uri) {
	const bare = uri.split("#")[0];
	if (bare === page.uri) return;
	page.uri = bare;
	if (page.tour?.uri === bare) return; // its name is in the address
	page.tour = null;
	history.replaceState(null, "", toQuery(bare));
}

let spoken = { text: "", at: -SPOKEN, timer: 0 };

// Messages in flight change all the time; only what else changes is worth saying.
function speak({ summary }) {
	const news = summary.replace(/, \d+ messages? in flight$/, "");
	if (news === spoken.text) return;
	spoken.text = news;
	clearTimeout(spoken.timer);
	const wait = Math.max(0, spoken.at + SPOKEN - performance.now());
	spoken.timer = setTimeout(() => {
		spoken.at = performance.now();
		setText(find("#summary"), summary);
	}, wait);
}

/** take begins a scenario of the library, at its first caption; false if there is none such. */
async function take(name) {
	const tour = await tourNamed(name).catch(() => null);
	if (!tour) return false;
	const before = page.tour;
	page.tour = tour;
	const { accepted, why } = await send("open", args({ type: "open", uri: tour.uri }));
	if (page.tour !== tour) return true; // somebody has chosen again
	if (!accepted) {
		page.tour = before;
		board.refresh();
		toast.say(why);
		return false;
	}
	history.replaceState(null, "", "?scenario=" + encodeURIComponent(name));
	return true;
}

/** offerTours shows the library in the header, once there is time for it. */
async function offerTours() {
	page.tours = await tours();
	board.refresh();
}

// Wishes -----------------------------------------------------------------------------------------

/** send asks the stage; the promise is its answer. */
function send(type, values) {
	const ticket = stage.intent(type, ...values);
	if (ticket === 0) return Promise.resolve({ accepted: false, why: "The picture is not running." });
	return answers.wait(ticket);
}

/** What panels and keys may wish that is not the stage's alone. */
const own = {
	refresh: () => board.refresh(),
	say: ({ text }) => toast.say(text),
	help: () => help.toggle(),
	tour({ name }) {
		if (name) take(name);
		else page.tour = null;
		board.refresh();
	},
	tourNext: () => find("tour-card").next(),
	async share() {
		const { accepted, why, link } = await send("share", args({ type: "share" }));
		if (!accepted) return toast.say(why);
		const at = time(board.view.time.at, 2);
		const url = new URL(toQuery(link), location.href).href;
		if (await copied(url)) return toast.say(`Copied: a link to this run at ${at}`);
		history.replaceState(null, "", url); // where nothing may be copied, the address is the link
		toast.say(`The page's address is now a link to this run at ${at}`);
	},
	theme() {
		page.theme = look.THEMES[(look.THEMES.indexOf(page.theme) + 1) % look.THEMES.length];
		look.choose(page.theme);
		tellLook();
	},
	showTab({ name }) {
		page.tab = name;
		board.refresh();
	},
	tool({ tool }) {
		page.tool = tool;
		board.refresh();
		ask({ type: "tool", tool });
	},
	toggleClass({ name }) {
		if (!page.hidden.delete(name)) page.hidden.add(name);
		board.refresh();
		ask({ type: "filter", hidden: classesOf(page.hidden) });
	},
	menu({ node, keyboard = true }) {
		ask({ type: "select", node });
		menu.show(node, board.view, keyboard);
	},
	isolate: ({ node }) => eachLink(node, isolated(board.view, node) ? "heal" : "cut"),
	rejoin: ({ node }) => eachLink(node, "heal"),
	write({ node }) {
		own.tool({ tool: "write" });
		setTimeout(() => find("write-box").aim(node), 50);
	},
	toStart: () => ask({ type: "seek", time: board.view.time.start }),
	slower: () => own.pace(-1),
	faster: () => own.pace(1),
	pace(step) {
		const place = nearestSpeed(board.view.time.speed || 1) + step;
		ask({ type: "speed", factor: SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, place))] });
	},
	dismiss() {
		if (menu.open) return menu.close();
		if (links.open) return links.close();
		if (page.tool !== "point") return own.tool({ tool: "point" });
		ask({ type: "escape" });
		ask({ type: "select", node: 0 });
	},
};

/** wish does what a panel or a key asks. */
function wish(detail) {
	if (own[detail.type]) own[detail.type](detail);
	else if (known(detail.type)) ask(detail);
}

/** ask sends a wish to the stage and says why it was refused. */
async function ask(detail) {
	const { accepted, why } = await send(detail.type, args(detail));
	const told = detail.type === "open" && why === board.view.source.error; // by the banner
	if (!accepted && why && !told) toast.say(why);
}

const copied = text => Promise.resolve(navigator.clipboard?.writeText(text).then(() => true))
	.catch(() => false);

const eachLink = (node, type) => board.view.nodes.filter(n => n.id !== node)
	.forEach(n => ask({ type, from: node, to: n.id, both: true }));

// Gestures and keys ------------------------------------------------------------------------------

const TOUCH = 12; // CSS pixels around a node that still mean it
const NEAR = 7;   // and beside a link

function nodeAt(x, y) {
	const away = n => Math.hypot(n.x - x, n.y - y) - n.r;
	const near = board.view.nodes.filter(n => !n.gone && away(n) < TOUCH);
	return near.sort((a, b) => away(a) - away(b))[0];
}

/** linkTapped opens the card of the link that a tap meant, if it meant one alone. */
function linkTapped(x, y) {
	const nodes = board.view.nodes.filter(n => !n.gone);
	const near = nodes.flatMap((a, i) => nodes.slice(i + 1).map(b => [away(x, y, a, b), a, b]))
		.filter(([d]) => d < NEAR).sort(([d], [e]) => d - e);
	if (near.length === 0 || near[1]?.[0] < near[0][0] + 2) return;
	links.show(near[0][1].id, near[0][2].id, board.view);
}

// away is how far a place is from the line between two nodes.
function away(x, y, a, b) {
	const [dx, dy] = [b.x - a.x, b.y - a.y];
	const part = ((x - a.x) * dx + (y - a.y) * dy) / Math.max(1, dx * dx + dy * dy);
	if (part < 0.1 || part > 0.9) return Infinity;
	return Math.hypot(x - a.x - part * dx, y - a.y - part * dy);
}

/** tapped: a tap opens a node's menu, or with the write tool says to whom is written. */
function tapped(x, y, kind) {
	const node = nodeAt(x, y);
	if (!node) return page.tool === "point" && linkTapped(x, y);
	if (page.tool === "write") find("write-box").aim(node.id);
	else if (page.tool === "point" || kind !== "tap") own.menu({ node: node.id, keyboard: false });
}

function passKey(e, down) {
	if (document.activeElement === stageBox) stage.key(e.key, mods(e), down);
}

function press(e) {
	const key = keyName(e);
	if (ignored(e, key) || (help.open && key !== "?")) return;
	const row = rowFor(key);
	if (!row) return passKey(e, 1);
	e.preventDefault();
	const { view } = board;
	const node = view.nodes.find(n => n.selected);
	if (row.needsNode && !node) return toast.say("Select a node first: 1 to 9, or tap it.");
	const detail = typeof row.intent === "function" ? row.intent(view, key, node) : row.intent;
	const refusal = node && row.needsNode
		&& actions(view, node).find(a => a.type === detail.type)?.why;
	if (refusal) return toast.say(refusal);
	wish(detail);
}
