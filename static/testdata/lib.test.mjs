// Tests of the page's modules that need no document. Run by library_test.go, with Node.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window = { requestAnimationFrame: f => setImmediate(f) };

const { args, known } = await import("./lib/intents.js");
const { Carrier } = await import("./lib/source.js");
const { Answers, Api, stateOf } = await import("./lib/api.js");
const { Board, complete, decode } = await import("./lib/view.js");
const format = await import("./lib/format.js");
const { html } = await import("./lib/html.js");
const { keyName, KEYS, rowFor } = await import("./lib/keys.js");
const power = await import("./lib/power.js");
const uri = await import("./lib/uri.js");

test("an intent is said in the order that the stage takes it", () => {
	const cases = [
		[{ type: "play" }, [0, 0, 0, "", ""]],
		[{ type: "speed", factor: 0.5 }, [0.5, 0, 0, "", ""]],
		[{ type: "speed", auto: true }, [0, 0, 0, "auto", ""]],
		[{ type: "step", by: "event", back: true }, [-1, 0, 0, "event", ""]],
		[{ type: "cut", from: 1, to: 2 }, [1, 2, 1, "", ""]],
		[{ type: "cut", from: 1, to: 2, both: false }, [1, 2, 0, "", ""]],
		[{ type: "partition", groups: [[1, 2], [3, 4, 5]] }, [0, 0, 0, "1,2|3,4,5", ""]],
		[{ type: "propose", key: "x", value: "7" }, [0, 0, 0, "x", "7"]],
		[{ type: "open", uri: "sim:?nodes=3" }, [0, 0, 0, "sim:?nodes=3", ""]],
		[{ type: "transfer", node: 3 }, [3, 0, 0, "", ""]],
		[{ type: "change", vote: [6] }, [0, 0, 0, "6||", ""]],
		[{ type: "change", learn: [6, 7], remove: [1], joint: true }, [0, 0, 1, "|6,7|1", ""]],
		[{ type: "wipe", node: 2 }, [2, 0, 0, "", ""]],
		[{ type: "read", key: "x" }, [0, 0, 0, "x", ""]],
	];
	for (const [wish, want] of cases) assert.deepEqual(args(wish, true), want);
});

test("what is malformed is refused by name", () => {
	for (const [wish, what] of [
		[undefined, /no type/], [{ type: "toString" }, /no type/], [{ type: "select", node: 1 }, /no type/],
		[{ type: "kill", node: 0 }, /node/], [{ type: "kill", node: "1" }, /node/],
		[{ type: "seek", time: NaN }, /time/], [{ type: "speed", factor: 0 }, /factor/],
		[{ type: "step", by: "week" }, /event, message, change/],
		[{ type: "partition", groups: [1] }, /groups/], [{ type: "partition", groups: [] }, /a group/],
		[{ type: "partition", groups: [[1], []] }, /a node/],
		[{ type: "partition", groups: [[1, 2], [2]] }, /2 is in groups more than once/],
		[{ type: "cut", from: 1, to: 2, both: "yes" }, /both.*"yes"/],
		[{ type: "step", by: "event", back: 1 }, /back/], [{ type: "speed", auto: "yes" }, /auto/],
		[{ type: "speed", auto: true, factor: 1 }, /auto/], [{ type: "propose", key: 1 }, /key/],
		[{ type: "change" }, /a node at least/], [{ type: "change", vote: 6 }, /vote is a list/],
		[{ type: "change", vote: ["6"] }, /node/], [{ type: "change", vote: [6], joint: 1 }, /joint/],
		[{ type: "change", vote: [6], remove: [6] }, /6 is named more than once/],
		[{ type: "change", learn: Array.from({ length: 257 }, (_, i) => i + 1) }, /256/],
		[{ type: "transfer" }, /node/], [{ type: "wipe", node: 0 }, /node/], [{ type: "read" }, /key/],
		[{ type: "propose", key: "x" }, /value/], [{ type: "open", uri: "x".repeat(20000) }, /16384/],
	]) assert.throws(() => args(wish, true), e => e instanceof TypeError && what.test(e.message));
});

