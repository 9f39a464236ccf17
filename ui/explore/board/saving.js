// Pictures and films of what the board shows.

import { DIGITS, SIDE } from "../../shared/browser/constants.js";
import { BLACK, paper, png } from "../../shared/browser/files.js";
import { gif } from "../../shared/browser/gif.js";
import { InkCanvas } from "../../shared/browser/ink.js";
import { isBlend } from "./state.js";
import { loop } from "./wander.js";
import { Scribe, setLines, spell } from "./writing.js";

/** @import { Decoder } from "../../shared/browser/decoder.js" */
/** @import { State } from "./state.js" */

/** @typedef {"digit" | "ten" | "writing" | "walk"} Kind */
/**
 * @typedef {object} Shown
 * @property {Decoder} decoder
 * @property {State} state
 * @property {number[]} awake dims that vary
 * @property {Float32Array} images the ten digits, and a blend
 * @property {number} lineWidth room for a line of what is written, in pixels of the model
 */

const FILM_FRAMES = 48;
const FILM_FRAME_MS = 60;
const FILM_SCALE = 4; // larger films take minutes to make and megabytes to keep

/**
 * The file's name; null where there is nothing to save.
 * @param {Kind} kind
 * @param {State} state
 */
export function fileName(kind, { digit, text }) {
  const written = text.trim();
  if (kind === "writing") return written ? `${written}.png` : null;
  return { digit: `${digit}.png`, ten: "ten digits.png", walk: "walk.gif" }[kind];
}

/**
 * The enlargement at which a file is made.
 * @param {Kind} kind
 * @param {number} asked
 */
export const sizeOf = (kind, asked) => (kind === "walk" ? Math.min(asked, FILM_SCALE) : asked);

/**
 * @param {Kind} kind
 * @param {number} size the enlargement
 * @param {Shown} shown
 */
export async function makeFile(kind, size, { decoder, state, awake, images, lineWidth }) {
  if (kind === "walk") return film(decoder, state.style, awake, size);
  const look = { scale: size, color: BLACK };
  const ink = InkCanvas.offscreen(kind === "ten" ? 10 : 1);
  if (kind === "writing") {
    const spelled = spell(decoder, state, awake, images);
    const set = setLines(spelled, lineWidth);
    new Scribe().draw(ink.canvas, spelled, set, { ...look, width: set.width });
  } else {
    const start = kind === "ten" ? 0 : isBlend(state) ? 10 : state.digit;
    ink.paint(images, { ...look, start });
  }
  const { canvas, context } = paper(ink.canvas.width, ink.canvas.height);
  context.drawImage(ink.canvas, 0, 0);
  return png(canvas);
}

/**
 * The ten digits along a closed walk through the prior.
 * @param {Decoder} decoder
 * @param {number[]} style
 * @param {number[]} dims
 * @param {number} scale
 */
function film(decoder, style, dims, scale) {
  const ink = InkCanvas.offscreen(5, 2);
  const frames = loop(style, dims, FILM_FRAMES).map((there) => {
    const images = decoder.decode(DIGITS.map((digit) => [there, digit, digit, 0]));
    ink.paint(images, { scale, color: BLACK });
    return Uint8Array.from(ink.pixels, (pixel) => pixel >>> 24);
  });
  return gif(frames, 5 * SIDE * scale, 2 * SIDE * scale, FILM_FRAME_MS);
}
