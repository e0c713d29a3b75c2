// The gate around requestAnimationFrame. Ebitengine asks for a frame for ever; here its callback
// is parked until something moves, so that a page in which nothing moves costs nothing.

/** raf is the browser's own requestAnimationFrame, for the page's own use. */
export const raf = window.requestAnimationFrame.bind(window);

const FIRST = 60; // frames granted at the start: Ebitengine needs some to settle

let owed = FIRST;
let parked = null;
let shut = false;
let turns = 0;
const hooks = { before() {}, after() {} };

function turn(callback, moment) {
	if (shut) return;
	owed--;
	turns++;
	hooks.before();
	callback(moment);
	hooks.after(turns);
}

/** install puts the gate in place; call it before any Go program starts. */
export function install({ before, after }) {
	Object.assign(hooks, { before, after });
	window.requestAnimationFrame = callback => {
		if (owed > 0) return raf(t => turn(callback, t));
		parked = callback;
		return 0;
	};
}

/** wake grants n frames; each is one update, one drawing and the copy to the canvas. */
export function wake(n = 1) {
	owed = Math.max(owed, n);
	if (!parked || shut) return;
	const callback = parked;
	parked = null;
	raf(t => turn(callback, t));
}

/** close lets no frame through any more: the program behind it has ended. */
export const close = () => { shut = true; };
