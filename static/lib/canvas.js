// Ebitengine believes that it owns the document. Here its canvas is adopted into #stage, with the
// number of pixels that the page decides. This rests on three facts of Ebitengine v2.10: it appends
// its canvas to the body, asks body.clientWidth and clientHeight for the size, and asks again on
// "resize". A browser test guards them.

const SHARPEST = 2; // device pixels per CSS pixel; more costs fill rate and shows nothing

/** Pixels of the picture: w and h in device pixels, scale in device pixels per CSS pixel. */
export const pixels = { w: 1, h: 1, scale: 1 };

let ratio = 0;
let refused = false;

/**
 * adopt prepares the document; call it before the stage's program starts.
 * @param {HTMLElement} stage where the canvas is to live
 * @param {(w: number, h: number, scale: number) => void} sized is told each new size
 * @returns {{check: () => void, canvas: () => HTMLCanvasElement|null}}
 */
export function adopt(stage, sized) {
	const measure = () => {
		ratio = window.devicePixelRatio;
		const scale = Math.min(ratio, SHARPEST);
		const w = Math.max(1, Math.round(stage.clientWidth * scale));
		const h = Math.max(1, Math.round(stage.clientHeight * scale));
		if (w === pixels.w && h === pixels.h && scale === pixels.scale) return;
		Object.assign(pixels, { w, h, scale });
		window.dispatchEvent(new Event("resize"));
		sized(w, h, scale);
	};
	const check = () => { if (ratio !== window.devicePixelRatio) measure(); };

	takeBody(stage);
	plainContext();
	new ResizeObserver(measure).observe(stage);
	window.addEventListener("resize", check);
	measure();
	return { check, canvas: () => settle(stage) };
}

function takeBody(stage) {
	const { body } = document;
	Object.defineProperty(body, "clientWidth", { configurable: true, get: () => pixels.w });
	Object.defineProperty(body, "clientHeight", { configurable: true, get: () => pixels.h });
	const append = Node.prototype.appendChild;
	body.appendChild = child =>
		append.call(child instanceof HTMLCanvasElement ? stage : body, child);
}

// The batch smooths its own edges, so multisampling would only cost.
function plainContext() {
	const getContext = HTMLCanvasElement.prototype.getContext;
	HTMLCanvasElement.prototype.getContext = function (type, attributes) {
		const wanted = type === "webgl2" ? { ...attributes, antialias: false } : attributes;
		const context = getContext.call(this, type, wanted);
		if (type === "webgl2" && !context) refused = true;
		return context;
	};
}

// The canvas takes no focus and says nothing: #stage and the panels do.
function settle(stage) {
	const canvas = stage.querySelector("canvas");
	if (!canvas) return null;
	canvas.tabIndex = -1;
	canvas.setAttribute("aria-hidden", "true");
	const metas = document.head.querySelectorAll("meta[name=viewport]");
	for (const meta of [...metas].slice(1)) meta.remove();
	return canvas;
}

/** drawable reports whether the browser has given Ebitengine what it draws with. */
export const drawable = () => !refused;
