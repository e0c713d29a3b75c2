// What may be done now, and if not, why not: for the menu, the tools and the keys alike.

import { nearestSpeed, SPEEDS } from "./format.js";

const WATCHED = "This source can only be watched.";

/** lacking says why a source does not allow something; empty when it does. */
export function lacking(view, cap) {
	if (!view.source.kind) return "There is no cluster yet.";
	return view.source.caps.includes(cap) ? "" : view.source.why || WATCHED;
}

/** isolated reports whether every link of a node is cut, both ways. */
export function isolated(view, id) {
	const others = view.nodes.filter(n => n.id !== id);
	const cut = (from, to) => view.links.some(l => l.from === from && l.to === to && l.cut);
	return others.length > 0 && others.every(n => cut(id, n.id) && cut(n.id, id));
}

/** anyCut reports whether some link is cut. */
export const anyCut = view => view.links.some(l => l.cut);

const down = node => (node.alive ? "" : `${node.name} is down.`);

function rising(view, node) {
	if (node.canRestart === false) {
		return node.whyNot || `${node.name} cannot come back.`;
	}
	return lacking(view, "kill");
}

function standing(view, node) {
	if (down(node)) return down(node);
	if (node.paused) return `${node.name} is paused.`;
	if (!elects(view, node.id)) return `${node.name} has no vote.`;
	return node.role === "leader" ? "It leads already." : lacking(view, "campaign");
}

function cutting(view) {
	return view.nodes.length < 2 ? "There is nobody to isolate it from." : lacking(view, "cut");
}

/**
 * actions lists what a person may do to a node: {type, text, key, icon, why, note, wish}; why is
 * empty when it may be done now, note says what follows from it, and wish is what is asked for when
 * that is more than {type, node}.
 */
export const actions = (view, node) =>
	[...doings(view, node), ...ailments(view, node), ...memberships(view, node)];

function doings(view, node) {
	const alone = isolated(view, node.id);
	const pause = lacking(view, "pause");
	return [
		node.alive
			? { type: "kill", text: "Kill", key: "K", icon: "kill", why: lacking(view, "kill"),
				note: forgetful(node) ? "It ran on memory: its vote and its log are gone then." : "" }
			: { type: "restart", text: "Restart", key: "R", icon: "restart",
				why: rising(view, node) },
		node.paused
			? { type: "resume", text: "Let it go on", key: "P", icon: "play", why: pause }
			: { type: "pause", text: "Pause", key: "P", icon: "pause",
				why: down(node) || pause },
		{ type: "campaign", text: "Stand for election", key: "E", icon: "vote",
			why: standing(view, node) },
		{ type: alone ? "rejoin" : "isolate", text: alone ? "Let it rejoin" : "Isolate", key: "I",
			icon: alone ? "heal" : "cut", why: cutting(view) },
		{ type: "write", text: "Write here", key: "W", icon: "client",
			why: down(node) || lacking(view, "propose") },
	];
}

// What a simulation can do to a disk and a clock, and undo.
function ailments(view, node) {
	if (view.source.kind !== "simulation") return [];
	const why = lacking(view, "kill");
	const { id } = node;
	const slow = node.diskMicros > 0;
	const wrong = Boolean(node.skewMicros || node.drift);
	return [
		{ type: "disk-slow", icon: "down", why,
			text: slow ? "Let its disk be quick" : "Slow its disk",
			note: slow ? "" : "Each write takes 200 ms longer.",
			wish: { type: "disk", node: id, slowMicros: slow ? 0 : 200000 } },
		{ type: "clock", icon: "down", why,
			text: wrong ? "Set its clock right" : "Set its clock fast",
			note: wrong ? "" : "It runs 40 % too fast: its time-outs end early.",
			wish: { type: "clock", node: id, drift: wrong ? 0 : 400000 } },
	];
}

const forgetful = node => node.store === "memory";

