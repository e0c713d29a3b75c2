// A fresh cluster first waits, in silence, for a time-out. The page goes through that faster, and
// slows down when the first server moves.

const FAST = 1 / 10;
const EARLY = 100_000;      // microseconds of a run that has only begun
const LONGEST = 2_000_000;  // and after which the waiting is over in any case

/** Opening sets the pace of a run's beginning, until a person sets another. */
export class Opening {
	#state = "new";
	#pace = 0;
	#ask;

	/** @param {(factor: number) => Promise} ask asks for a speed */
	constructor(ask) { this.#ask = ask; }

	/** begin is called for each source that is opened. */
	begin() { this.#state = "new"; }

	/** take looks at each view. */
	take({ source, time, nodes }) {
		const gone = time.at - time.start;
		if (this.#state === "new" && source.kind && nodes.length > 0) {
			const fresh = source.kind === "simulation" && gone < EARLY && time.playing;
			this.#state = fresh && time.speed < FAST ? "asked" : "over";
			if (this.#state !== "asked") return;
			this.#pace = time.speed;
			this.#ask(FAST);
		} else if (this.#state === "asked") {
			if (time.speed === FAST) this.#state = "fast";
			else if (time.speed !== this.#pace) this.#state = "over";
		} else if (this.#state === "fast") {
			if (time.speed !== FAST) this.#state = "over";
			else if (!time.playing || gone > LONGEST || nodes.some(moves)) this.#end();
		}
	}

	#end() {
		this.#state = "over";
		this.#ask(this.#pace);
	}
}

const moves = node => node.known && node.role !== "follower";
