// Time's buttons and its speed, always at the same place.

import { fill, html, icon, setAttr, setIcon, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { nearestSpeed, speed, SPEEDS } from "../lib/format.js";

const BUTTONS = [
	{ act: "toStart", icon: "toStart", text: "To the start", key: "Home" },
	{ act: "back", icon: "back", text: "One step back", key: "←" },
	{ act: "toggle", icon: "play", text: "Play", key: "Space", filled: true },
	{ act: "on", icon: "on", text: "One step on", key: "→" },
	{ act: "now", icon: "toNow", text: "To now", key: "End" },
];

class TransportBar extends Panel {
	#start = 0;
	#dragging = false;

	build() {
		fill(this, html`
			<div class="buttons" role="group" aria-label="Time">${BUTTONS.map(b => html`
				<button type="button" class="button only-icon ${b.filled ? "filled" : ""}"
					data-act="${b.act}" aria-label="${b.text}" title="${b.text} (${b.key})">
					${icon(b.icon)}</button>`)}</div>
			<div class="pace">
				<label class="slow"><span class="slowest" aria-hidden="true">1/1000</span>
					<input type="range" min="0" max="${SPEEDS.length - 1}" aria-label="Speed">
				</label><output></output>
				<label class="pick unit"><span class="unseen">Step by</span>
					<select title="What a step is">
						<option value="event">event</option>
						<option value="message">message</option>
						<option value="change">change</option></select></label>
			</div>`);
		this.listen("click", "[data-act]", b => this.#press(b.dataset.act));
		const slider = this.find("input");
		slider.addEventListener("input", () => this.#speed(SPEEDS[slider.value]));
		slider.addEventListener("pointerdown", () => { this.#dragging = true; });
		slider.addEventListener("pointerup", () => { this.#dragging = false; });
		slider.addEventListener("change", () => { this.#dragging = false; });
	}

	render(view) {
		const { playing, speed: factor, start, live } = view.time;
		this.#start = start;
		const toggle = this.find("[data-act=toggle]");
		setIcon(toggle, playing ? "pause" : "play");
		setAttr(toggle, "aria-label", playing ? "Pause" : "Play");
		setAttr(toggle, "title", (playing ? "Pause" : "Play") + " (Space)");
		setAttr(this.find("[data-act=now]"), "data-there", live);
		if (!this.#dragging) this.#show(factor);
	}

	#show(factor) {
		const slider = this.find("input");
		const place = String(nearestSpeed(factor > 0 ? factor : 1));
		if (slider.value !== place) slider.value = place;
		slider.style.setProperty("--part", Number(place) / (SPEEDS.length - 1));
		setAttr(slider, "aria-valuetext", speed(factor));
		setText(this.find("output"), speed(factor));
	}

	#speed(factor) {
		this.#show(factor);
		this.intent("speed", { factor });
	}

	#press(act) {
		const by = this.find("select").value;
		if (act === "toStart") this.intent("seek", { time: this.#start });
		else if (act === "back") this.intent("step", { by, back: true });
		else if (act === "on") this.intent("step", { by });
		else this.intent(act);
	}
}

define("transport-bar", TransportBar);
