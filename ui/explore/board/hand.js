/** @import { Editor } from "./state.js" */

/** @typedef {(event: PointerEvent) => void} OnPointer */

/** The pointer that holds something: one at a time, wherever it goes. */
export class Hand {
  /** @type {number | null} */
  #pointer = null;
  #editor;

  /** @param {Editor} editor */
  constructor(editor) {
    this.#editor = editor;
  }

  /**
   * Lets it move an element: `grab` is called when it is taken, `follow` at every place on the way.
   * @param {HTMLElement} element
   * @param {{grab: OnPointer, follow: OnPointer}} handle
   */
  hold(element, { grab, follow }) {
    const move = (/** @type {PointerEvent} */ event) => this.#editor.move(() => follow(event));
    element.onpointerdown = (event) => {
      if (event.button !== 0 || this.#pointer !== null) return;
      event.preventDefault(); // or each move comes twice, once as a mouse's
      element.setPointerCapture(event.pointerId);
      this.#pointer = event.pointerId;
      element.classList.add("held");
      grab(event);
      move(event);
    };
    element.onpointermove = (event) => {
      if (event.pointerId === this.#pointer) move(event);
    };
    element.onpointerup = element.onpointercancel = (event) => {
      if (event.pointerId !== this.#pointer) return;
      this.#pointer = null;
      element.classList.remove("held");
      this.#editor.settle();
    };
  }
}
