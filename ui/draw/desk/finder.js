// The digit in a drawing, as the model is to see it.

import { isEqual } from "./answer.js";
import { apart, place } from "./place.js";
import { Raster, SIDE } from "./raster.js";

/**
 * @import { Drawing } from "./pad.js"
 * @typedef {ReturnType<typeof place>} Placed
 */

export class Finder {
  parts = 0; // digits that stand apart in the drawing; 0 where there is one, or all are taken as one
  #raster = new Raster();
  /** @type {Drawing | null} */
  #drawing = null;
  #part = 0;
  /** @type {Placed} */
  #placed = "empty";

  /** @param {(example: number) => Float32Array} under ink of an example, as it lies under strokes */
  constructor(under) {
    this.under = under;
  }

  /**
   * The same object as long as it looks the same; or why there is no digit.
   * @param {Drawing} drawing
   * @param {number} part which of the digits that stand apart; below 0: all as one
   * @returns {Placed}
   */
  find(drawing, part) {
    if (drawing === this.#drawing && part === this.#part) return this.#placed;
    [this.#drawing, this.#part] = [drawing, part];
    const ink = this.#raster.draw(drawing, this.under);
    const digits = part < 0 ? [] : apart(ink, SIDE);
    this.parts = digits.length;
    const placed = place(digits.length ? digits[Math.min(part, digits.length - 1)] : ink, SIDE);
    if (!isEqual(placed, this.#placed)) this.#placed = placed;
    return this.#placed;
  }
}
