// What stands in the stage's place when there can be no picture: a plain sentence and what to do.

import { fill, html, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";

class StageNotice extends Panel {
	build() {
		this.hidden = true;
		fill(this, html`
			<div role="alert">
				<h2></h2>
				<p></p>
				<details><summary>What the program said</summary><pre tabindex="0"></pre></details>
				<div class="row">
					<button type="button" class="button reload">Reload the page</button>
					<button type="button" class="button copy">Copy the details</button>
				</div>
			</div>`);
		this.listen("click", ".reload", () => location.reload());
		this.listen("click", ".copy", button => this.#copy(button));
	}

	/**
	 * show says what happened.
	 * @param {{title: string, text: string, details?: string}} notice
	 */
	show({ title, text, details = "" }) {
		setText(this.find("h2"), title);
		setText(this.find("p"), text);
		setText(this.find("pre"), details);
		this.find("details").hidden = this.find(".copy").hidden = details === "";
		this.hidden = false;
	}

	async #copy(button) {
		const text = `${location.href}\n${navigator.userAgent}\n\n${this.find("pre").textContent}`;
		try {
			await navigator.clipboard.writeText(text);
			setText(button, "Copied");
		} catch {
			this.find("details").open = true;
			getSelection().selectAllChildren(this.find("pre"));
		}
	}
}

define("stage-notice", StageNotice);
