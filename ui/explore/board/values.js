// Values of a style dim: where they stand on the board, and how they are kept and said.

export const LIMIT = 3; // of every style dim

const END = 1 / 14; // of a track, beyond -3 and 3: half of one of the seven pictures on it
const STEP = 0.1; // of an arrow key

/** @typedef {(value: number) => number} Scale */

/** @type {Scale} */
export const clamped = (value) => Math.min(Math.max(value, -LIMIT), LIMIT);

/**
 * To a hundredth, and without a -0.
 * @type {Scale}
 */
export const rounded = (value) => Math.round(100 * value) / 100 + 0;

/**
 * What a hand can set: within the limit, to a hundredth.
 * @type {Scale}
 */
export const settable = (value) => rounded(clamped(value));

/**
 * The value at a share of the way from one end to the other.
 * @type {Scale}
 */
export const valueAt = (share) => (2 * share - 1) * LIMIT;

/** @type {Scale} */
export const shareAt = (value) => (value / LIMIT + 1) / 2;

/**
 * The value at a share of a whole track.
 * @type {Scale}
 */
export const valueOnTrack = (share) => valueAt((share - END) / (1 - 2 * END));

/** @type {Scale} */
export const shareOfTrack = (value) => END + (1 - 2 * END) * shareAt(value);

/** @param {number} value */
export const signed = (value) =>
  (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(value).toFixed(2);

/**
 * How far an arrow key moves; nowhere for another key, or for one that is the browser's, as Alt with
 * the left one goes back.
 * @param {KeyboardEvent} event
 * @returns {{across: number, up: number}}
 */
export function stepOf({ key, shiftKey, altKey, ctrlKey, metaKey }) {
  if (altKey || ctrlKey || metaKey) return { across: 0, up: 0 };
  const step = shiftKey ? 5 * STEP : STEP;
  const across = { ArrowLeft: -step, ArrowRight: step }[key] ?? 0;
  const up = { ArrowDown: -step, ArrowUp: step }[key] ?? 0;
  return { across, up };
}

/**
 * Calls back with how far an arrow key moves.
 * @param {HTMLElement} element
 * @param {(across: number, up: number) => void} move
 */
export function onArrows(element, move) {
  element.onkeydown = (event) => {
    const { across, up } = stepOf(event);
    if (!across && !up) return;
    event.preventDefault();
    move(across, up);
  };
}
