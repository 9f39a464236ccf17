import { retryDelay } from "./retry.js";

const SEND_EVERY_MS = 100; // while the pen is down, at most
const PACE = 2.5; // answer times between two drawings: a busy server hears less of pens that are down
const PATIENCE_MS = 1000; // how long an answer may take before the next drawing is sent anyway

/**
 * When a drawing is sent: at once when the pen leaves the pad, and while it is down no faster than
 * drawings are answered.
 */
export class Sender {
  #turn = Date.now();
  #sent = { turn: 0, at: 0 };
  #awaiting = false;
  #answerMs = 0;
  #waited = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #next;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;

  /**
   * @param {object} pad
   * @param {(penDown: boolean, turn: number) => void} pad.send
   * @param {() => boolean} pad.isDrawing
   * @param {() => void} pad.changed is called when `isSettled` may have
   */
  constructor({ send, isDrawing, changed }) {
    this.deliver = send;
    this.isDrawing = isDrawing;
    this.changed = changed;
  }

  /** Whether all that was drawn is sent and answered. */
  get isSettled() {
    return this.#next === undefined && !this.#awaiting;
  }

  /** While the pen is down: once the last drawing was answered, and not too often. */
  sendSoon() {
    if (this.#next !== undefined) return;
    const since = performance.now() - this.#sent.at;
    const pause = Math.max(SEND_EVERY_MS, PACE * this.#answerMs);
    const wait = (this.#awaiting ? PATIENCE_MS : pause) - since;
    this.#next = setTimeout(() => {
      this.#next = undefined;
      if (this.isDrawing()) this.send(true);
    }, Math.max(wait, 0));
    this.changed();
  }

  /** @param {boolean} penDown */
  send(penDown) {
    this.stop();
    this.#turn += 1;
    this.#awaiting = true;
    this.#sent = { turn: this.#turn, at: performance.now() };
    this.changed();
    this.deliver(penDown, this.#turn);
    if (penDown) return;
    // What is said while the connection is cut, nobody hears.
    this.#waited = retryDelay(this.#waited);
    this.#again = setTimeout(() => {
      if (!this.isDrawing()) this.send(false);
    }, this.#waited);
  }

  /** @param {number | null} turn */
  answered(turn) {
    if (!this.#awaiting || turn !== this.#sent.turn) return;
    this.#awaiting = false;
    this.#answerMs = performance.now() - this.#sent.at;
    this.#waited = 0;
    clearTimeout(this.#again);
    this.changed();
    if (this.#next === undefined) return;
    clearTimeout(this.#next);
    this.#next = undefined;
    this.sendSoon();
  }

  stop() {
    clearTimeout(this.#next);
    clearTimeout(this.#again);
    this.#next = undefined;
  }
}
