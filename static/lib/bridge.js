// The one place where the page calls Go. After Go's end every call would throw, so none is made.

import { close, wake } from "./gate.js";

/** Stage is globalThis.raftariumStage, safe to call at any time. */
export class Stage {
	#functions = null;
	#dead = false;

	get alive() { return this.#functions !== null && !this.#dead; }

	/** attach takes the functions that the program has announced. */
	attach(functions) { this.#functions = functions; }

	/** die lets no call and no frame through any more. */
	die() {
		this.#dead = true;
		close();
	}

	feed(bytes, stream) { this.#call("feed", bytes, stream); }
	connected(stream) { this.#call("connected", stream); }
	disconnected(text, stream) { this.#call("disconnected", text, stream); }

	/** resize says how large the picture is, and what stands over its edges, in device pixels. */
	resize(w, h, scale, top, right, bottom, left) {
		this.#call("resize", w, h, scale, top, right, bottom, left);
	}

	look(dark, reducedMotion, contrast) { this.#call("look", dark, reducedMotion, contrast); }
	key(code, mods, down) { this.#call("key", code, mods, down); }
	frames() { return this.#call("frames") ?? 0; }

	pointer(kind, id, touch, x, y, buttons, mods) {
		this.#call("pointer", kind, id, touch, x, y, buttons, mods);
	}

	/** intent gives the ticket number, or 0 when there is nobody to ask. */
	intent(type, a, b, c, text, text2) {
		return this.#call("intent", type, a, b, c, text, text2) ?? 0;
	}

	#call(name, ...values) {
		if (!this.alive) return undefined;
		try {
			return this.#functions[name]?.(...values);
		} catch (error) {
			console.error(`raftarium: calling ${name}`, error);
			return undefined;
		} finally {
			wake(2);
		}
	}
}
