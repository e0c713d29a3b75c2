// Runs before the first paint, so that a chosen theme never flashes. Everything else is a module.
try {
	const chosen = localStorage.getItem("raftarium.theme");
	if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
	// A browser that keeps nothing shows the system's theme.
}