test("answers find those who wait, also when they come first", async () => {
	const answers = new Answers();
	const late = answers.wait(1);
	answers.take([{ ticket: 2, accepted: false, why: "it is down" }, { ticket: 1, accepted: true }]);
	assert.deepEqual(await late, { accepted: true });
	assert.deepEqual(await answers.wait(2), { accepted: false, why: "it is down" });
	const never = answers.wait(3);
	answers.refuse("stopped");
	assert.deepEqual(await never, { accepted: false, why: "stopped" });
});

test("the public state has the public names alone", () => {
	const view = complete({ source: { kind: "simulation" }, time: { at: 5, hash: "00" },
		nodes: [{ id: 1, name: "S1", x: 4, votedFor: 2 }], links: [{ from: 1, to: 2, cut: true, loss: 0,
			delayMicros: 9 }] });
	const state = stateOf(view);
	assert.deepEqual(Object.keys(state), ["source", "time", "live", "lag", "nodes", "links",
		"violations", "hash"]);
	assert.deepEqual(Object.keys(state.nodes[0]), ["id", "name", "role", "term", "votedFor",
		"commitIndex", "lastApplied", "lastIndex", "snapshotIndex", "alive", "paused", "store",
		"config", "doubtful"]);
	assert.deepEqual(state.links[0], { from: 1, to: 2, cut: true, loss: 0, delayMicros: 9 });
});

test("before the page is there its API tells of nothing, and what is asked waits", async () => {
	const api = new Api();
	assert.deepEqual(api.state(), stateOf(complete({})));
	await assert.rejects(api.do({ type: "kill", node: 0 }), TypeError);
	const asked = api.do({ type: "kill", node: 2 });
	const view = complete({ source: { kind: "live" }, nodes: [{ id: 1 }] });
	api.attach(() => view, async (type, values) => ({ accepted: type === "kill", why: values[0] }));
	assert.deepEqual(await asked, { accepted: true, why: 2 });
	assert.equal(api.state().source, "live");
});

test("a page that will show nothing is never ready", async () => {
	const api = new Api();
	api.fail("there is no such cluster");
	await assert.rejects(api.ready, /no such cluster/);
});

test("ready waits for a source; a listener hears each violation once", async () => {
	const api = new Api();
	const heard = [];
	const off = api.on("violation", v => heard.push(v.check));
	api.publish(complete({ source: { kind: "live" } }));
	let ready = false;
	api.ready.then(() => { ready = true; });
	await null;
	assert.equal(ready, false);
	const view = complete({ source: { kind: "live" }, nodes: [{ id: 1 }], violations: [{ check: "a" }] });
	api.publish(view);
	api.publish(view);
	await api.ready;
	assert.deepEqual(heard, ["a"]);
	off();
	api.publish(complete({ violations: [{ check: "a" }, { check: "b" }] }));
	assert.deepEqual(heard, ["a"]);
	assert.throws(() => api.on("nonsense", () => {}), TypeError);
});

test("a view without parts is whole, and a broken one harms nobody", () => {
	const view = decode(new TextEncoder().encode('{"nodes":null,"log":{"rows":null},"x":1}####'), 40);
	assert.deepEqual([view.nodes, view.log.rows, view.events.rows, view.source.caps], [[], [], [], []]);
	const board = new Board({}, () => { throw new Error("not called"); });
	const { error } = console;
	console.error = () => {};
	board.take(new TextEncoder().encode("{nonsense"), 9);
	console.error = error;
	assert.equal(board.view.source.kind, "");
});

test("numbers are said as people say them", () => {
	assert.equal(format.time(4812345), "4.812 s");
	assert.match(format.time(1795464973008448, 0), /^\d\d:\d\d:\d\d$/);
	assert.deepEqual([1 / 60, 1, 0.5, 10].map(format.speed), ["×1/60", "×1", "×1/2", "×10"]);
	assert.equal(format.SPEEDS[format.nearestSpeed(1 / 62)], 1 / 60);
	assert.deepEqual(["5.2", "thesis 9.6", ""].map(format.section), ["§5.2", "thesis §9.6", ""]);
	assert.deepEqual([0, 1, 8, 9, 17].map(format.termColour), [0, 1, 8, 1, 1]);
	assert.deepEqual([8, 9, 16, 17].map(format.termLap), [false, true, true, false]);
	assert.equal(format.grouped(4812), "4\u202f812");
});

