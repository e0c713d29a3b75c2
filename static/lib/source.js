// Carries frames between the stage and a source of events: the engine in a Worker, or a live
// cluster behind a WebSocket. It never looks into a frame.

const WATCH = "/v1/watch";

/** address turns a uri into the WebSocket's address; a token stays here. */
export function address(uri) {
	const url = new URL(/^wss?:\/\//.test(uri) ? uri : "ws://" + uri);
	url.hash = "";
	if (url.pathname === "/" || url.pathname === "") url.pathname = WATCH;
	return url.href;
}

/** Carrier holds one transport at a time. */
export class Carrier {
	#engine;     // () => Promise<url of the engine's program>
	#to;         // {open(), frame(bytes), lost(text)}
	#transport = null;
	#warm = null;

	constructor(engine, to) {
		this.#engine = engine;
		this.#to = to;
	}

	/** warm starts an engine before it is asked for, so that its start costs no time later. */
	warm() { this.#warm ??= new Engine(this.#engine); }

	/** open connects to what a uri names, and lets go of what was there before. */
	open(uri) {
		this.close();
		try {
			this.#transport = this.#make(uri);
		} catch (error) {
			queueMicrotask(() => this.#to.lost(`opening ${uri}: ${error.message}`));
			return;
		}
		const mine = this.#transport;
		const ifMine = f => value => { if (this.#transport === mine) f(value); };
		mine.start({
			open: ifMine(() => this.#to.open()),
			frame: ifMine(bytes => this.#to.frame(bytes)),
			lost: ifMine(text => {
				this.#transport = null;
				mine.close();
				this.#to.lost(text);
			}),
		});
	}

	/** send carries a frame up; the bytes are the caller's again when it returns. */
	send(bytes) { this.#transport?.send(bytes.slice().buffer); }

	/** close lets go of the transport. */
	close() {
		this.#transport?.close();
		this.#transport = null;
	}

	#make(uri) {
		if (!uri.startsWith("sim:")) return new Socket(address(uri));
		const engine = this.#warm ?? new Engine(this.#engine);
		this.#warm = null;
		return engine;
	}
}

/** Engine is the simulation in a Worker. */
class Engine {
	#worker = new Worker(new URL("../engine-worker.js", import.meta.url));
	#to = null;
	#early = [];

	constructor(engine) {
		this.#worker.onmessage = e => this.#hear(e.data);
		this.#worker.onerror = e => this.#hear({ died: e.message || "It could not be started." });
		engine().then(url => this.#worker.postMessage({ engine: url }),
			error => this.#hear({ died: error.message }));
	}

	start(to) {
		this.#to = to;
		this.#early.splice(0).forEach(message => this.#hear(message));
	}

	#hear(message) {
		if (!this.#to) this.#early.push(message);
		else if (message instanceof ArrayBuffer) this.#to.frame(new Uint8Array(message));
		else if (message.ready) this.#to.open();
		else if (message.died !== undefined) this.#to.lost("The engine has stopped. " + message.died);
	}

	send(buffer) { this.#worker.postMessage(buffer, [buffer]); }
	close() { this.#worker.terminate(); }
}

/** Socket is a live cluster. */
class Socket {
	#url;
	#socket = null;

	constructor(url) { this.#url = url; }

	start(to) {
		const host = new URL(this.#url).host;
		const socket = new WebSocket(this.#url);
		let opened = false;
		socket.binaryType = "arraybuffer";
		socket.onopen = () => { opened = true; to.open(); };
		socket.onmessage = e => {
			if (e.data instanceof ArrayBuffer) to.frame(new Uint8Array(e.data));
		};
		socket.onclose = e => to.lost(opened
			? `The connection to ${host} has ended. ${e.reason}`.trim()
			: `No connection to ${host}. Is a cluster running there, and does it allow this page?`);
		this.#socket = socket;
	}

	send(buffer) {
		if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(buffer);
	}

	close() {
		if (!this.#socket) return;
		this.#socket.onclose = null;
		this.#socket.close();
	}
}
