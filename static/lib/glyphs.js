// Short strings as coverage, drawn in the page's own font, for the stage's atlas.

const box = document.createElement("canvas");
const pen = box.getContext("2d", { willReadFrequently: true });

const LONGEST = 64; // characters; the stage draws short marks, sentences stay in the document
let family = "";

/**
 * label draws a string.
 * @param {string} text
 * @param {number} size of the font in device pixels
 * @param {boolean} bold
 * @returns {{w: number, h: number, alpha: Uint8Array}} coverage, row by row
 */
export function label(text, size, bold) {
	const words = text.slice(0, LONGEST);
	family ||= getComputedStyle(document.body).fontFamily;
	const font = `${bold ? 650 : 400} ${size}px ${family}`;
	pen.font = font;
	const w = Math.max(1, Math.ceil(pen.measureText(words).width) + 2);
	const h = Math.max(1, Math.ceil(size * 1.4));
	if (box.width < w) box.width = w; // clears the canvas and forgets its font
	if (box.height < h) box.height = h;
	pen.clearRect(0, 0, w, h);
	pen.font = font;
	pen.textBaseline = "middle";
	pen.fillStyle = "#fff";
	pen.fillText(words, 1, h / 2 + size * 0.04);
	const { data } = pen.getImageData(0, 0, w, h);
	const alpha = new Uint8Array(w * h);
	for (let i = 0; i < alpha.length; i++) alpha[i] = data[4 * i + 3];
	return { w, h, alpha };
}
