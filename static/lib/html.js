// Text becomes markup in one place only, and is escaped there.

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Markup that may be put into the page: made by html`...` alone. */
class Markup {
	constructor(text) { this.text = text; }
	toString() { return this.text; }
}

const print = value => {
	if (value instanceof Markup) return value.text;
	if (Array.isArray(value)) return value.map(print).join("");
	if (value === null || value === undefined || value === false) return "";
	return String(value).replace(/[&<>"']/g, c => entities[c]);
};

/** html`<b>${text}</b>`: every value is escaped, but what html`` itself made. */
export function html(strings, ...values) {
	return new Markup(strings.reduce((text, s, i) => text + print(values[i - 1]) + s));
}

/** icon names a sign of the sprite in index.html. */
export const icon = name =>
	html`<svg class="icon" aria-hidden="true"><use href="#i-${name}"></use></svg>`;

/** fill replaces what an element holds by markup. */
export function fill(element, markup) {
	if (!(markup instanceof Markup)) throw new TypeError("fill takes html`...` only");
	element.innerHTML = markup.text;
}

const shown = Symbol("shown");

/** setText writes text only when it is another one; the browser then has nothing to lay out. */
export function setText(element, text) {
	if (element[shown] === text) return;
	element[shown] = text;
	element.textContent = text;
}

/** setAttr writes an attribute only when it differs; null and false remove it, true is empty. */
export function setAttr(element, name, value) {
	if (value === null || value === undefined || value === false) {
		if (element.hasAttribute(name)) element.removeAttribute(name);
		return;
	}
	const text = value === true ? "" : String(value);
	if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** setIcon shows another sign of the sprite in an icon that is there. */
export const setIcon = (element, name) =>
	setAttr(element.querySelector("use"), "href", "#i-" + name);

/** pool gives an element exactly n children, made by make(i) when missing. */
export function pool(element, n, make) {
	while (element.children.length > n) element.lastElementChild.remove();
	while (element.children.length < n) element.append(make(element.children.length));
	return element.children;
}

/** element makes one element from markup. */
export function element(markup) {
	const box = document.createElement("template");
	fill(box, markup);
	return box.content.firstElementChild;
}
