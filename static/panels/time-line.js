// The run as a whole: a lane for each node, coloured by term, thick while it leads; faults shaded.

import { fill, html, setAttr, setText } from "../lib/html.js";
import { define, Panel } from "../lib/panel.js";
import { span, termColour, termLap, time } from "../lib/format.js";
import { raf } from "../lib/gate.js";

const LEFT = 36, RIGHT = 26, TOP = 22, FOOT = 20; // CSS pixels around the lanes
const LEADER = 1, CANDIDATE = 2, DOWN = 3, PAUSED = 4, UNKNOWN = 5;
const LINE = 12;  // CSS pixels that a name needs
const TICK = 104; // CSS pixels between ticks, at least
const STEPS = [1, 2, 5];

/** tickStep is a round length of time, such that ticks are not crowded. */
export function tickStep(length, room) {
	const least = length / Math.max(1, Math.floor(room / TICK));
	const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
	return power * (STEPS.find(s => s * power >= least) ?? 10);
}

/** lanePitch is how far apart lanes stand. */
export const lanePitch = (room, lanes) => Math.min(20, room / Math.max(1, lanes));

class TimeLine extends Panel {
	#view = null;
	#colours = { key: "" };
	#dragged = null;  // the time under a finger that drags
	#asked = null;    // the next seek, sent once a frame
	#resume = false;

	build() {
		fill(this, html`
			<canvas aria-hidden="true"></canvas>
			<div class="track" role="slider" tabindex="0" aria-label="Time"></div>
			<div class="tip" hidden></div>`);
		this.#listenTrack(this.find(".track"));
		new ResizeObserver(() => this.#draw()).observe(this);
	}

	render(view) {
		this.#view = view;
		const track = this.find(".track");
		setAttr(track, "aria-valuemin", view.time.start);
		setAttr(track, "aria-valuemax", view.time.edge);
		setAttr(track, "aria-valuenow", view.time.at);
		setAttr(track, "aria-valuetext", time(view.time.at) + (view.time.live ? ", now" : ""));
		this.#draw();
	}

	// The place of a time, and the time of a place.
	#scale(width) {
		const { from, to } = this.#view.lanes;
		const length = Math.max(1, to - from);
		const room = Math.max(1, width - LEFT - RIGHT);
		return {
			x: t => LEFT + room * (Math.min(to, Math.max(from, t)) - from) / length,
			t: x => Math.round(from + length * Math.min(1, Math.max(0, (x - LEFT) / room))),
			length,
			room,
		};
	}

	#draw() {
		const canvas = this.find("canvas");
		const { clientWidth: w, clientHeight: h } = this;
		if (!this.#view || w === 0 || h === 0) return;
		const k = window.devicePixelRatio;
		if (canvas.width !== Math.round(w * k) || canvas.height !== Math.round(h * k)) {
			canvas.width = Math.round(w * k);
			canvas.height = Math.round(h * k);
		}
		this.#takeColours();
		const pen = canvas.getContext("2d");
		pen.setTransform(k, 0, 0, k, 0, 0);
		pen.clearRect(0, 0, w, h);
		pen.font = this.#colours.font;
		pen.textBaseline = "middle";
		if (this.#view.lanes.nodes.length === 0) return;
		this.#paint(pen, w, h, this.#scale(w));
	}

	#paint(pen, w, h, scale) {
		const { lanes, time: now } = this.#view;
		const pitch = lanePitch(h - TOP - FOOT, lanes.nodes.length);
		const bottom = TOP + pitch * lanes.nodes.length;
		this.#ticks(pen, scale);
		const named = Math.ceil(LINE / pitch); // on a low timeline only every second lane has its name
		lanes.nodes.forEach((lane, i) => {
			const y = TOP + pitch * (i + 0.5);
			if (i % named === 0) this.#name(pen, lane.id, y);
			this.#lane(pen, lane, y, pitch, scale);
		});
		lanes.faults.forEach(f => this.#shade(pen, f, bottom, scale, now));
		this.#faultNames(pen, lanes.faults, bottom, scale);
		lanes.marks.forEach(([at, kind]) => this.#mark(pen, scale.x(at), bottom, kind));
		this.#future(pen, scale, bottom);
		this.#head(pen, w, bottom, scale);
	}

	#ticks(pen, { x, length, room }) {
		const { from, to } = this.#view.lanes;
		const step = tickStep(length, room);
		const digits = step >= 1e6 ? 0 : Math.min(3, Math.ceil(6 - Math.log10(step)));
		pen.fillStyle = this.#colours.ink3;
		pen.textAlign = "center";
		for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
			pen.fillText(time(t, digits), x(t), 10);
		}
	}

