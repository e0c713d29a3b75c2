// What may be done now, and if not, why not: for the menu, the tools and the keys alike.

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
	return node.role === "leader" ? "It leads already." : lacking(view, "campaign");
}

function cutting(view) {
	return view.nodes.length < 2 ? "There is nobody to isolate it from." : lacking(view, "cut");
}

/**
 * actions lists what a person may do to a node: {type, text, key, icon, why}; why is empty when
 * it may be done now.
 */
export function actions(view, node) {
	const alone = isolated(view, node.id);
	const pause = lacking(view, "pause");
	return [
		node.alive
			? { type: "kill", text: "Kill", key: "K", icon: "kill", why: lacking(view, "kill") }
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
