// Asks Python for what has changed since it was shown, once nothing more comes.

import { component, find, showSettled } from "../../shared/browser/component.js";
import { onAnswer } from "./answers.js";
import { retryDelay } from "./retry.js";

/** @typedef {import("../../shared/browser/component.js").Call<{shown: string}>} Call */

const REST_MS = 300; // without an answer to the pad: its drawing rests

export default component(
  (/** @type {Call} */ { parentElement }) => new Follower(find(parentElement, "i", HTMLElement)),
);

class Follower {
  /** @type {string | undefined} what the pad's last answer named */
  #settled;
  #shown = "";
  #ask = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} mark */
  constructor(mark) {
    this.mark = mark;
    this.unlisten = onAnswer(({ settled }) => {
      this.#settled = settled;
      this.#wait(REST_MS);
    });
  }

  /** @param {Call} call */
  update({ data, setTriggerValue }) {
    this.#shown = data.shown;
    this.#ask = () => setTriggerValue("stale", true);
    if (this.#isUpToDate) clearTimeout(this.#timer);
    showSettled(this.mark, this.#isUpToDate);
  }

  dispose() {
    clearTimeout(this.#timer);
    this.unlisten();
  }

  get #isUpToDate() {
    return this.#settled === undefined || this.#settled === this.#shown;
  }

  /** @param {number} milliseconds */
  #wait(milliseconds) {
    clearTimeout(this.#timer);
    showSettled(this.mark, this.#isUpToDate);
    if (this.#isUpToDate) return;
    this.#timer = setTimeout(() => {
      this.#ask();
      this.#wait(retryDelay(milliseconds)); // it may not have arrived
    }, milliseconds);
  }
}
