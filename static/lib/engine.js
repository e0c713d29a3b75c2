// Fetches, compiles and starts the stage's Go program, and notices when it ends.

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
		museum: { url: at(manifest.museum.file), bytes: manifest.museum.bytes },
		build: manifest.build,
	};
}

/**
 * compile fetches a program and compiles it while it comes. The browser keeps compiled code for a
 * response that it gave itself, so that goes to the compiler untouched and a copy of it is counted.
 * @param {{url: string, bytes: number}} program from programs()
 * @param {(part: number) => void} progress 0 to 1, of what is fetched
 */
export async function compile({ url, bytes }, progress) {
	const answer = await load(url);
	count(answer.clone(), bytes, progress);
	return WebAssembly.compileStreaming(answer).catch(async error => {
		if (!(error instanceof TypeError)) throw error;
		// A proxy that spoils the media type makes streaming fail; the bytes are still good.
		return WebAssembly.compile(await (await load(url)).arrayBuffer());
	});
}

/**
 * start runs the stage and gives its functions (globalThis.raftariumStage).
 * @param {Promise<WebAssembly.Module>} program from compile()
 * @param {(text: string) => void} ended the program has ended; text is its last words
 */
export async function start(program, ended) {
	await import("../dist/wasm_exec.js");
	const last = lastWords();
	const go = new globalThis.Go();
	const instance = await WebAssembly.instantiate(await program, go.importObject);
	go.run(instance).then(() => ended(last.join("")), error => ended(String(error)));
	return appeared();
}

async function load(url) {
	const answer = await fetch(url, { priority: "high" });
	if (!answer.ok) throw new Error(`fetching ${url}: ${answer.status}`);
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
