// What is on the desk, kept in the browser's own memory of this tab: it outlives a reload, a server
// that was started again, and the way to another one.

import { GRID, MARGIN } from "./raster.js";

/**
 * @import { Stroke } from "./raster.js"
 * @typedef {{ image: string, told: number | null }} KeptDigit 784 bytes in base64
 * @typedef {object} Desktop
 * @property {Stroke[]} strokes as in a Drawing, which says what they are
 * @property {number | null} example
 * @property {number} part
 * @property {number | null} told
 * @property {KeptDigit[]} kept
 */

const PLACE = "draw-desk";
export const MOST_KEPT = 6;

/** @type {Desktop} */
export const BARE = { strokes: [], example: null, part: 0, told: null, kept: [] };

let last = BARE; // outlives a look at another page where the browser stores nothing

/** @param {Desktop} desktop */
export function store(desktop) {
  last = desktop;
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(desktop));
  } catch {
    // Private windows may store nothing.
  }
}

/** What was stored last, as far as it is in order; what is not is left out. */
export function restore() {
  try {
    const stored = sessionStorage.getItem(PLACE);
    return stored === null ? last : checked(JSON.parse(stored));
  } catch {
    return last;
  }
}

/**
 * A desktop of anything: other versions of this page wrote into the same place, and people can.
 * @param {any} found
 * @returns {Desktop}
 */
export function checked(found) {
  const strokes = list(found?.strokes);
  return {
    strokes: strokes.every(isStroke) ? strokes : [],
    example: isDigit(found?.example) ? found.example : null,
    part: isWithin(found?.part, -1, GRID) ? found.part : 0,
    told: isDigit(found?.told) ? found.told : null,
    kept: list(found?.kept).filter(isKept).slice(0, MOST_KEPT),
  };
}

/** 784 pixels in [0, 1] as bytes in base64. */
export const packed = (/** @type {Float32Array} */ image) =>
  btoa(String.fromCharCode(...image.map((pixel) => Math.round(255 * pixel))));

/** @param {string} base64 @returns {Float32Array} */
export const unpacked = (base64) =>
  Float32Array.from(atob(base64), (byte) => byte.charCodeAt(0) / 255);

/** @param {any} value @returns {any[]} */
const list = (value) => (Array.isArray(value) ? value : []);

/** @param {any} value */
const isDigit = (value) => isWithin(value, 0, 9);

/** @param {any} stroke */
function isStroke(stroke) {
  const points = list(stroke?.points);
  return (
    points.length > 0 &&
    points.length % 2 === 0 &&
    points.every((number) => isWithin(number, -MARGIN, GRID + MARGIN)) &&
    isWithin(stroke.width, 1, GRID) &&
    typeof stroke.erases === "boolean"
  );
}

/** @param {any} kept */
function isKept(kept) {
  if (typeof kept?.image !== "string" || (kept.told !== null && !isDigit(kept.told))) return false;
  try {
    return atob(kept.image).length === 784;
  } catch {
    return false;
  }
}

/** @param {any} number @param {number} low @param {number} high */
const isWithin = (number, low, high) => Number.isInteger(number) && low <= number && number <= high;