/** leaderOf is who leads now, in the newest term; undefined for nobody. */
export const leaderOf = view => view.nodes.filter(n => n.role === "leader" && n.alive)
	.sort((a, b) => b.term - a.term)[0];

/** nextId is the number of the next server. */
export const nextId = view => Math.max(0, ...view.nodes.map(n => n.id)) + 1;

/** votersOf lists who votes; all nodes while nothing is known of that. */
export function votersOf(view) {
	const { voters } = view.group.config;
	return voters.length > 0 ? voters : view.nodes.map(n => n.id);
}

// Who leaves a joint configuration votes until that is over.
const elects = (view, id) => votersOf(view).includes(id)
	|| view.group.config.outgoing.includes(id);

// What is asked of the group itself: who leads, who takes part.
function memberships(view, node) {
	const { id, name } = node;
	const next = nextId(view);
	const votes = elects(view, id);
	const learns = node.alive && view.group.config.learners.includes(id);
	return [
		learns
			? { type: "promote", text: `Give ${name} a vote`, icon: "config", why: changing(view),
				note: "When it has caught up it elects and commits with the others.",
				wish: { type: "change", vote: [id] } }
			: handing(view, node, votes),
		{ type: "add", text: `Add S${next}`, icon: "config", why: changing(view),
			note: "It begins empty, learns the log, and votes when it has caught up.",
			wish: { type: "change", vote: [next] } },
		{ type: "remove", text: `Remove ${name}`, icon: "config", why: removing(view, node, votes),
			note: parting(view, node, votes), wish: { type: "change", remove: [id] } },
		{ type: "wipe", icon: "down", why: wiping(view, node),
			text: forgetful(node) && !node.alive ? `Replace ${name}` : `Wipe the disk of ${name}`,
			note: node.member === false ? "What it has saved is gone for good."
				: `What it has saved is gone for good: S${next} begins empty and takes its place.` },
	];
}

function handing(view, node, votes) {
	const leader = leaderOf(view);
	const leads = leader?.id === node.id;
	const why = () => {
		if (!leader) return "Nobody leads who could hand over.";
		if (down(node)) return down(node);
		if (!votes) return `${node.name} has no vote.`;
		if (node.paused) return `${node.name} is paused.`;
		if (leader.handsTo) return `${leader.name} hands over to S${leader.handsTo} already.`;
		if (leads && votersOf(view).length < 2) return "There is nobody to hand over to.";
		return lacking(view, "campaign");
	};
	return { type: "transfer", icon: "transfer", why: why(),
		text: leads ? "Hand over" : `Hand over to ${node.name}`,
		note: leads ? "It takes no writes until another has its log; then that one leads."
			: `${leader?.name ?? "The leader"} takes no writes until it has the log; then it leads.`,
		wish: { type: "transfer", node: leads ? 0 : node.id } };
}

function changing(view) {
	if (view.group.config.outgoing.length > 0) {
		return "The members are being changed; wait until that is committed.";
	}
	return lacking(view, "kill");
}

function removing(view, node, votes) {
	if (node.member === false) return `${node.name} is no member.`;
	if (votes && votersOf(view).length < 2) return `${node.name} is the only one that votes.`;
	return changing(view);
}

function parting(view, node, votes) {
	if (!votes) return "It gets no entries any more.";
	const left = votersOf(view).length - 1;
	const need = `${Math.floor(left / 2) + 1} of ${left} commit then`;
	return leaderOf(view)?.id === node.id ? `It leads until that is committed; ${need}.`
		: `It gets no entries any more; ${need}.`;
}

function wiping(view, node) {
	if (node.down === "wiped") return `${node.name} is wiped already.`;
	return lacking(view, "kill");
}

/** otherPace is the wish that switches between the automatic tempo and the speed in force. */
export const otherPace = ({ auto, speed }) => ({ type: "speed",
	...(auto ? { factor: SPEEDS[nearestSpeed(speed > 0 ? speed : 1)] } : { auto: true }) });
