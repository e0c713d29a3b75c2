// The engine: the whole simulated cluster, in a thread of its own. The page sends {engine: url}
// first; after that both sides send frames as ArrayBuffers. Says {ready: true} and {died: text}.

"use strict";

importScripts("dist/wasm_exec.js");

const early = [];
const lastWords = [];

const decoder = new TextDecoder();
const writeSync = globalThis.fs.writeSync;
globalThis.fs.writeSync = (fd, bytes) => {
	lastWords.push(decoder.decode(bytes));
	if (lastWords.length > 60) lastWords.shift();
	return writeSync.call(globalThis.fs, fd, bytes);
};

globalThis.raftariumPost = bytes => {
	const copy = bytes.slice().buffer;
	postMessage(copy, [copy]);
};

// Go sets its object while it starts; frames that came before wait for it.
let engine;
Object.defineProperty(globalThis, "raftariumEngine", {
	configurable: true,
	get: () => engine,
	set(value) {
		engine = value;
		postMessage({ ready: true });
		for (const frame of early.splice(0)) feed(frame);
	},
});

function feed(frame) {
	try {
		engine.frame(new Uint8Array(frame));
	} catch (error) {
		died(error);
	}
}

let dead = false;
function died(error) {
	if (dead) return;
	dead = true;
	const words = lastWords.join("").trim();
	postMessage({ died: [error && String(error), words].filter(Boolean).join("\n") });
}

async function start(url) {
	const go = new Go();
	const answer = await fetch(url);
	if (!answer.ok) throw new Error(`fetching ${url}: ${answer.status}`);
	const spare = answer.clone();
	const { instance } = await WebAssembly.instantiateStreaming(answer, go.importObject)
		.catch(async () => WebAssembly.instantiate(await spare.arrayBuffer(), go.importObject));
	await go.run(instance);
	died("");
}

onmessage = ({ data }) => {
	if (data instanceof ArrayBuffer) {
		if (engine) feed(data);
		else early.push(data);
		return;
	}
	start(data.engine).catch(died);
};
