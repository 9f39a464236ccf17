/** @import { Editor } from "./state.js" */

/** @typedef {(event: PointerEvent) => void} OnPointer */

/** The pointer that holds something: one at a time, wherever it goes. */
export class Hand {
  /** @type {number | null} */
  #pointer = null;
  /** @type {string | null} what was there before it moved anything */
  #before = null;
  #editor;

  /** @param {Editor} editor */
  constructor(editor) {
    this.#editor = editor;
  }

  get isHolding() {
    return this.#pointer !== null;
  }

  /**
   * Lets it move an element: `grab` is called when it is taken, `follow` at every place on the way.
   * A finger moves nothing before it has gone sideways or was lifted: until then it may be about to
   * scroll, and where the browser scrolls after all, everything is as it was. So it is where a second
   * finger comes down, wherever that is: two fingers zoom, and the browser may call back neither.
   * @param {HTMLElement} element
   * @param {{grab: OnPointer, follow: OnPointer}} handle
   */
  hold(element, { grab, follow }) {
    const move = (/** @type {PointerEvent} */ event) => {
      this.#before ??= this.#editor.snapshot();
      this.#editor.move(() => follow(event));
    };
    let [x, y] = [0, 0];
    const mayScroll = (/** @type {PointerEvent} */ { pointerType, clientX, clientY }) =>
      pointerType === "touch" && !this.#before && Math.abs(clientX - x) <= Math.abs(clientY - y);
    const release = () => {
      this.#pointer = this.#before = null;
      element.classList.remove("held");
      removeEventListener("pointerdown", second, true);
    };
    const giveUp = () => {
      if (this.#before && element.isConnected) this.#editor.restore(this.#before);
      release();
    };
    const second = (/** @type {PointerEvent} */ { pointerType }) => {
      if (pointerType === "touch") giveUp();
    };
    element.onpointerdown = (event) => {
      if (event.button !== 0 || !event.isPrimary || this.#pointer !== null) return;
      event.preventDefault(); // or each move comes twice, once as a mouse's
      element.setPointerCapture(event.pointerId);
      this.#pointer = event.pointerId;
      element.classList.add("held");
      if (event.pointerType === "touch") addEventListener("pointerdown", second, true);
      [x, y] = [event.clientX, event.clientY];
      grab(event);
      if (!mayScroll(event)) move(event);
    };
    // Of a picture, under a finger that stays: it would take the finger away.
    element.oncontextmenu = (event) => {
      if (this.#pointer !== null) event.preventDefault();
    };
    const letGo = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId !== this.#pointer) return;
      release();
      this.#editor.settle();
    };
    element.onpointermove = (event) => {
      // A dialog or the lock screen may have had the release: what moves now is not pressed.
      if (event.pointerType === "mouse" && !event.buttons) letGo(event);
      else if (event.pointerId === this.#pointer && !mayScroll(event)) move(event);
    };
    element.onpointerup = (event) => {
      if (event.pointerId === this.#pointer) move(event);
      letGo(event);
    };
    element.onlostpointercapture = letGo;
    element.onpointercancel = (event) => {
      if (event.pointerId === this.#pointer) giveUp();
    };
  }
}

/**
 * Lets an element have the keys that may follow. Whoever has it under their hand sees which one it
 * is: its ring comes with the first key.
 * @param {HTMLElement} element
 */
export function focusByHand(element) {
  element.focus({ preventScroll: true });
  element.classList.add("by-hand");
  for (const event of ["keydown", "blur"]) element.addEventListener(event, showRing);
}

/** @this {HTMLElement} */
function showRing() {
  this.classList.remove("by-hand");
}
