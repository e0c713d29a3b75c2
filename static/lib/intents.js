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
	if (value.length > 4096) throw malformed(type, `${name} is longer than 4096 characters`);
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
	return list.map(g => g.map(n => node(type, n)).join(",")).join("|");
}

const none = () => [];
const oneNode = d => [node(d.type, d.node)];
const link = d => [node(d.type, d.from), node(d.type, d.to), d.both === false ? 0 : 1];
const STEPS = ["event", "message", "change"];
const TOOLS = ["point", "cut", "lasso", "write"];

const open = {
	play: none,
	hold: none,
	speed: d => [number("speed", "factor", d.factor, 1e-6)],
	seek: d => [number("seek", "time", d.time, 0)],
	step: d => [d.back ? -1 : 1, 0, 0, oneOf("step", "by", d.by, STEPS)],
	open: d => [0, 0, 0, text("open", "uri", d.uri)],
	kill: oneNode,
	restart: oneNode,
	pause: oneNode,
	resume: oneNode,
	campaign: oneNode,
	cut: link,
	heal: link,
	partition: d => [0, 0, 0, groups("partition", d.groups)],
	healAll: none,
	propose: d => [node("propose", d.node ?? 0, 0), 0, 0, text("propose", "key", d.key),
		text("propose", "value", d.value)],
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
