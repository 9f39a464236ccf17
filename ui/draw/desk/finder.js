// The digit in a drawing, as the model is to see it.

import { isEqual } from "./answer.js";
import { alone, apart, place } from "./place.js";
import { Raster, SIDE } from "./raster.js";
import { packed } from "./store.js";

/**
 * @import { Drawing } from "./pad.js"
 * @import { Span } from "./place.js"
 * @typedef {ReturnType<typeof place>} Placed
 */

/** @type {Map<string, number | null>} what was said of digits, by their look: outlives a look at another page */
const said = new Map();

export class Finder {
  parts = 0; // digits that stand apart in what was found last
  part = 0; // the opened one of them
  #raster = new Raster();
  /** @type {WeakMap<Drawing, Span[]>} */
  #digits = new WeakMap();
  /** @type {Drawing | null} */
  #drawing = null;
  /** @type {Placed} */
  #placed = "empty";

  /** @param {(example: number) => Float32Array} under ink of an example, as it lies under strokes */
  constructor(under) {
    this.under = under;
  }

  /**
   * The digit that is opened: the same object as long as it looks the same; or why there is none.
   * @param {Drawing} drawing
   * @returns {Placed}
   */
  find(drawing) {
    if (drawing === this.#drawing) return this.#placed;
    this.#drawing = drawing;
    this.parts = this.#digitsOf(drawing).length;
    this.part = drawing.part;
    const placed = this.#place(drawing, drawing.part);
    if (!isEqual(placed, this.#placed)) this.#placed = placed;
    return this.#placed;
  }

  /**
   * Which of the digits of a drawing is to be opened next; −1: none is left.
   * @param {Drawing} drawing
   * @param {(image: Float32Array) => boolean} isDone
   */
  next(drawing, isDone) {
    if (drawing.part < 0) return -1;
    return this.#digitsOf(drawing).findIndex((_, part) => {
      const placed = this.#place(drawing, part);
      return placed instanceof Float32Array && !isDone(placed);
    });
  }

  /**
   * What was said before of a digit of a drawing that is opened now; what was said of the one that
   * was open is remembered for when it is opened again.
   * @param {Drawing} drawing
   * @param {number} part
   */
  turnTo(drawing, part) {
    const [last, next] = [drawing.part, part].map((each) => look(this.#place(drawing, each)));
    said.set(last, drawing.told);
    return said.get(next) ?? null;
  }

  /**
   * What a drawing became by a stroke, or without one: the digit that was opened is open still, and
   * is what was said of it. Where it is gone, or grew into one with another, or where something was
   * said of the drawing itself, that is as it is.
   * @param {Drawing} before
   * @param {Drawing} after
   * @returns {Drawing}
   */
  follow(before, after) {
    if (after.told !== null || before === after || !isOfOneSheet(before, after)) return after;
    const [were, are] = [this.#digitsOf(before), this.#digitsOf(after)];
    if (!were.length || !are.length) return after;
    let { part } = before;
    if (part >= 0) {
      const own = were[Math.min(part, were.length - 1)];
      const [same, ...more] = are.filter((digit) => overlap(digit, own));
      if (!same || more.length || were.filter((digit) => overlap(digit, same)).length > 1) return after;
      part = are.indexOf(same);
    }
    const followed = { ...after, part, told: before.told };
    this.#digits.set(followed, are);
    return followed;
  }

  /** Where its digits stand. */
  #digitsOf(/** @type {Drawing} */ drawing) {
    const digits = this.#digits.get(drawing) ?? apart(this.#raster.draw(drawing, this.under), SIDE);
    this.#digits.set(drawing, digits);
    return digits;
  }

  #place(/** @type {Drawing} */ drawing, /** @type {number} */ part) {
    const digits = this.#digitsOf(drawing);
    const ink = this.#raster.draw(drawing, this.under);
    if (digits.length < 2 || part < 0) return place(ink, SIDE);
    return place(alone(ink, SIDE, digits[Math.min(part, digits.length - 1)]), SIDE);
  }
}

/** Whether one of two drawings is the other with more strokes. */
function isOfOneSheet(/** @type {Drawing} */ one, /** @type {Drawing} */ other) {
  const shared = Math.min(one.strokes.length, other.strokes.length);
  return one.example === other.example && one.strokes.slice(0, shared).every((each, at) => each === other.strokes[at]);
}

/** Of what is no digit, which nobody says anything of: why it is none. */
const look = (/** @type {Placed} */ placed) => (typeof placed === "string" ? placed : packed(placed));

const overlap = (/** @type {Span} */ one, /** @type {Span} */ other) =>
  one.left <= other.right && other.left <= one.right;
