// A scenario, caption by caption: what one sees, and a step on.

import { fill, html, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { section, source } from "../lib/format.js";
import { stepAt } from "../lib/tours.js";

const ASTRAY = "You went on differently here, in a branch of your own. What the scenario does "
	+ "later does not happen in it; the scenario itself is as it was.";

class TourCard extends Panel {
	#tour = null;
	#at = 0;
	#goal = -1; // the step that is played to, or -1
	#begun = false; // it plays to there
	#astray = false; // what is shown is a branch, and none of this
	#after = "";     // the scenario that follows in the library

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
		const here = page.tour?.uri === view.source.uri.split("#")[0];
		this.#tour = here ? page.tour : null;
		this.hidden = !here;
		if (!here) return;
		const { title, steps, section: where } = page.tour;
		this.#at = view.time.at;
		this.#astray = view.branches.length > 1 && !view.branches[0].on;
		const place = page.tours.findIndex(t => t.name === page.tour.name);
		this.#after = (place >= 0 && page.tours[place + 1]?.name) || "";
		const step = stepAt(steps, this.#at);
		this.#arrive(step, view.time.playing);
		setText(this.find("h2"), title);
		const link = this.find("a");
		link.hidden = !where;
		setText(link, section(where));
		setAttr(link, "href", where ? source(where) : null);
		this.#twin(page);
		this.#say(steps, step);
	}

	#say(steps, step) {
		const astray = this.#astray, next = this.find(".next");
		setText(this.find("p"), astray ? ASTRAY : steps[step].text);
		setText(this.find("output"), `step ${step + 1} of ${steps.length}`);
		setAttr(this.find("meter"), "max", steps.length);
		setAttr(this.find("meter"), "value", step + 1);
		for (const part of ["meter", "output", ".back"]) this.find(part).hidden = astray;
		const first = step === 0 && this.#at <= steps[0].at;
		this.#close(this.find(".back"), first, next);
		const last = step === steps.length - 1 && !astray;
		this.#close(next, last && !this.#after, this.find(".back"));
		const on = this.#goal >= 0 ? "Skip" : "Next";
		setText(next, astray ? "Back to the scenario" : last && this.#after ? "Next scenario" : on);
	}

	// Who has come to an end by the keyboard stands at the way back.
	#close(button, closed, other) {
		const focused = closed && document.activeElement === button;
		setAttr(button, "disabled", closed);
		if (!focused) return;
		other.disabled = false;
		other.focus({ preventScroll: true });
	}

	// The step that was played to is reached, or somebody holds on the way.
	#arrive(step, playing) {
		if (playing) this.#begun = true;
		if (step >= this.#goal || (this.#begun && !playing) || this.#astray) this.#goal = -1;
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

	/** next plays up to the next caption; pressed once more it goes there at once. Behind the last
	 * one it goes on to the next scenario. */
	next() {
		if (!this.#tour) return;
		if (this.#astray) return this.intent("branch", { index: 0 });
		const { steps } = this.#tour;
		const to = this.#goal >= 0 ? this.#goal : stepAt(steps, this.#at) + 1;
		if (to >= steps.length) return this.#after && this.intent("tour", { name: this.#after });
		const type = this.#goal >= 0 ? "seek" : "playTo";
		this.#goal = type === "playTo" ? to : -1;
		this.#begun = false;
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
