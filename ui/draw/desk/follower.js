// What the model makes of a moving stroke: at once where the networks are quick; where they would
// hold up the pen, by a thread of their own.

/**
 * @import { Model } from "../../shared/browser/reader.js"
 * @import { Answer, Answerer, Given } from "./answer.js"
 * @typedef {{ given: Given, hand: Given[], turn: number }} Question
 */

const SLOW_MS = 5; // a third of a frame
const LOOKS = 8; // the quickest of so many answers counts: whatever else runs slows single ones

export class Follower {
  #quickest = Infinity;
  #looks = 0;
  /** @type {Worker | null | undefined} undefined: none was asked for */
  #thread;
  #isReady = false;
  #turn = 0; // a stroke each: what is answered after its end comes too late
  /** @type {Question | null} the last one */
  #question = null;
  /** @type {Question | null} which the thread has to answer */
  #asked = null;
  /** @type {Given[] | null} which the thread knows */
  #hand = null;
  /** @type {Answer | null} of this stroke, by the thread */
  #latest = null;
  /** @type {Answer | null} by this thread */
  #known = null;

  /**
   * @param {Answerer} own of this thread
   * @param {Model} model
   * @param {() => void} heard the thread has answered
   */
  constructor(own, model, heard) {
    this.own = own;
    this.model = model;
    this.heard = heard;
  }

  /** The answer, while nothing moves. @param {Given | null} given @param {Given[]} hand */
  rest(given, hand) {
    this.#turn += 1;
    this.#latest = this.#question = null;
    return this.own.answer(given, hand);
  }

  /**
   * The answer under the moving pen; the thread's is to an earlier question, and null before its first.
   * @param {Given} given
   * @param {Given[]} hand
   */
  follow(given, hand) {
    if (!this.#isReady) return this.#answer(given, hand);
    const last = this.#question;
    if (last?.given.image !== given.image || last.given.told !== given.told || last.hand !== hand) {
      this.#question = { given, hand, turn: this.#turn };
      if (!this.#asked) this.#ask(this.#question);
    }
    return this.#latest;
  }

  /** Whether an answer is on its way. */
  get isAsked() {
    return this.#question !== null && this.#question.given !== this.#latest?.given;
  }

  stop() {
    this.#thread?.terminate();
    this.#isReady = false;
    this.#thread = this.#question = this.#asked = null;
  }

  /** @param {Given} given @param {Given[]} hand */
  #answer(given, hand) {
    const start = performance.now();
    const answer = this.own.answer(given, hand);
    if (answer === this.#known) return answer; // to the same question, without the networks
    this.#known = answer;
    this.#quickest = Math.min(this.#quickest, performance.now() - start);
    this.#looks += 1;
    if (this.#looks === LOOKS) {
      if (this.#quickest > SLOW_MS) this.#start();
      [this.#looks, this.#quickest] = [0, Infinity];
    }
    return answer;
  }

  #start() {
    if (this.#thread !== undefined) return;
    this.#thread = null;
    let thread;
    try {
      thread = new Worker(new URL("thread.js", import.meta.url), { type: "module" });
    } catch {
      return; // the site's rules forbid it
    }
    this.#thread = thread;
    // A browser that has no such threads, or a server that is away: it goes on here.
    thread.onerror = () => {
      this.stop();
      this.heard();
    };
    thread.onmessage = ({ data }) => this.#hear(data);
    const [reader, decoder] = [this.model.weights.reader, this.model.weights.decoder].map(
      (address) => new URL(address, document.baseURI).href,
    );
    thread.postMessage({ model: { ...this.model, weights: { reader, decoder } } });
  }

  #hear(/** @type {Answer | null} */ answer) {
    const asked = this.#asked;
    const next = this.#question;
    this.#isReady = true;
    this.#asked = null;
    if (next && next !== asked) this.#ask(next);
    if (!answer || !asked || asked.turn !== this.#turn) return;
    this.#latest = { ...answer, given: asked.given };
    this.heard();
  }

  #ask(/** @type {Question} */ question) {
    const { given, hand } = question;
    this.#thread?.postMessage({ given, hand: hand === this.#hand ? null : hand });
    this.#asked = question;
    this.#hand = hand;
  }
}
