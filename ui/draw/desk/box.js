// Boxes in a picture: what a hand can do with one, without a page.

/**
 * @typedef {[number, number, number, number]} Box left, top, right, bottom: shares of the picture, in [0, 1]
 *
 * @typedef {object} Grip how a hand holds a box, or draws one
 * @property {Box | null} box as it was when it was taken; null: one is drawn
 * @property {number} corner that is held, from the upper left one clockwise; −1: the box as a whole
 * @property {number} x where it was taken
 * @property {number} y
 */

export const LEAST = 0.02; // of the picture's side: a box is no smaller
const USUAL = 0.3; // a box where there are no others to go by
const STEP = 0.01; // of an arrow key
const TRIED = 20; // places along a side for a box that is added

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/**
 * As large as it was, and inside of the picture.
 * @param {Box} box @param {number} dx @param {number} dy
 * @returns {Box}
 */
export function moved([left, top, right, bottom], dx, dy) {
  const x = within(dx, -left, 1 - right);
  const y = within(dy, -top, 1 - bottom);
  return [left + x, top + y, right + x, bottom + y];
}

/**
 * With one corner elsewhere; dragged past the opposite one, it flips.
 * @param {Box} box @param {number} corner @param {number} x @param {number} y
 * @returns {Box}
 */
export function resized(box, corner, x, y) {
  const { isRight, isLower } = sides(corner);
  const [left, right] = between(isRight ? box[0] : box[2], x, isRight);
  const [top, bottom] = between(isLower ? box[1] : box[3], y, isLower);
  return [left, top, right, bottom];
}

/**
 * A box from two of its corners, in any order; null where it is too small to be meant.
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1
 * @returns {Box | null}
 */
export function drawn(x0, y0, x1, y1) {
  const [left, right] = [x0, x1].map(inside).sort((a, b) => a - b);
  const [top, bottom] = [y0, y1].map(inside).sort((a, b) => a - b);
  return Math.min(right - left, bottom - top) < LEAST ? null : [left, top, right, bottom];
}

/**
 * What a hand that is at (x, y) by now has made; null: nothing yet.
 * @param {Grip} grip @param {number} x @param {number} y
 */
export function dragged({ box, corner, ...from }, x, y) {
  if (!box) return drawn(from.x, from.y, x, y);
  const [dx, dy] = [x - from.x, y - from.y];
  if (corner < 0) return moved(box, dx, dy);
  const { isRight, isLower } = sides(corner);
  return resized(box, corner, box[isRight ? 2 : 0] + dx, box[isLower ? 3 : 1] + dy);
}

/**
 * What an arrow key makes of a box: it moves, or its lower right corner does. Null for other keys.
 * @param {Box} box @param {string} key @param {boolean} isCorner
 */
export function nudged(box, key, isCorner) {
  if (!Object.hasOwn(ARROWS, key)) return null;
  const [dx, dy] = ARROWS[key];
  return isCorner ? resized(box, 2, box[2] + dx, box[3] + dy) : moved(box, dx, dy);
}

/**
 * Another box, as large as the others mostly are: where it covers least of them, near the middle.
 * @param {Box[]} boxes
 * @returns {Box}
 */
export function added(boxes) {
  const width = median(boxes.map(([left, , right]) => right - left));
  const height = median(boxes.map(([, top, , bottom]) => bottom - top));
  /** @type {{ box: Box, covered: number, away: number } | null} */
  let best = null;
  for (let i = 0; i <= TRIED; i++) {
    for (let j = 0; j <= TRIED; j++) {
      const left = (i / TRIED) * (1 - width);
      const top = (j / TRIED) * (1 - height);
      /** @type {Box} */
      const box = [left, top, left + width, top + height];
      const covered = Math.round(1e6 * boxes.reduce((sum, other) => sum + shared(box, other), 0));
      const away = Math.hypot(i - TRIED / 2, j - TRIED / 2);
      if (!best || covered < best.covered || (covered === best.covered && away < best.away)) {
        best = { box, covered, away };
      }
    }
  }
  return /** @type {NonNullable<typeof best>} */ (best).box;
}

/**
 * Which of the boxes is at (x, y), the smallest of several; −1: none.
 * @param {Box[]} boxes @param {number} x @param {number} y
 */
export function under(boxes, x, y) {
  let found = -1;
  boxes.forEach((box, at) => {
    if (holds(box, x, y) && (found < 0 || area(box) < area(boxes[found]))) found = at;
  });
  return found;
}

/** @param {Box} box @param {number} x @param {number} y */
export const holds = ([left, top, right, bottom], x, y) => left <= x && x <= right && top <= y && y <= bottom;

/** How high one of the boxes lies: small ones on large ones, else no hand could reach them. */
export const layer = (/** @type {Box[]} */ boxes, /** @type {number} */ at) =>
  boxes.filter((other) => area(other) > area(boxes[at])).length;

/**
 * Where a box comes among others, which stand in reading order: beside the nearest of its line, else
 * before the first that is lower. By its neighbours alone: a sheet may lie aslant.
 * @param {Box} box @param {Box[]} others
 */
export function placeAmong(box, others) {
  const [x, y] = middle(box);
  const line = others.filter(([, top, , bottom]) => top < y && y < bottom);
  const away = (/** @type {Box} */ other) => Math.abs(middle(other)[0] - x);
  const [nearest] = line.sort((one, other) => away(one) - away(other));
  if (nearest) return others.indexOf(nearest) + (middle(nearest)[0] < x ? 1 : 0);
  const lower = others.findIndex((other) => middle(other)[1] > y);
  return lower < 0 ? others.length : lower;
}

const middle = (/** @type {Box} */ [left, top, right, bottom]) => [(left + right) / 2, (top + bottom) / 2];

const area = (/** @type {Box} */ [left, top, right, bottom]) => (right - left) * (bottom - top);

/** @param {Box | null} one @param {Box | null} other */
export const isSame = (one, other) =>
  one === other || (one !== null && other !== null && one.every((side, i) => side === other[i]));

const sides = (/** @type {number} */ corner) => ({
  isRight: corner === 1 || corner === 2,
  isLower: corner >= 2,
});

/**
 * From the end that stays to the one that is dragged, in order.
 * @param {number} fixed @param {number} to @param {boolean} isHigh whether the higher end is dragged
 */
function between(fixed, to, isHigh) {
  const end = inside(to);
  if (end === fixed ? isHigh : end > fixed) {
    const low = Math.min(fixed, 1 - LEAST);
    return [low, Math.max(end, low + LEAST)];
  }
  const high = Math.max(fixed, LEAST);
  return [Math.min(end, high - LEAST), high];
}

/** The area that two boxes share. */
function shared(/** @type {Box} */ one, /** @type {Box} */ other) {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  return Math.max(width, 0) * Math.max(height, 0);
}

function median(/** @type {number[]} */ values) {
  const sorted = values.slice().sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : USUAL;
}

const within = (/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) =>
  Math.min(Math.max(value, low), high);

const inside = (/** @type {number} */ share) => within(share, 0, 1);
