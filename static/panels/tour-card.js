// A scenario, caption by caption: what one sees, and a step on.

import { fill, html, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { section, source } from "../lib/format.js";
import { stepAt } from "../lib/tours.js";

class TourCard extends Panel {
	#tour = null;
	#at = 0;
	#goal = -1; // the step that is played to, or -1

	build() {
		fill(this, html`<section aria-labelledby="tour-title">
			<header><h2 id="tour-title"></h2>
				<button type="button" class="button twin"></button><a target="_blank" rel="noopener"></a>
				<button type="button" class="close" aria-label="Leave this scenario" title="Leave"
					>×</button></header>
			<p aria-live="polite"></p>
			<footer><button type="button" class="button back">Back</button>
				<meter min="0"></meter><output></output>
				<button type="button" class="button filled next">Next</button></footer>
			</section>`);
		this.listen("click", ".back", () => this.back());
		this.listen("click", ".next", () => this.next());
		this.listen("click", ".twin", b => this.intent("tour", { name: b.dataset.name }));
		this.listen("click", ".close", () => this.intent("tour", { name: "" }));
	}

	render(view, page) {
		this.#tour = page.tour;
		this.hidden = !page.tour;
		if (!page.tour) return;
		const { title, steps, section: where } = page.tour;
		this.#at = view.time.at;
		const step = stepAt(steps, this.#at);
		if (this.#goal >= 0 && (step >= this.#goal || !view.time.playing)) this.#goal = -1;
		setText(this.find("h2"), title);
		const link = this.find("a");
		link.hidden = !where;
		setText(link, section(where));
		setAttr(link, "href", where ? source(where) : null);
		this.#twin(page);
		setText(this.find("p"), steps[step].text);
		setText(this.find("output"), `step ${step + 1} of ${steps.length}`);
		setAttr(this.find("meter"), "max", steps.length);
		setAttr(this.find("meter"), "value", step + 1);
		setAttr(this.find(".back"), "disabled", step === 0 && this.#at <= steps[0].at);
		const last = step === steps.length - 1;
		setAttr(this.find(".next"), "disabled", last);
		setText(this.find(".next"), this.#goal >= 0 ? "Skip" : "Next");
	}

	// A lesson and the bug that shows why its rule is there lead to one another.
	#twin({ tour, tours }) {
		const name = tour.bug ? tour.name.replace(/-bug$/, "") : tour.name + "-bug";
		const button = this.find(".twin");
		button.hidden = !tours.some(t => t.name === name);
		setAttr(button, "data-name", name);
		setText(button, tour.bug ? "The right rule" : "The historical bug");
		setAttr(this, "data-bug", Boolean(tour.bug));
	}

	/** next plays up to the next caption; pressed once more it goes there at once. */
	next() {
		if (!this.#tour) return;
		const { steps } = this.#tour;
		const to = this.#goal >= 0 ? this.#goal : stepAt(steps, this.#at) + 1;
		if (to >= steps.length) return;
		const type = this.#goal >= 0 ? "seek" : "playTo";
		this.#goal = type === "playTo" ? to : -1;
		if (type === "seek") this.intent("hold");
		this.intent(type, { time: steps[to].at });
	}

	/** back goes to the beginning of this step, or of the one before. */
	back() {
		if (!this.#tour) return;
		const { steps } = this.#tour;
		const step = stepAt(steps, this.#at);
		const to = this.#at > steps[step].at ? step : Math.max(0, step - 1);
		this.#goal = -1;
		this.intent("hold");
		this.intent("seek", { time: steps[to].at });
	}
}

define("tour-card", TourCard);
