import { History } from "../../shared/browser/history.js";
import { rounded } from "./values.js";

/**
 * What the board shows, as ui/shared/board.py has it.
 * @typedef {object} State
 * @property {number[]} style (z_dim,)
 * @property {number} digit shown large
 * @property {number | null} other what it is blended with
 * @property {number} mix share of the other, 0-1
 * @property {string} text
 * @property {boolean} vary whether repeats of a digit in the text differ a little
 */

/**
 * A style dim, as ui/shared/dims.py has it; `low` and `high` say what its ends look like.
 * @typedef {{dim: number, name: string, low: string, high: string, note: string}} Dim
 */

/**
 * What the board begins with.
 * @typedef {object} BoardData
 * @property {import("../../shared/browser/reader.js").Model} model
 * @property {string} link hash of its decoder's weights, as links bear it
 * @property {string} modelName as addresses name it
 * @property {string} run id of the run that it is of; empty where it is of none
 * @property {number} firstDigit of a board that nobody has touched
 * @property {Dim[]} awake
 * @property {Dim[]} asleep dims that the model hardly uses
 * @property {State} start
 * @property {string[]} hidden parts of the board
 */

/** @param {Pick<State, "digit" | "other">} state */
export const isBlend = ({ digit, other }) => other !== null && other !== digit;

/**
 * The state, and all that changes it. `interrupt` is called before every change, `moved` after it,
 * `settled` once a hand has let go.
 */
export class Editor {
  /** @type {History<string>} snapshots */
  #history;

  /**
   * @param {State} start
   * @param {{interrupt: () => void, moved: () => void, settled: () => void}} events
   */
  constructor(start, events) {
    this.state = { ...start, style: [...start.style] };
    this.events = events;
    this.#history = new History(this.snapshot());
  }

  snapshot() {
    return JSON.stringify(this.state);
  }

  /** @returns {State} what a hand let go of last */
  get settled() {
    return JSON.parse(this.#history.now);
  }

  /** @returns {State} in the midst of a walk, to a hundredth */
  get passing() {
    return { ...this.state, style: this.state.style.map(rounded) };
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  /**
   * While a hand moves something.
   * @param {(state: State) => void} change
   */
  move(change) {
    this.events.interrupt();
    change(this.state);
    this.events.moved();
  }

  /** The hand has let go: undo can come back here. A walk may be between two hundredths. */
  settle() {
    this.state.style = this.state.style.map(rounded);
    const now = this.snapshot();
    if (now === this.#history.now) return;
    this.#history.put(now);
    this.events.settled();
  }

  /**
   * What a hand moved goes back to a snapshot: it was not meant to move it. What has been told of it
   * meanwhile is told again.
   * @param {string} snapshot
   */
  restore(snapshot) {
    this.change(() => (this.state = JSON.parse(snapshot)));
  }

  /** @param {(state: State) => void} change */
  change(change) {
    this.move(change);
    this.settle();
  }

  /** @param {"undo" | "redo"} way */
  travel(way) {
    this.events.interrupt();
    this.settle();
    if (!this.#history[way]()) return;
    this.state = JSON.parse(this.#history.now);
    this.events.moved();
    this.events.settled();
  }
}
