// Every wish that a person can have, with its arguments: one table for the panels, the keys and
// the public API. The stage takes it as intent(type, a, b, c, text, text2).

const malformed = (type, what) => new TypeError(`${type}: ${what}`);

function node(type, value, from = 1) {
	if (!Number.isInteger(value) || value < from || value > 0xffffffff) {
		throw malformed(type, `a node is a whole number from ${from}, not ${value}`);
	}
	return value;
}

function number(type, name, value, least) {
	if (typeof value !== "number" || !Number.isFinite(value) || value < least) {
		throw malformed(type, `${name} is a number from ${least}, not ${value}`);
	}
	return value;
}

function text(type, name, value) {
	if (typeof value !== "string") throw malformed(type, `${name} is a text, not ${typeof value}`);
	return value;
}

function uri(type, value) {
	if (text(type, "uri", value).length > 16384) {
		throw malformed(type, "uri is longer than 16384 characters");
	}
	return value;
}

// What is over the limit is refused by the stage; a tail that changes nothing of that stays here.
const LONGEST = (1 << 20) + 1;
const bulk = (type, name, value) => text(type, name, value).slice(0, LONGEST);

/** flag reads what is true, false or left out. */
function flag(type, name, value, otherwise) {
	if (value === undefined) return otherwise;
	if (typeof value !== "boolean") {
		throw malformed(type, `${name} is true or false, not ${JSON.stringify(value)}`);
	}
	return value;
}

function oneOf(type, name, value, list) {
	if (!list.includes(value)) {
		throw malformed(type, `${name} is one of ${list.join(", ")}, not ${value}`);
	}
	return value;
}

function groups(type, list) {
	if (!Array.isArray(list) || !list.every(Array.isArray)) {
		throw malformed(type, "groups is a list of lists of nodes");
	}
	if (list.length === 0 || list.some(g => g.length === 0)) {
		throw malformed(type, "groups has a group at least, and each group a node");
	}
	const all = list.flat().map(n => node(type, n));
	const twice = all.find((n, i) => all.indexOf(n) !== i);
	if (twice) throw malformed(type, `node ${twice} is in groups more than once`);
	return list.map(g => g.join(",")).join("|");
}

// MEMBERS is how many servers a configuration may name.
const MEMBERS = 256;

/** change names who shall vote, who shall learn and who shall go; nobody twice. */
function change(d) {
	const lists = ["vote", "learn", "remove"].map(name => {
		const list = d[name] ?? [];
		if (!Array.isArray(list)) throw malformed("change", `${name} is a list of nodes`);
		list.forEach(n => node("change", n));
		return list;
	});
	const all = lists.flat();
	const twice = all.find((n, i) => all.indexOf(n) !== i);
	if (twice) throw malformed("change", `node ${twice} is named more than once`);
	if (all.length === 0) throw malformed("change", "vote, learn or remove names a node at least");
	if (all.length > MEMBERS) throw malformed("change", `names at most ${MEMBERS} nodes`);
	return [0, 0, flag("change", "joint", d.joint, false) ? 1 : 0,
		lists.map(list => list.join(",")).join("|")];
}

function speed(d) {
	if (d.auto === undefined) return [number("speed", "factor", d.factor, 1e-6)];
	if (d.auto !== true || d.factor !== undefined) {
		throw malformed("speed", "takes a factor, or auto: true");
	}
	return [0, 0, 0, "auto"];
}

/** linkText says how a link is from now on; what is left out is nothing. */
function linkText(d) {
	const least = name => Math.round(number("link", name, d[name] ?? 0, 0));
	const bit = name => (flag("link", name, d[name], false) ? 1 : 0);
	return [...["delayMicros", "jitterMicros", "loss", "duplicate", "reorder"].map(least),
		bit("clog"), bit("cut")].join(",");
}

const none = () => [];
const oneNode = d => [node(d.type, d.node)];
const link = d => [node(d.type, d.from), node(d.type, d.to),
	flag(d.type, "both", d.both, true) ? 1 : 0];
const STEPS = ["event", "message", "change"];
const DAMAGES = ["none", "torn", "tail", "log"]; // by their numbers
const TOOLS = ["point", "cut", "lasso", "write"];

const open = {
	play: none,
	hold: none,
	speed,
	seek: d => [number("seek", "time", d.time, 0)],
	playTo: d => [number("playTo", "time", d.time, 0)],
	step: d => [flag("step", "back", d.back, false) ? -1 : 1, 0, 0,
		oneOf("step", "by", d.by, STEPS)],
	open: d => [0, 0, 0, uri("open", d.uri)],
	undo: none,
	share: none,
	branch: d => [number("branch", "index", d.index, 0)],
	kill: oneNode,
	restart: oneNode,
	pause: oneNode,
	resume: oneNode,
	campaign: oneNode,
	wipe: oneNode,
	transfer: d => [node("transfer", d.node, 0)],
	change,
	cut: link,
	heal: link,
	disk: d => [node("disk", d.node), 0, 0, [
		Math.round(number("disk", "slowMicros", d.slowMicros ?? 0, 0)), 0,
		flag("disk", "stuck", d.stuck, false) ? 1 : 0,
		DAMAGES.indexOf(oneOf("disk", "damage", d.damage ?? "none", DAMAGES))].join(",")],
	clock: d => [node("clock", d.node), 0, 0, [
		Math.round(number("clock", "skewMicros", d.skewMicros ?? 0, -1e9)),
		Math.round(number("clock", "drift", d.drift ?? 0, -1e6))].join(",")],
	link: d => [node("link", d.from), node("link", d.to), 0, linkText(d)],
	partition: d => [0, 0, 0, groups("partition", d.groups)],
	healAll: none,
	propose: d => [node("propose", d.node ?? 0, 0), 0, 0, bulk("propose", "key", d.key),
		bulk("propose", "value", d.value)],
	read: d => [node("read", d.node ?? 0, 0), 0, 0, bulk("read", "key", d.key)],
};

const inner = {
	toggle: none,
	now: none,
	select: d => [node("select", d.node, 0)],
	selectEvent: d => [number("selectEvent", "event", d.event, 0)],
	tool: d => [0, 0, 0, oneOf("tool", "tool", d.tool, TOOLS)],
	filter: d => [0, 0, 0, d.hidden.join(",")],
	focus: d => [node("focus", d.node, 0)],
	log: d => [number("log", "from", d.from, 0)],
	escape: none,
};

/**
 * args turns {type, ...} into what the stage takes: [a, b, c, text, text2].
 * @param {{type: string}} detail the wish
 * @param {boolean} [isPublic] only what the public API offers
 * @throws {TypeError} when it is malformed: the message says what and where
 */
export function args(detail, isPublic = false) {
	const type = detail?.type;
	const table = isPublic ? open : { ...inner, ...open };
	if (!Object.hasOwn(table, type)) throw malformed("do", `there is no type ${type}`);
	const [a = 0, b = 0, c = 0, text1 = "", text2 = ""] = table[type](detail);
	return [a, b, c, text1, text2];
}

/** known reports whether the stage takes a type; the others are the page's own. */
export const known = type => Object.hasOwn(open, type) || Object.hasOwn(inner, type);
