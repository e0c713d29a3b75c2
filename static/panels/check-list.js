// The promises of Raft, each judged on the events while you watch.

import { element, fill, html, pool, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { section } from "../lib/format.js";

const SIGNS = { holds: "✓", broken: "✗", notObservable: "–" };
const SAID = { holds: "holds", broken: "broken", notObservable: "not observable here" };

/** title makes words of a check's name: electionSafety becomes "Election safety". */
export const title = name => {
	const words = name.replace(/([A-Z])/g, " $1").toLowerCase();
	return words[0].toUpperCase() + words.slice(1);
};

class CheckList extends Panel {
	build() {
		fill(this, html`<p class="none">No checks yet.</p><ul></ul>`);
	}

	render(view) {
		const { list, broken } = view.checks;
		this.find(".none").hidden = list.length > 0;
		const items = pool(this.find("ul"), list.length, () => element(html`
			<li><i aria-hidden="true"></i><div><b></b> <small></small><p></p></div><em></em></li>`));
		list.forEach((check, i) => {
			const item = items[i];
			const what = broken.find(b => b.check === check.name);
			setAttr(item, "data-status", check.status);
			setText(item.querySelector("i"), SIGNS[check.status] ?? "");
			setText(item.querySelector("b"), title(check.name));
			setText(item.querySelector("small"), section(check.section));
			setText(item.querySelector("p"), what ? what.text : check.text);
			setText(item.querySelector("em"), SAID[check.status] ?? check.status);
		});
	}
}

define("check-list", CheckList);
