// What all panels have in common.

/**
 * Panel is a custom element that shows a part of the view. It is built once, keeps no truth, and
 * speaks by one bubbling event, "intent", whose detail is {type, ...arguments} (lib/intents.js).
 */
export class Panel extends HTMLElement {
	#built = false;

	connectedCallback() {
		if (this.#built) return;
		this.#built = true;
		this.build();
	}

	/** build makes the markup, once. */
	build() {}

	/**
	 * render shows a view (lib/view.js) beside what only the page knows.
	 * @param {object} view the newest view
	 * @param {object} page {tool, hidden, theme, uri, tab}
	 */
	render(view, page) {}

	/** intent asks for something; app.js hears it. */
	intent(type, detail = {}) {
		const wish = { type, ...detail };
		this.dispatchEvent(new CustomEvent("intent", { bubbles: true, detail: wish }));
	}

	/** find is the first element inside that matches. */
	find(selector) { return this.querySelector(selector); }

	/** listen calls f(element, event) for an event on an element inside that matches. */
	listen(kind, selector, f) {
		this.addEventListener(kind, e => {
			const hit = e.target.closest(selector);
			if (hit && this.contains(hit)) f(hit, e);
		});
	}
}

/** define registers a panel under its tag. */
export const define = (tag, panel) => customElements.define(tag, panel);
