// Each side of a cut, with its quorum, for those who cannot see the badges in the picture.

import { element, html, pool, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";

class SideBadges extends Panel {
	build() {
		setAttr(this, "role", "group");
		setAttr(this, "aria-label", "Sides of the cut");
		this.classList.add("unseen");
	}

	render(view) {
		const badges = pool(this, view.sides.length, () => element(html`<p></p>`));
		view.sides.forEach((side, i) => setText(badges[i], `${side.text}: ${side.verdict}`));
	}
}

define("side-badges", SideBadges);
