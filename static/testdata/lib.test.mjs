// Tests of the page's modules that need no document. Run by library_test.go, with Node.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window = { requestAnimationFrame: f => setImmediate(f) };

const { args, known } = await import("./lib/intents.js");
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
		[{ type: "step", by: "event", back: true }, [-1, 0, 0, "event", ""]],
		[{ type: "cut", from: 1, to: 2 }, [1, 2, 1, "", ""]],
		[{ type: "cut", from: 1, to: 2, both: false }, [1, 2, 0, "", ""]],
		[{ type: "partition", groups: [[1, 2], [3, 4, 5]] }, [0, 0, 0, "1,2|3,4,5", ""]],
		[{ type: "propose", key: "x", value: "7" }, [0, 0, 0, "x", "7"]],
		[{ type: "open", uri: "sim:?nodes=3" }, [0, 0, 0, "sim:?nodes=3", ""]],
	];
	for (const [wish, want] of cases) assert.deepEqual(args(wish, true), want);
});

test("what is malformed is refused by name", () => {
	for (const [wish, what] of [
		[undefined, /no type/], [{ type: "toString" }, /no type/], [{ type: "select", node: 1 }, /no type/],
		[{ type: "kill", node: 0 }, /node/], [{ type: "kill", node: "1" }, /node/],
		[{ type: "seek", time: NaN }, /time/], [{ type: "speed", factor: 0 }, /factor/],
		[{ type: "step", by: "week" }, /event, message, change/],
		[{ type: "partition", groups: [1] }, /groups/],
		[{ type: "propose", key: "x" }, /value/], [{ type: "open", uri: "x".repeat(5000) }, /4096/],
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
		"commitIndex", "lastApplied", "lastIndex", "snapshotIndex", "alive", "paused", "store"]);
	assert.deepEqual(state.links[0], { from: 1, to: 2, cut: true, loss: 0, delayMicros: 9 });
});

test("ready waits for a source; a listener hears each violation once", async () => {
	const api = new Api(() => complete({}), () => {});
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

test("what may not be done says why", () => {
	const node = { id: 1, name: "S1", alive: true, paused: false, role: "leader", canRestart: true };
	const down = { ...node, id: 2, name: "S2", alive: false, role: "follower", canRestart: false,
		whyNot: "Its memory is gone." };
	const caps = ["kill", "pause", "cut", "propose", "campaign"];
	const view = complete({ source: { kind: "simulation", caps }, nodes: [node, down],
		links: [{ from: 1, to: 2, cut: true }] });
	const why = (v, n) => Object.fromEntries(power.actions(v, n).map(a => [a.type, a.why]));
	assert.deepEqual(why(view, node),
		{ kill: "", pause: "", campaign: "It leads already.", isolate: "", write: "" });
	assert.deepEqual(why(view, down), { restart: "Its memory is gone.", pause: "S2 is down.",
		campaign: "S2 is down.", isolate: "", write: "S2 is down." });
	const both = complete({ ...view, links: [...view.links, { from: 2, to: 1, cut: true }] });
	assert.equal(power.isolated(view, 1), false);
	assert.equal(power.isolated(both, 1), true);
	const watched = complete({ source: { kind: "live", why: "Bring the token." }, nodes: [node] });
	assert.equal(why(watched, node).kill, "Bring the token.");
});
