// The page's first module. The poster comes first: what keeps the machine busy begins when it has
// been shown. Then the stage's program is fetched and compiled while app.js and its modules come.

import { Api } from "./api.js";
import { compile, programs } from "./engine.js";

const LONGEST = 1500; // milliseconds that the page waits to be shown
const SOON = 300;     // milliseconds until a load is slow enough to tell how far it is
const OFTEN = 200;    // milliseconds between two tellings: each one is a picture to paint

/** api is globalThis.raftarium, there from the first moment on. */
export const api = new Api();
globalThis.raftarium = api;

const shown = painted();

/** built is which programs this build of the page has. */
export const built = shown.then(programs);

/** compiled is the stage's program, ready to be started. */
export const compiled = built.then(({ stage }) => compile(stage, meter()));

for (const promise of [built, compiled]) promise.catch(() => {}); // app.js tells of it

shown.then(() => import("../app.js")).catch(error => {
	api.fail(error.message);
	say("A part of this page could not be loaded. Check the connection and reload the page.");
	console.error("raftarium:", error);
});

// A page that is not looked at is not painted.
function painted() {
	return new Promise(done => {
		new PerformanceObserver(list => {
			if (list.getEntriesByName("first-contentful-paint").length > 0) done();
		}).observe({ type: "paint", buffered: true });
		setTimeout(done, document.hidden ? 0 : LONGEST);
	});
}

/** meter gives the function that is told how much is there, 0 to 1, and tells it now and then. */
function meter() {
	const bar = document.querySelector("#load");
	let next = performance.now() + SOON;
	return part => {
		if (performance.now() < next) return;
		next = performance.now() + OFTEN;
		bar.value = 100 * part;
		say(part < 1 ? `Loading the cluster, ${Math.round(100 * part)} %` : "Starting");
	};
}

function say(text) { document.querySelector("#load-text").textContent = text; }
