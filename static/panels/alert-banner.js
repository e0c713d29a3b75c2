// One line over the stage: a broken promise (the only red of the page), or a source that is lost.

import { fill, html, icon, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { section, time } from "../lib/format.js";
import { liveUri } from "../lib/uri.js";

class AlertBanner extends Panel {
	#at = 0;
	#uri = "";

	build() {
		this.hidden = true;
		fill(this, html`<div role="alert">${icon("violation")}<p><b></b><span></span></p>
			<button type="button" class="button"></button></div>`);
		this.listen("click", "button", () => {
			if (this.dataset.kind === "lost") this.intent("open", { uri: this.#uri });
			else this.intent("seek", { time: this.#at });
		});
	}

	render(view, page) {
		const kind = view.checks.broken.length > 0 ? "broken" : view.source.error ? "lost" : "";
		this.hidden = kind === "";
		if (kind === "") return;
		setAttr(this, "data-kind", kind);
		if (kind === "broken") this.#broken(view);
		else this.#lost(view, page);
	}

	#broken(view) {
		const { broken } = view.checks;
		const first = view.violations[0];
		const more = broken.length > 1 ? ` (and ${broken.length - 1} more)` : "";
		this.#at = first?.at ?? 0;
		setText(this.find("b"), "A promise is broken");
		const { text, section: where } = first ?? broken[0]; // the button leads to the first
		setText(this.find("span"), `: ${text}${more} ${section(where)}`);
		this.find("button").hidden = !first;
		setText(this.find("button"), first ? "Go to " + time(this.#at) : "");
	}

	#lost(view, page) {
		const sim = page.uri.startsWith("sim:"), never = view.nodes.length === 0;
		// An address that never gave a cluster will not give one the second time.
		this.#uri = sim ? (never ? "sim:" : page.uri) : liveUri(page.uri);
		const gone = view.nodes.length > 0 ? "The source is gone." : "There is no source.";
		setText(this.find("b"), view.source.retrying ? "Looking for the cluster." : gone);
		setText(this.find("span"), " " + view.source.error);
		this.find("button").hidden = view.source.retrying;
		setText(this.find("button"),
			sim ? (never ? "Open a plain cluster" : "Start it again") : "Reconnect");
	}
}

define("alert-banner", AlertBanner);
