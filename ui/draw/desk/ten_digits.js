// All ten digits in the visitor's hand, and the digits that they kept for it.

import { append, find, write } from "../../shared/browser/component.js";
import { DIGITS, SIDE } from "../../shared/browser/constants.js";
import { InkCanvas, textColor } from "../../shared/browser/ink.js";
import { MOST_KEPT } from "./store.js";

/**
 * @import { Answer, Given } from "./answer.js"
 * @import { Color } from "../../shared/browser/ink.js"
 */

const IN_MOTION = 2; // enlargement at most while something moves

export class TenDigits {
  /** @type {{ scale: number, color: Color } | null} asked for once: it costs the time of a paint */
  #look = null;
  /** @type {Color | null} of the digit that was read, likewise */
  #accent = null;

  /**
   * @param {HTMLElement} root
   * @param {{ keep: () => void, drop: (place: number) => void }} acts
   */
  constructor(root, { keep, drop }) {
    this.drop = drop;
    this.label = find(root, ".hand .quiet", HTMLElement);
    this.keep = find(root, ".keep", HTMLButtonElement);
    this.keep.onclick = keep;
    this.row = find(root, ".ten", HTMLElement);
    this.ink = new InkCanvas(append(this.row, "canvas", { ariaHidden: "true" }), 10);
    this.cells = DIGITS.map((digit) =>
      append(this.row, "i", { role: "img", ariaLabel: `The ${digit} in your handwriting` }),
    );
    this.alone = find(root, ".alone", HTMLElement);
    this.together = find(root, ".together", HTMLElement);
    this.kept = find(root, ".kept", HTMLElement);
  }

  /** Its size or the theme may have changed. */
  look() {
    this.#look = this.#accent = null;
  }

  /**
   * @param {Answer} answer
   * @param {number | null} chosen the digit that was read
   * @param {boolean} moving whether they will be shown again, finer
   */
  show({ ten, digits }, chosen, moving) {
    const name = "All ten digits in your hand";
    write(this.label, digits.length < 2 ? name : `${name}, from ${digits.length} digits`);
    this.row.classList.toggle("ghosts", !digits.length);
    this.row.ariaHidden = `${!digits.length}`;
    this.cells.forEach((cell, digit) => cell.classList.toggle("chosen", digit === chosen));
    this.#look ??= {
      scale: Math.max(1, Math.round((this.row.clientWidth * devicePixelRatio) / (10 * SIDE))),
      color: textColor(this.row),
    };
    if (chosen !== null) this.#accent ??= textColor(this.cells[chosen]);
    const accent = chosen === null || !this.#accent ? null : { cell: chosen, color: this.#accent };
    const scale = moving ? Math.min(this.#look.scale, IN_MOTION) : this.#look.scale;
    this.ink.paint(ten, { color: this.#look.color, scale, accent });
  }

  /**
   * @param {Given[]} kept
   * @param {number[]} digits what they were read as, or said to be
   * @param {{ canKeep: boolean, several: boolean }} now whether there is a digit that could be kept,
   *   and whether the hand has several
   */
  showKept(kept, digits, { canKeep, several }) {
    const focused = this.#removes.findIndex((each) => each.matches(":focus"));
    const hasFocus = focused >= 0 || this.keep.matches(":focus");
    const full = kept.length >= MOST_KEPT;
    this.keep.hidden = !canKeep;
    this.keep.disabled = full;
    this.keep.title = full ? `A hand holds ${MOST_KEPT} digits: remove one first.` : "";
    this.alone.hidden = kept.length > 0 || several;
    this.together.hidden = kept.length > 0 || !several; // of a picture
    this.kept.hidden = !kept.length;
    this.kept.replaceChildren();
    kept.forEach(({ image }, place) => {
      const item = append(this.kept, "div");
      item.setAttribute("role", "listitem");
      const canvas = append(item, "canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `The ${digits[place]} that you kept`);
      new InkCanvas(canvas, 1).paint(image, { scale: 4, color: textColor(item) });
      const remove = append(item, "button", { type: "button", textContent: "Remove", onclick: () => this.drop(place) });
      remove.setAttribute("aria-label", `Remove the ${digits[place]} that you kept`);
    });
    if (!hasFocus) return;
    // What had it is gone, or is another one now.
    const removes = this.#removes;
    const other = canKeep && !full ? this.keep : this.label;
    // The pad may be in sight, and is what the hand is at.
    (removes[Math.min(focused, removes.length - 1)] ?? other).focus({ preventScroll: true });
  }

  get #removes() {
    return [...this.kept.querySelectorAll("button")];
  }
}