	#name(pen, id, y) {
		const node = this.#view.nodes.find(n => n.id === id);
		pen.fillStyle = node?.selected ? this.#colours.accent : this.#colours.ink2;
		pen.textAlign = "start";
		pen.fillText(node?.name ?? "S" + id, 4, y);
	}

	#lane(pen, { spans }, y, pitch, { x }) {
		const { time: now } = this.#view;
		const thin = Math.max(4, Math.min(8, pitch * 0.42));
		const thick = Math.max(8, Math.min(15, pitch * 0.8));
		const inOrder = [...spans].sort((a, b) => (a[3] === LEADER) - (b[3] === LEADER));
		for (const [from, to, term, kind] of inOrder) {
			const right = x(to < 0 ? now.edge : to);
			this.#band(pen, x(from), right, y, kind === LEADER ? thick : thin, term, kind);
		}
	}

	#band(pen, left, right, y, height, term, kind) {
		const c = this.#colours;
		const width = Math.max(kind === LEADER ? 3 : 1, right - left);
		pen.beginPath();
		pen.roundRect(left, y - height / 2, width, height, Math.min(3, width / 2));
		pen.setLineDash([]);
		pen.lineWidth = kind === LEADER ? 1.5 : 1;
		pen.strokeStyle = kind === LEADER ? c.ink : c.edge;
		if (kind === DOWN || kind === UNKNOWN) {
			pen.setLineDash([2, 2]);
			pen.strokeStyle = c.ink3;
		} else {
			pen.fillStyle = c.terms[termColour(term)];
			pen.fill();
			if (kind === PAUSED || termLap(term)) this.#hatch(pen, left, right, y, height);
		}
		if (kind === CANDIDATE) {
			pen.setLineDash([3, 2]);
			pen.strokeStyle = c.vote;
		}
		pen.stroke();
		pen.setLineDash([]);
	}

	#hatch(pen, left, right, y, height) {
		pen.save();
		pen.clip();
		pen.strokeStyle = this.#colours.ink3;
		pen.lineWidth = 1.2;
		pen.beginPath();
		for (let x = left - height; x < right; x += 5) {
			pen.moveTo(x, y + height / 2);
			pen.lineTo(x + height, y - height / 2);
		}
		pen.stroke();
		pen.restore();
		pen.beginPath();
		pen.roundRect(left, y - height / 2, right - left, height, 3);
	}

	#shade(pen, [from, to], bottom, { x }, now) {
		const left = x(from);
		const right = x(to < 0 ? now.edge : to);
		pen.fillStyle = this.#colours.fault;
		pen.globalAlpha = 0.11;
		pen.fillRect(left, TOP - 4, Math.max(1, right - left), bottom - TOP + 8);
		pen.globalAlpha = 1;
		pen.strokeStyle = this.#colours.fault;
		pen.lineWidth = 1.2;
		pen.setLineDash([3, 3]);
		pen.beginPath();
		pen.moveTo(left, TOP - 4);
		pen.lineTo(left, bottom + 4);
		pen.stroke();
		pen.setLineDash([]);
	}

	// Names stand below, and give way to the one before them.
	#faultNames(pen, faults, bottom, { x }) {
		pen.fillStyle = this.#colours.fault;
		pen.textAlign = "start";
		let free = 0;
		for (const [from, , name] of faults) {
			const width = pen.measureText(name).width;
			const left = Math.max(LEFT, x(from) - 6 - width);
			if (left < free) continue;
			pen.fillText(name, left, bottom + 11);
			free = left + width + 8;
		}
	}

	#mark(pen, x, bottom, kind) {
		pen.fillStyle = kind === "violation" ? this.#colours.broken : this.#colours.ink2;
		pen.beginPath();
		pen.moveTo(x, bottom + 1);
		pen.lineTo(x - 5, bottom + 9);
		pen.lineTo(x + 5, bottom + 9);
		pen.fill();
	}

	// What lies behind the play-head in time is known but not now: it pales.
	#future(pen, { x }, bottom) {
		const { at, edge } = this.#view.time;
		if (at >= edge) return;
		pen.fillStyle = this.#colours.card;
		pen.globalAlpha = 0.5;
		pen.fillRect(x(at), TOP - 2, x(edge) - x(at) + 2, bottom - TOP + 4);
		pen.globalAlpha = 1;
	}

	#head(pen, width, bottom, { x }) {
		const { at } = this.#view.time;
		const shown = this.#dragged ?? at;
		const place = x(shown);
		const y = bottom + 11;
		pen.fillStyle = pen.strokeStyle = this.#colours.accent;
		pen.lineWidth = 2;
		pen.beginPath();
		pen.moveTo(place, 18);
		pen.lineTo(place, y);
		pen.stroke();
		pen.beginPath();
		pen.arc(place, y, 6, 0, 2 * Math.PI);
		pen.fill();
		const text = this.#words(shown);
		const room = pen.measureText(text).width;
		const leftward = place + 12 + room > width - 4;
		pen.fillStyle = this.#colours.card;
		pen.fillRect(leftward ? place - 16 - room : place + 8, y - 8, room + 8, 16);
		pen.fillStyle = this.#colours.accent;
		pen.textAlign = leftward ? "end" : "start";
		pen.fillText(text, leftward ? place - 12 : place + 12, y);
	}

	#words(shown) {
		const { live, seeking, goal } = this.#view.time;
		if (this.#dragged !== null) return time(shown);
		if (seeking) return `${time(shown)}, on the way to ${time(goal)}`;
		return time(shown) + (live ? " · now" : "");
	}

	// A canvas knows no custom properties, so they are read whenever the theme is another one.
	#takeColours() {
		const style = getComputedStyle(this);
		const of = name => style.getPropertyValue("--" + name).trim();
		const key = of("page") + of("ink") + style.fontFamily;
		if (key === this.#colours.key) return;
		this.#colours = {
			key, font: `12px ${style.fontFamily}`, ink: of("ink"), ink2: of("ink-2"), ink3: of("ink-3"),
			edge: of("hatch"), card: of("card"), fault: of("fault"), broken: of("broken"),
			vote: of("vote"), accent: of("accent"),
			terms: [of("fog"), ...[1, 2, 3, 4, 5, 6, 7, 8].map(i => of("term-" + i))],
		};
	}

	#listenTrack(track) {
		const at = e => this.#scale(this.clientWidth).t(e.clientX - this.getBoundingClientRect().left);
		track.addEventListener("pointerdown", e => {
			if (!this.#view || e.button !== 0) return;
			track.setPointerCapture(e.pointerId);
			this.#resume = this.#view.time.playing;
			if (this.#resume) this.intent("hold");
			this.#drag(at(e));
		});
		track.addEventListener("pointermove", e => {
			if (!this.#view) return;
			if (this.#dragged !== null) this.#drag(at(e));
			else this.#tip(e, at(e));
		});
		const drop = () => {
			if (this.#dragged === null) return;
			this.#dragged = null;
			if (this.#resume) this.intent("play");
			this.#draw();
		};
		track.addEventListener("pointerup", drop);
		track.addEventListener("pointercancel", drop);
		track.addEventListener("pointerleave", () => { this.find(".tip").hidden = true; });
		track.addEventListener("keydown", e => this.#key(e));
	}

	#drag(moment) {
		const { start, edge } = this.#view.time;
		this.#dragged = Math.max(start, Math.min(edge, moment));
		this.find(".tip").hidden = true;
		this.#draw();
		const pending = this.#asked !== null;
		this.#asked = this.#dragged;
		if (pending) return;
		raf(() => {
			this.intent("seek", { time: this.#asked });
			this.#asked = null;
		});
	}

	#tip(e, moment) {
		const { start, edge } = this.#view.time;
		const tip = this.find(".tip");
		tip.hidden = e.pointerType === "touch" || moment < start || moment > edge;
		setText(tip, moment === edge ? time(moment) : `${time(moment)}, ${span(edge - moment)} ago`);
		const x = e.clientX - this.getBoundingClientRect().left;
		tip.style.translate = `calc(${Math.max(60, Math.min(this.clientWidth - 60, x))}px - 50%) 0`;
	}

	#key(e) {
		if (!this.#view) return;
		const { at, start, edge } = this.#view.time;
		const leap = Math.max(1, Math.round((edge - start) / 20));
		const seek = t => this.intent("seek", { time: Math.max(start, Math.min(edge, t)) });
		const acts = {
			ArrowLeft: () => this.intent("step", { by: e.shiftKey ? "change" : "event", back: true }),
			ArrowRight: () => this.intent("step", { by: e.shiftKey ? "change" : "event" }),
			PageUp: () => seek(at + leap),
			PageDown: () => seek(at - leap),
			Home: () => seek(start),
			End: () => this.intent("now"),
		};
		if (!acts[e.key]) return;
		e.preventDefault();
		acts[e.key]();
	}
}

define("time-line", TimeLine);
