// Numbers written in a style: one decoded image for each digit, set side by side by its own ink.

import { PIXELS, SIDE } from "../../shared/browser/constants.js";
import { InkCanvas, context2d } from "../../shared/browser/ink.js";

/** @import { Decoder, Row } from "../../shared/browser/decoder.js" */
/** @import { Color } from "../../shared/browser/ink.js" */
/** @import { State } from "./state.js" */

/**
 * The images that a text needs, and which of them each character is; null for a space.
 * @typedef {{images: Float32Array, count: number, glyphs: (number | null)[]}} Spelled
 */

/**
 * Where each digit goes, in pixels of the model: columns `left` on, `width` wide, of its image stand
 * at `x` of a line.
 * @typedef {object} SetText
 * @property {{image: number, left: number, width: number, x: number, line: number}[]} places
 * @property {number} lines
 * @property {number} width of the longest
 */

export const VARIATION = 0.35; // standard deviation between repeats; that of all writers is 1
export const GAP = 2.5; // between the ink of neighbours, in pixels of the model
export const SPACE = 11;
const TOP = 1; // the first and the last row hold no ink worth a line's height
export const LINE = 26;
const INKED = 0.25; // a column with a pixel this dark belongs to the digit

/**
 * The style of the digit at `position`: always the same one for the same text, so that a shared
 * link shows the same writing.
 * @param {number[]} style
 * @param {number[]} dims that vary
 * @param {number} position
 */
export function varied(style, dims, position) {
  const changed = style.slice();
  for (const dim of dims) {
    let hash = Math.imul(position + 1, 0x9e3779b1) ^ Math.imul(dim + 1, 0x85ebca6b);
    let sum = 0;
    // Four uniform numbers make a bell curve good enough for handwriting.
    for (let i = 0; i < 4; i++) {
      hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
      hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
      hash ^= hash >>> 15;
      sum += (hash >>> 0) / 2 ** 32 - 0.5;
    }
    changed[dim] += VARIATION * sum * Math.sqrt(3);
  }
  return changed;
}

/**
 * Left and right edge of the ink of an image.
 * @param {Float32Array} images
 * @param {number} index
 */
export function extent(images, index) {
  let left = SIDE;
  let right = 0;
  for (let p = 0, at = index * PIXELS; p < PIXELS; p++, at++) {
    if (images[at] > INKED) {
      left = Math.min(left, p % SIDE);
      right = Math.max(right, (p % SIDE) + 1);
    }
  }
  return left < right ? [left, right] : [9, 19];
}

/**
 * Without variation a text is spelled with the `ten` digits that are there already.
 * @param {Decoder} decoder
 * @param {Pick<State, "style" | "text" | "vary">} state
 * @param {number[]} dims that vary
 * @param {Float32Array} ten
 * @returns {Spelled}
 */
export function spell(decoder, { style, text, vary }, dims, ten) {
  const characters = [...text.trimEnd()].map((c) => (c === " " ? null : Number(c)));
  if (!vary) return { images: ten, count: 10, glyphs: characters };
  /** @type {Row[]} */
  const rows = [];
  const glyphs = characters.map((digit, position) => {
    if (digit === null) return null;
    return rows.push([varied(style, dims, position), digit, digit, 0]) - 1;
  });
  return { images: decoder.decode(rows), count: rows.length, glyphs };
}

/**
 * Sets the text in lines no wider than `width`: a number that does not fit begins the next line, and
 * is broken only where it is longer than a whole one.
 * @param {Pick<Spelled, "images" | "glyphs">} spelled
 * @param {number} width
 * @returns {SetText}
 */
export function setLines({ images, glyphs }, width) {
  /** @type {SetText["places"]} */
  const places = [];
  const inks = glyphs.map((image) => (image === null ? [0, SPACE] : extent(images, image)));
  const room = inks.map(([left, right]) => right - left + GAP);
  let x = GAP;
  let line = 0;
  let longest = 0;
  const makeRoom = (/** @type {number} */ needed) => {
    if (x + needed <= width) return;
    if (places.at(-1)?.line === line) line += 1; // or it has nothing but spaces
    x = GAP;
  };
  let begins = true; // a number
  glyphs.forEach((image, at) => {
    if (image !== null) {
      const space = glyphs.indexOf(null, at);
      const number = room.slice(at, space < 0 ? glyphs.length : space);
      if (begins) makeRoom(number.reduce((sum, each) => sum + each, 0));
      makeRoom(room[at]);
      const [left, right] = inks[at];
      places.push({ image, left: left - 1, width: right - left + 2, x: x - 1, line });
      longest = Math.max(longest, x + room[at]);
    }
    begins = image === null;
    x += room[at];
  });
  return { places, lines: line + 1, width: longest };
}

export class Scribe {
  glyphs = InkCanvas.offscreen(1);

  /**
   * Draws what was spelled and set; `row` may hold the ten digits already.
   * @param {HTMLCanvasElement} canvas
   * @param {Spelled} spelled
   * @param {SetText} set
   * @param {{scale: number, color: Color, width: number, row?: InkCanvas}} look
   */
  draw(canvas, { images, count }, { places, lines }, { scale, color, width, row }) {
    let source = row;
    if (!source || count !== 10 || source.scale !== scale) {
      if (this.glyphs.columns !== count) this.glyphs = InkCanvas.offscreen(count);
      source = this.glyphs;
      source.paint(images, { scale, color });
    }
    canvas.width = Math.ceil(width * scale);
    canvas.height = Math.ceil(lines * LINE * scale);
    const context = context2d(canvas);
    const height = LINE * scale;
    for (const { image, left, width: wide, x, line } of places) {
      const from = (image * SIDE + left) * scale;
      const to = Math.round(x * scale);
      context.drawImage(
        source.canvas, from, TOP * scale, wide * scale, height, to, line * height, wide * scale, height,
      );
    }
  }
}
