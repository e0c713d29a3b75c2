// Pointer and wheel of #stage, as the stage takes them. The page owns input: Ebitengine's own
// would swallow keys and lose releases outside of its canvas.

import { pixels } from "./canvas.js";

const DOWN = 0, MOVE = 1, UP = 2, CANCEL = 3, WHEEL = 4;

/** mods packs the modifier keys: bit 0 shift, bit 1 ctrl, bit 2 alt. */
export const mods = e =>
	(e.shiftKey ? 1 : 0) | (e.ctrlKey || e.metaKey ? 2 : 0) | (e.altKey ? 4 : 0);

const SLACK = 8;        // CSS pixels that a tap may wander
const LONG = 500;       // milliseconds after which a press asks for the menu

/**
 * listen sends every pointer record of an element to the stage.
 * @param {HTMLElement} element
 * @param {import("./bridge.js").Stage} stage
 * @param {(x: number, y: number, kind: "tap"|"press"|"menu", e: PointerEvent) => void} tapped
 *   a tap, a long press or a right click, in CSS pixels of the element
 */
export function listen(element, stage, tapped) {
	const place = e => {
		const r = element.getBoundingClientRect();
		return [e.clientX - r.left, e.clientY - r.top, pixels.w / Math.max(1, r.width)];
	};
	const send = (kind, e) => {
		const [x, y, k] = place(e);
		const buttons = kind === WHEEL ? e.deltaY * (e.deltaMode === 1 ? 16 : 1) : e.buttons;
		const touch = e.pointerType === "touch";
		stage.pointer(kind, e.pointerId ?? 0, touch, x * k, y * k, buttons, mods(e));
	};

	const taps = tapWatch(place, tapped);
	element.addEventListener("pointerdown", e => {
		element.setPointerCapture(e.pointerId);
		taps.down(e);
		send(DOWN, e);
	});
	element.addEventListener("pointermove", e => { taps.move(e); send(MOVE, e); });
	element.addEventListener("pointerup", e => { send(UP, e); taps.up(e); });
	element.addEventListener("pointercancel", e => { taps.cancel(); send(CANCEL, e); });
	element.addEventListener("pointerleave", e => {
		if (!element.hasPointerCapture(e.pointerId)) send(CANCEL, e);
	});
	element.addEventListener("contextmenu", e => {
		e.preventDefault();
		const [x, y] = place(e);
		if (e.pointerType !== "touch") tapped(x, y, "menu", e);
	});
	element.addEventListener("wheel", e => {
		if (e.ctrlKey) return; // the browser's zoom stays the reader's
		e.preventDefault();
		send(WHEEL, e);
	}, { passive: false });
}

// A tap is a press that neither wanders nor lasts; a long one is what a finger has for a menu.
function tapWatch(place, tapped) {
	let from = null;
	let timer = 0;
	const cancel = () => { clearTimeout(timer); from = null; };
	return {
		cancel,
		down(e) {
			cancel();
			if (!e.isPrimary || e.button !== 0) return;
			from = place(e);
			const [x, y] = from;
			if (e.pointerType === "touch") {
				timer = setTimeout(() => { cancel(); tapped(x, y, "press", e); }, LONG);
			}
		},
		move(e) {
			if (!from || !e.isPrimary) return;
			const [x, y] = place(e);
			if (Math.hypot(x - from[0], y - from[1]) > SLACK) cancel();
		},
		up(e) {
			if (!from || !e.isPrimary) return;
			const [x, y] = from;
			cancel();
			tapped(x, y, "tap", e);
		},
	};
}
