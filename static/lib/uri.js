// What to watch: the page's own query, a sim: uri, and the token that goes with an address.

export const SCENARIOS = [
	{ name: "first", title: "A plain cluster" },
	{ name: "away", title: "A node was away" },
];

const DEFAULTS = { nodes: "5", seed: "7", store: "file", machine: "kv", scenario: "first" };
const KEYS = Object.keys(DEFAULTS);

/** What an address may say beside these: of the network, and where a link leads. */
const MORE = ["bug", "clients", "delay", "jitter", "loss", "duplicate", "reorder", "at", "run"];

/** simOf reads the keys of a sim: uri or of the page's query; what is missing has its default. */
export function simOf(text) {
	const query = new URLSearchParams(text.replace(/^sim:/, ""));
	return Object.fromEntries(KEYS.map(k => [k, query.get(k) || DEFAULTS[k]]));
}

/** more gives what else a query says of a simulation. */
function more(search) {
	const query = new URLSearchParams(search);
	return MORE.filter(k => query.has(k))
		.map(k => `&${k}=${encodeURIComponent(query.get(k))}`).join("");
}

/** simUri writes them again. */
export const simUri = sim => "sim:?" + new URLSearchParams(KEYS.map(k => [k, String(sim[k])]));

/** fromPage is what the page's address asks for, without a token. */
export function fromPage(search) {
	const query = new URLSearchParams(search);
	const attach = query.get("attach");
	return attach ? liveUri(attach).split("#")[0] : simUri(simOf(search)) + more(search);
}

/** tourIn is the scenario of the library that the page's address asks for; empty for none. */
export function tourIn(search) {
	const query = new URLSearchParams(search);
	const name = query.get("scenario") ?? "";
	const own = query.has("run") || query.has("attach") || SCENARIOS.some(s => s.name === name);
	return own ? "" : name;
}

/** toQuery is the page's query that asks for a uri; a token never enters it. */
export const toQuery = uri => (uri.startsWith("sim:")
	? uri.slice(4)
	: "?" + new URLSearchParams({ attach: uri.split("#")[0] }));

const store = "raftarium.token";
const hostOf = address => { try { return new URL(address).host; } catch { return ""; } };

/** tokenFor is the token that this tab knows for an address. */
export function tokenFor(address) {
	try {
		return JSON.parse(sessionStorage.getItem(store) ?? "{}")[hostOf(address)] ?? "";
	} catch {
		return "";
	}
}

/** keepToken remembers a token for an address, in this tab alone. */
export function keepToken(address, token) {
	try {
		const all = JSON.parse(sessionStorage.getItem(store) ?? "{}");
		sessionStorage.setItem(store, JSON.stringify({ ...all, [hostOf(address)]: token }));
	} catch {
		// A browser that keeps nothing asks again.
	}
}

/**
 * liveUri makes the uri of a live cluster from what a person typed. The token stands after
 * "#token=", which the stage puts into its first frame; it is never part of an address on the wire.
 */
export function liveUri(typed) {
	const bare = typed.trim().split("#")[0];
	const address = /^wss?:\/\//.test(bare) ? bare : "ws://" + bare.replace(/^https?:\/\//, "");
	const token = tokenFor(address);
	return token ? `${address}#token=${encodeURIComponent(token)}` : address;
}