test("text is escaped wherever it stands", () => {
	const evil = `"><img src=x onerror='1'>&`;
	assert.equal(String(html`<b title="${evil}">${[evil, html`<i></i>`]}${null}${0}</b>`),
		'<b title="&quot;&gt;&lt;img src=x onerror=&#39;1&#39;&gt;&amp;">' +
		"&quot;&gt;&lt;img src=x onerror=&#39;1&#39;&gt;&amp;<i></i>0</b>");
});

test("no key has two meanings, and each is an intent that somebody takes", () => {
	const keys = KEYS.flatMap(k => k.keys);
	assert.equal(new Set(keys).size, keys.length);
	for (const k of KEYS.filter(k => typeof k.intent === "object" && known(k.intent.type))) {
		assert.doesNotThrow(() => args(k.intent));
	}
	assert.equal(keyName({ key: "ArrowLeft", shiftKey: true }), "shift+arrowleft");
	assert.deepEqual(rowFor("3").intent({}, "3"), { type: "select", node: 3 });
});

test("a token goes into the uri for the stage and nowhere else", () => {
	const kept = new Map();
	globalThis.sessionStorage = { getItem: k => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v) };
	uri.keepToken("ws://a:1", "s e/cret");
	assert.equal(uri.liveUri("a:1"), "ws://a:1#token=s%20e%2Fcret");
	assert.equal(uri.liveUri("b:1"), "ws://b:1");
	assert.equal(uri.fromPage("?attach=ws://a:1"), "ws://a:1");
	assert.equal(uri.toQuery("ws://a:1#token=x"), "?attach=ws%3A%2F%2Fa%3A1");
	assert.equal(uri.fromPage("?nodes=3&seed=9"),
		"sim:?nodes=3&seed=9&store=file&machine=kv&scenario=first");
});

test("a speed that is automatic can be ended and begun", () => {
	assert.deepEqual(power.otherPace({ auto: true, speed: 1 / 61 }), { type: "speed", factor: 1 / 60 });
	assert.deepEqual(power.otherPace({ auto: false, speed: 1 }), { type: "speed", auto: true });
});

test("a listener is a function", async () => {
	const api = new Api();
	assert.throws(() => api.on("view", 5), /function, not number/);
	assert.throws(() => api.on("toString", () => {}), /no kind/);
	assert.equal(typeof api.on("view", () => {}), "function");
});

// A socket that the test plays.
class FakeSocket {
	static all = [];
	static OPEN = 1;
	readyState = 1;
	sent = [];
	closed = false;
	constructor(url) { this.url = url; FakeSocket.all.push(this); }
	send(buffer) { this.sent.push(buffer.byteLength); }
	close() { this.closed = true; }
}

test("each stream has a carrier of its own, and lets go of it alone", t => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	globalThis.WebSocket = FakeSocket;
	const heard = [];
	const carrier = new Carrier(null, { open: s => heard.push(["open", s]),
		frame: (bytes, s) => heard.push(["frame", s, bytes.length]),
		lost: (text, s) => heard.push(["lost", s, text]) });
	carrier.open("ws://a:1", 1);
	carrier.open("ws://b:2", 2);
	const [a, b] = FakeSocket.all;
	assert.deepEqual([a.url, b.url], ["ws://a:1/v1/watch", "ws://b:2/v1/watch"]);
	b.onopen();
	carrier.send(new Uint8Array(3), 2);
	b.onmessage({ data: new ArrayBuffer(4) });
	a.onclose({ reason: "" });
	b.onclose({ reason: "Bye." });
	assert.deepEqual([a.sent, b.sent, a.closed, b.closed], [[], [3], true, true]);
	assert.deepEqual(heard.map(h => h.slice(0, 2)),
		[["open", 2], ["frame", 2], ["lost", 1], ["lost", 2]]);
	assert.match(heard[2][2], /^No connection to a:1/);
	assert.equal(heard[3][2], "The connection to b:2 has ended. Bye.");
	carrier.open("ws://c:3", 1, 5);
	carrier.open("ws://d:4", 2, 5);
	carrier.close(2);
	t.mock.timers.tick(5);
	assert.deepEqual(FakeSocket.all.slice(2).map(s => s.url), ["ws://c:3/v1/watch"]);
	carrier.close();
	assert.equal(FakeSocket.all[2].closed, true);
});

