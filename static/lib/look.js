// Dark or light, calm or moving: read from the system and the reader's choice, told to the stage.

const dark = matchMedia("(prefers-color-scheme: dark)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const contrast = matchMedia("(prefers-contrast: more)");
const forced = matchMedia("(forced-colors: active)");

const KEY = "raftarium.theme";
export const THEMES = ["auto", "light", "dark"];

/** theme is the reader's choice: auto, light or dark. */
export function theme() {
	try {
		const kept = localStorage.getItem(KEY);
		return THEMES.includes(kept) ? kept : "auto";
	} catch {
		return "auto";
	}
}

/** choose keeps and shows a theme. */
export function choose(name) {
	try {
		localStorage.setItem(KEY, name);
	} catch {
		// Then it holds for this visit.
	}
	show(name);
}

/** show sets the document's theme; auto leaves it to the system. */
export function show(name) {
	if (name === "auto") delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = name;
}

/** now is what the stage is told: [dark, reducedMotion, contrast]. */
export function now() {
	const { theme } = document.documentElement.dataset;
	const isDark = theme ? theme === "dark" : dark.matches;
	return [isDark, calm.matches, contrast.matches || forced.matches];
}

/** onChange calls f when the system's wishes change. */
export function onChange(f) {
	for (const query of [dark, calm, contrast, forced]) query.addEventListener("change", f);
}
