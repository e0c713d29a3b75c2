// How numbers are said to people.

const WALL = 1e14; // microseconds: later than this a time is a date, not a run's own clock

const two = n => String(n).padStart(2, "0");

/** time says a moment: "4.812 s" in a run, "12:03:07.250" on a wall clock. */
export function time(micros, digits = 3) {
	if (micros < WALL) return (micros / 1e6).toFixed(digits) + " s";
	const d = new Date(micros / 1000);
	const whole = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
	if (digits === 0) return whole;
	return whole + "." + String(d.getMilliseconds()).padStart(3, "0").slice(0, digits);
}

/** span says a length of time with the unit that fits. */
export function span(micros) {
	if (micros < 1000) return micros + " µs";
	if (micros < 1e6) return +(micros / 1000).toFixed(micros < 1e4 ? 1 : 0) + " ms";
	if (micros < 6e7) return +(micros / 1e6).toFixed(1) + " s";
	return Math.round(micros / 6e7) + " min";
}

/** grouped writes 4812 as "4 812", with spaces that do not break. */
export const grouped = n => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

/** section says where in the paper or the thesis a rule stands. */
export function section(text) {
	if (!text) return "";
	return text.startsWith("thesis") ? "thesis §" + text.slice(6).trim() : "§" + text;
}

const PAPER = "https://raft.github.io/raft.pdf";
const THESIS = "https://web.stanford.edu/~ouster/cgi-bin/papers/OngaroPhD.pdf";

/** source is the document that a section stands in. */
export const source = text => (text.startsWith("thesis") ? THESIS : PAPER);

/** Speeds offered, slowest first; 1 is real time. */
export const SPEEDS = [
	...[1000, 700, 500, 300, 200, 150, 100, 80, 60, 50, 40].map(n => 1 / n),
	...[30, 20, 15, 10, 7, 5, 3, 2].map(n => 1 / n),
	1, 2, 3, 5, 10,
];

/** speed says a factor as people do: "×1/60", "×2". */
export function speed(factor) {
	if (!(factor > 0)) return "–";
	if (factor >= 0.95) return "×" + +factor.toFixed(factor < 10 ? 1 : 0);
	return "×1/" + Math.round(1 / factor);
}

/** nearestSpeed is the place in SPEEDS closest to a factor, by ratio. */
export function nearestSpeed(factor) {
	let best = 0;
	SPEEDS.forEach((s, i) => {
		if (Math.abs(Math.log(s / factor)) < Math.abs(Math.log(SPEEDS[best] / factor))) best = i;
	});
	return best;
}

/** termColour is the number, 1 to 8, of a term's colour; 0 for no term. */
export const termColour = term => (term > 0 ? (term - 1) % 8 + 1 : 0);

/** termLap reports whether a term's colour is used again, so that it is hatched. */
export const termLap = term => term > 8 && Math.floor((term - 1) / 8) % 2 === 1;

const ROLES = { preCandidate: "pre-candidate" };

/** role is a role's name in words. */
export const role = name => ROLES[name] ?? name;

/** standing is what a node is now: its role, or what keeps it from one. */
export function standing(node) {
	if (!node.known) return "unknown";
	if (!node.alive) return node.gone ? "removed" : "down";
	const name = node.member === false ? "no member" : role(node.role);
	return [name, node.paused && "paused", node.doubtful && "in doubt"].filter(Boolean).join(", ");
}
