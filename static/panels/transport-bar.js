// Time's buttons and its speed, always at the same place.

import { fill, html, icon, setAttr, setIcon, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { nearestSpeed, speed, SPEEDS } from "../lib/format.js";
import { otherPace } from "../lib/power.js";

const BUTTONS = [
	{ act: "toStart", icon: "toStart", text: "To the start", key: "Home" },
	{ act: "back", icon: "back", text: "One step back", key: "←" },
	{ act: "toggle", icon: "play", text: "Play", key: "Space", filled: true },
	{ act: "on", icon: "on", text: "One step on", key: "→" },
	{ act: "now", icon: "toNow", text: "To now", key: "End" },
];

const AUTO = "Fast while only heartbeats flow, slow when something happens";

class TransportBar extends Panel {
	#time = { start: 0 };
	#dragging = false;

	build() {
		fill(this, html`
			<div class="buttons" role="group" aria-label="Time">${BUTTONS.map(b => html`
				<button type="button" class="button only-icon ${b.filled ? "filled" : ""}"
					data-act="${b.act}" aria-label="${b.text}" title="${b.text} (${b.key})">
					${icon(b.icon)}</button>`)}</div>
			<div class="pace">
				<button type="button" class="button auto" aria-pressed="false" title="${AUTO} (A)"
					>auto</button>
				<input type="range" min="0" max="${SPEEDS.length - 1}" aria-label="Speed">
				<label class="pick few"><span class="unseen">Speed</span>
					<select><option value="auto">auto</option>
						${SPEEDS.map((s, i) => html`<option value="${i}">${speed(s)}</option>`)}
					</select></label>
				<output></output>
				<label class="pick unit"><span class="unseen">Step by</span>
					<select class="by" title="What a step is">
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
		this.listen("change", ".few select", s => (s.value === "auto"
			? this.intent("speed", { auto: true }) : this.#speed(SPEEDS[s.value])));
		this.listen("click", ".auto", () => {
			const { type, ...detail } = otherPace(this.#time);
			this.intent(type, detail);
		});
	}

	render(view) {
		const { playing, speed: factor, auto, live } = view.time;
		this.#time = view.time;
		const toggle = this.find("[data-act=toggle]");
		setIcon(toggle, playing ? "pause" : "play");
		setAttr(toggle, "aria-label", playing ? "Pause" : "Play");
		setAttr(toggle, "title", (playing ? "Pause" : "Play") + " (Space)");
		setAttr(this.find("[data-act=now]"), "data-there", live);
		this.#choice(auto, view.source.kind === "live");
		if (!this.#dragging) this.#show(factor, auto);
	}

	// A live cluster goes at its own pace: there the automatic one is not offered.
	#choice(auto, live) {
		setAttr(this, "data-auto", auto);
		const button = this.find(".auto");
		setAttr(button, "aria-pressed", String(auto));
		setAttr(button, "disabled", live);
		setAttr(this.find(".few option"), "disabled", live);
	}

	#show(factor, auto) {
		const slider = this.find("input");
		const place = String(nearestSpeed(factor > 0 ? factor : 1));
		if (slider.value !== place) slider.value = place;
		slider.style.setProperty("--part", Number(place) / (SPEEDS.length - 1));
		setAttr(slider, "aria-valuetext", (auto ? "automatic, " : "") + speed(factor));
		setText(this.find("output"), speed(factor));
		const few = this.find(".few select");
		const chosen = auto ? "auto" : place;
		if (few.value !== chosen) few.value = chosen;
	}

	#speed(factor) {
		this.#show(factor, false);
		this.intent("speed", { factor });
	}

	#press(act) {
		const by = this.find(".by").value;
		if (act === "toStart") this.intent("seek", { time: this.#time.start });
		else if (act === "back") this.intent("step", { by, back: true });
		else if (act === "on") this.intent("step", { by });
		else this.intent(act);
	}
}

define("transport-bar", TransportBar);
