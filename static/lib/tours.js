// The library of scenarios: runs with captions, each a link. Fetched when it is first asked for.

let asked;

/** tours reads the library: [{name, title, lesson, section, uri, steps: [{at, text}]}]. */
export function tours() {
	asked ??= fetch(new URL("../dist/scenarios.json", import.meta.url)).then(answer => {
		if (!answer.ok) throw new Error(`reading the scenarios: ${answer.status}`);
		return answer.json();
	});
	asked.catch(() => { asked = undefined; });
	return asked;
}

/** tourNamed finds a scenario; nothing when there is none of that name. */
export const tourNamed = async name => (await tours()).find(t => t.name === name);

/** stepAt is the caption that is read at a moment. */
export function stepAt(steps, at) {
	const next = steps.findIndex(s => s.at > at);
	return Math.max(0, (next < 0 ? steps.length : next) - 1);
}