test("what may not be done says why", () => {
	const node = { id: 1, name: "S1", alive: true, paused: false, role: "leader", canRestart: true };
	const down = { ...node, id: 2, name: "S2", alive: false, role: "follower", canRestart: false,
		whyNot: "Its memory is gone." };
	const caps = ["kill", "pause", "cut", "propose", "campaign"];
	const view = complete({ source: { kind: "simulation", caps }, nodes: [node, down],
		links: [{ from: 1, to: 2, cut: true }] });
	const why = (v, n) => Object.fromEntries(power.actions(v, n).map(a => [a.type, a.why]));
	assert.deepEqual(why(view, node),
		{ kill: "", pause: "", campaign: "It leads already.", isolate: "", write: "",
			"disk-slow": "", clock: "", transfer: "", add: "", remove: "", wipe: "" });
	assert.deepEqual(why(view, down), { restart: "Its memory is gone.", pause: "S2 is down.",
		campaign: "S2 is down.", isolate: "", write: "S2 is down.", "disk-slow": "", clock: "",
		transfer: "S2 is down.", add: "", remove: "", wipe: "" });
	const both = complete({ ...view, links: [...view.links, { from: 2, to: 1, cut: true }] });
	assert.equal(power.isolated(view, 1), false);
	assert.equal(power.isolated(both, 1), true);
	const watched = complete({ source: { kind: "live", why: "Bring the token." }, nodes: [node] });
	assert.equal(why(watched, node).kill, "Bring the token.");
});

test("what may be done to the members says what follows, and why not", () => {
	const node = (id, role, more) => ({ id, name: "S" + id, alive: true, known: true, role, term: 2,
		store: "file", member: true, ...more });
	const caps = ["kill", "propose", "campaign"];
	const seen = (config, ...nodes) => complete({ source: { kind: "simulation", caps }, nodes,
		group: { config } });
	const find = (view, id, type) => power.actions(view, view.nodes.find(n => n.id === id))
		.find(a => a.type === type);
	const view = seen({ voters: [1, 2, 3], learners: [4] }, node(1, "leader"), node(2, "follower"),
		node(3, "follower"), node(4, "learner"), node(5, "follower", { member: false }));
	assert.deepEqual(find(view, 2, "transfer").wish, { type: "transfer", node: 2 });
	assert.deepEqual(find(view, 1, "transfer").wish, { type: "transfer", node: 0 });
	assert.deepEqual(find(view, 4, "promote").wish, { type: "change", vote: [4] });
	assert.deepEqual(find(view, 1, "add").wish, { type: "change", vote: [6] });
	assert.equal(find(view, 2, "remove").note, "It gets no entries any more; 2 of 2 commit then.");
	assert.match(find(view, 2, "wipe").note, /S6 begins empty and takes its place/);
	assert.equal(find(view, 5, "remove").why, "S5 is no member.");
	assert.equal(find(view, 5, "transfer").why, "S5 has no vote.");
	const joint = seen({ voters: [1, 2], outgoing: [1, 3] }, node(1, "leader", { handsTo: 2 }),
		node(2, "follower"));
	assert.match(find(joint, 2, "add").why, /being changed/);
	assert.equal(find(joint, 2, "transfer").why, "S1 hands over to S2 already.");
	const alone = seen({ voters: [1] }, node(1, "leader"));
	assert.equal(find(alone, 1, "remove").why, "S1 is the only one that votes.");
	assert.equal(find(alone, 1, "transfer").why, "There is nobody to hand over to.");
	const lost = node(2, "follower", { alive: false, store: "memory", canRestart: false, whyNot: "x" });
	assert.equal(find(seen({ voters: [1, 2] }, node(1, "leader"), lost), 2, "wipe").text, "Replace S2");
});
