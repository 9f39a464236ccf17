// What is on the pad, kept in the browser's own memory: it outlives a reload, and a server that was
// started again.

import { DIGITS } from "../../shared/browser/constants.js";

/** @import { Drawing, Limits, Stroke } from "./stroke.js" */

const STORE = "draw-pad";

/** @param {Drawing} drawing */
export function store(drawing) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(drawing));
  } catch {
    // A browser that stores nothing still draws; Python remembers for the length of the visit.
  }
}

/**
 * The drawing that was stored last; null where there is none, or none that Python would take.
 * @param {Pick<Limits, "grid" | "margin" | "widths">} limits
 * @returns {Drawing | null}
 */
export function restore(limits) {
  try {
    const { strokes, example } = JSON.parse(sessionStorage.getItem(STORE) ?? "");
    const isKnown = example === null || isWithin(example, 0, DIGITS.length - 1);
    const isWhole = strokes.every((/** @type {Stroke} */ stroke) => isStroke(stroke, limits));
    return isKnown && isWhole ? { strokes, example } : null;
  } catch {
    return null;
  }
}

/**
 * @param {Stroke} stroke
 * @param {Pick<Limits, "grid" | "margin" | "widths">} limits
 */
function isStroke({ points, width, erases }, { grid, margin, widths }) {
  const isLine = points.length > 0 && points.length % 2 === 0;
  const isOnPad = points.every((number) => isWithin(number, -margin, grid + margin));
  return isLine && isOnPad && isWithin(width, ...widths) && typeof erases === "boolean";
}

/**
 * @param {number} number
 * @param {number} low
 * @param {number} high
 */
const isWithin = (number, low, high) => Number.isInteger(number) && low <= number && number <= high;
