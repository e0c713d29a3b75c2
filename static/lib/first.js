// Runs before the first paint, so that a chosen theme never flashes and what need not be said again
// takes no room. Everything else is a module.
try {
	const { dataset } = document.documentElement;
	const chosen = localStorage.getItem("raftarium.theme");
	if (chosen === "light" || chosen === "dark") dataset.theme = chosen;
	const live = new URLSearchParams(location.search).has("attach");
	if (live || localStorage.getItem("raftarium.tried")) dataset.tried = "";
} catch {
	// A browser that keeps nothing shows the system's theme.
}
