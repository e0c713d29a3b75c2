// Starts the stage's Go program and notices when it ends.

import { raf } from "./gate.js";

const KEPT = 60; // lines of the program's last words

/** programs reads which files this build of the page consists of. */
export async function programs() {
	const url = new URL("../dist/manifest.json", import.meta.url);
	const answer = await fetch(url);
	if (!answer.ok) throw new Error(`reading ${url.pathname}: ${answer.status}`);
	const manifest = await answer.json();
	const at = file => new URL("../dist/" + file, import.meta.url).href;
	return {
		stage: { url: at(manifest.stage.file), bytes: manifest.stage.bytes },
		engine: { url: at(manifest.engine.file), bytes: manifest.engine.bytes },
		build: manifest.build,
	};
}

/**
 * start runs the stage and gives its functions (globalThis.raftariumStage).
 * @param {{url: string, bytes: number}} program from programs()
 * @param {(part: number) => void} progress 0 to 1, of what is fetched
 * @param {(text: string) => void} ended the program has ended; text is its last words
 */
export async function start(program, progress, ended) {
	const loading = load(program, progress);
	await import("../dist/wasm_exec.js");
	const last = lastWords();
	const go = new globalThis.Go();
	const { instance } = await instantiate(await loading, program.url, go.importObject);
	go.run(instance).then(() => ended(last.join("")), error => ended(String(error)));
	return appeared();
}

// The browser keeps compiled code for a response that it gave itself, so the response goes to the
// compiler untouched and a copy of it is counted.
async function load(program, progress) {
	const answer = await fetch(program.url, { priority: "high" });
	if (!answer.ok) throw new Error(`fetching ${program.url}: ${answer.status}`);
	count(answer.clone(), program.bytes, progress);
	return answer;
}

async function count(answer, bytes, progress) {
	let got = 0;
	const reader = answer.body.getReader();
	for (;;) {
		const { done, value } = await reader.read().catch(() => ({ done: true }));
		if (done) break;
		got += value.length;
		progress(Math.min(1, got / bytes));
	}
}

// A proxy that spoils the media type makes streaming fail; the bytes are still good.
function instantiate(answer, url, imports) {
	return WebAssembly.instantiateStreaming(answer, imports).catch(async error => {
		if (!(error instanceof TypeError)) throw error;
		const again = await fetch(url);
		return WebAssembly.instantiate(await again.arrayBuffer(), imports);
	});
}

function lastWords() {
	const lines = [];
	const decoder = new TextDecoder();
	const { fs } = globalThis;
	const write = fs.writeSync;
	fs.writeSync = (fd, bytes) => {
		lines.push(decoder.decode(bytes));
		if (lines.length > KEPT) lines.shift();
		return write.call(fs, fd, bytes);
	};
	return lines;
}

// Go sets its functions before it first waits, but nobody promises that.
async function appeared() {
	for (let i = 0; i < 1000; i++) {
		if (globalThis.raftariumStage) return globalThis.raftariumStage;
		await new Promise(resolve => setTimeout(resolve, 10));
	}
	throw new Error("the stage's program did not announce itself");
}

/** painted waits until the page has been shown once, or will not be: a hidden one is not. */
export function painted() {
	return new Promise(done => {
		raf(() => setTimeout(done));
		setTimeout(done, 200);
	});
}
