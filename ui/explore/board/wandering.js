import { prefersReducedMotion } from "../../shared/browser/component.js";
import { Walk } from "./wander.js";

/** @import { Editor } from "./state.js" */

const STEP_MS = 100; // at most: a hidden tab gets no frames, and what passed meanwhile does not count
const CALM_STEP_MS = 3000; // between two styles, where motion is to be reduced

/** Moves the style along an endless walk until something else changes it. */
export class Wandering {
  /** @type {Walk | null} */
  #walk = null;
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {HTMLElement} button
   * @param {number[]} dims
   * @param {Editor} editor
   */
  constructor(button, dims, editor) {
    this.button = button;
    this.dims = dims;
    this.editor = editor;
    button.onclick = () => (this.isOn ? this.stop() : this.start());
  }

  get isOn() {
    return this.#walk !== null;
  }

  start() {
    const { editor } = this;
    editor.settle();
    const walk = new Walk([...editor.state.style], this.dims);
    this.#walk = walk;
    this.button.ariaPressed = "true";
    const calm = prefersReducedMotion();
    const longest = calm ? CALM_STEP_MS : STEP_MS;
    let passed = 0;
    let last = performance.now();
    const step = () => {
      const now = performance.now();
      passed += Math.min(now - last, longest);
      last = now;
      editor.state.style = walk.at(passed / 1000);
      editor.events.moved();
      schedule();
    };
    const schedule = () => {
      if (!calm) this.#frame = requestAnimationFrame(step);
      else this.#timer = setTimeout(() => (document.hidden ? schedule() : step()), CALM_STEP_MS);
    };
    schedule();
  }

  /** Where it has come to stays, and can be undone. */
  stop() {
    if (!this.isOn) return;
    this.halt();
    this.button.ariaPressed = "false";
    this.editor.settle();
  }

  /** Without a word: the board goes. */
  halt() {
    this.#walk = null;
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
  }
}
