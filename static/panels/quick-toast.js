// One short answer, for a while.

import { setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";

const SHOWN = 5000; // milliseconds

class QuickToast extends Panel {
	#timer = 0;

	build() { setAttr(this, "role", "status"); }

	/** say shows a sentence. */
	say(text) {
		setText(this, text.charAt(0).toUpperCase() + text.slice(1));
		setAttr(this, "data-on", true);
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => setAttr(this, "data-on", false), SHOWN);
	}
}

define("quick-toast", QuickToast);
