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

/** Carrier holds the transports, each under the number of its stream. */
export class Carrier {
	#engine;     // (name) => Promise<url of that program: engine or museum>
	#to;         // {open(stream), frame(bytes, stream), lost(text, stream)}
	#transports = new Map();
	#warm = null;

	constructor(engine, to) {
		this.#engine = engine;
		this.#to = to;
	}

	/** warm starts an engine before it is asked for, so that its start costs no time later. */
	warm() { this.#warm ??= new Engine(() => this.#engine("engine")); }

	/** open connects a stream to what a uri names, after some milliseconds, and lets go of what it
	 * had before; other streams keep theirs. */
	open(uri, stream = 0, after = 0) {
		this.close(stream);
		const mine = new Waiting(after, () => this.#connect(uri, stream, mine));
		this.#transports.set(stream, mine);
		if (after === 0) mine.now();
	}

	#connect(uri, stream, place) {
		let transport;
		try {
			transport = this.#make(uri);
		} catch (error) {
			queueMicrotask(() => this.#to.lost(`${uri} cannot be opened: ${error.message}`, stream));
			return;
		}
		if (this.#transports.get(stream) !== place) return transport.close();
		this.#transports.set(stream, transport);
		const ifMine = f => value => { if (this.#transports.get(stream) === transport) f(value); };
		transport.start({
			open: ifMine(() => this.#to.open(stream)),
			frame: ifMine(bytes => this.#to.frame(bytes, stream)),
			lost: ifMine(text => {
				this.close(stream);
				this.#to.lost(text, stream);
			}),
		});
	}

	/** send carries a frame up; the bytes are the caller's again when it returns. */
	send(bytes, stream = 0) { this.#transports.get(stream)?.send(bytes.slice().buffer); }

	/** close lets go of a stream's transport, or of all. */
	close(stream) {
		const going = stream === undefined ? [...this.#transports.keys()] : [stream];
		for (const s of going) {
			this.#transports.get(s)?.close();
			this.#transports.delete(s);
		}
	}

	#make(uri) {
		if (!uri.startsWith("sim:")) return new Socket(address(uri));
		if (/[?&]bug=/.test(uri)) return new Engine(() => this.#engine("museum"));
		const engine = this.#warm ?? new Engine(() => this.#engine("engine"));
		this.#warm = null;
		return engine;
	}
}

/** Waiting stands in a transport's place until its time has come. */
class Waiting {
	#timer;
	#then;

	constructor(after, then) {
		this.#then = then;
		if (after > 0) this.#timer = setTimeout(then, after);
	}

	now() { this.#then(); }
	send() {}
	close() { clearTimeout(this.#timer); }
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

const PATIENCE = 20000; // milliseconds from the start to the first frame

/** Socket is a live cluster. */
class Socket {
	#url;
	#socket = null;
	#timer = 0;

	constructor(url) { this.#url = url; }

	start(to) {
		const { host } = new URL(this.#url);
		const socket = new WebSocket(this.#url);
		const none = `No connection to ${host}. `
			+ "Is a cluster running there, and does it allow this page?";
		let opened = false;
		const lost = text => { this.close(); to.lost(text); };
		socket.binaryType = "arraybuffer";
		socket.onopen = () => { opened = true; to.open(); };
		socket.onmessage = e => {
			clearTimeout(this.#timer);
			if (e.data instanceof ArrayBuffer) to.frame(new Uint8Array(e.data));
		};
		socket.onclose = e => lost(opened
			? `The connection to ${host} has ended. ${e.reason}`.trim() : none);
		this.#timer = setTimeout(() => lost(opened
			? `${host} says nothing: it may not be a cluster.` : none), PATIENCE);
		this.#socket = socket;
	}

	send(buffer) {
		if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(buffer);
	}

	close() {
		clearTimeout(this.#timer);
		if (!this.#socket) return;
		this.#socket.onclose = null;
		this.#socket.close();
	}
}
