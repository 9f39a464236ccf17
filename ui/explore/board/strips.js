// What one style dim does to the digit in sight: seven small digits in a strip, the dim from -3 to 3.

import { png } from "../../shared/browser/files.js";
import { InkCanvas } from "../../shared/browser/ink.js";
import { PIXELS, SIDE } from "../../shared/browser/constants.js";

/** @import { Decoder, Row } from "../../shared/browser/decoder.js" */
/** @import { Color } from "../../shared/browser/ink.js" */
/** @import { State } from "./state.js" */

export const VALUES = [-3, -2, -1, 0, 1, 2, 3];

export class StripPainter {
  ink = InkCanvas.offscreen(VALUES.length);
  #images = new Float32Array(VALUES.length * PIXELS);
  /** What each picture is to show: one that is ready late shows nothing any more.
   * @type {WeakMap<HTMLImageElement, Promise<Blob>>} */
  #asked = new WeakMap();

  /**
   * Shows the strip in an <img>, and returns once it does; nothing where that is folded away.
   * @param {HTMLImageElement} picture
   * @param {number} dim
   * @param {Decoder} decoder
   * @param {Pick<State, "style" | "digit" | "other" | "mix">} state
   * @param {Color} color
   */
  async show(picture, dim, decoder, { style, digit, other, mix }, color) {
    const width = picture.clientWidth * devicePixelRatio;
    if (!width) return;
    /** @type {Row[]} */
    const rows = VALUES.map((value) => {
      const moved = style.slice();
      moved[dim] = value;
      return [moved, digit, other ?? digit, other === null ? 0 : mix];
    });
    decoder.decode(rows, this.#images);
    const scale = Math.min(Math.max(Math.ceil(width / VALUES.length / SIDE), 2), 4);
    this.ink.paint(this.#images, { scale, color });
    const ready = png(this.ink.canvas);
    this.#asked.set(picture, ready);
    const blob = await ready;
    if (this.#asked.get(picture) !== ready) return;
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(blob);
    await picture.decode().catch(() => {}); // the next one took its place
  }

  /** The browser keeps what a picture shows until it is told, and what comes late shows nothing.
   * @param {HTMLImageElement} picture */
  forget(picture) {
    this.#asked.delete(picture);
    URL.revokeObjectURL(picture.src);
  }
}
