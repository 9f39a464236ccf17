// Ink to the 28 by 28 pixels that MNIST would have made of it: as vae_model.preprocessing does after
// it has found the ink.

import { bicubic } from "../../shared/browser/ink.js";

const FRAME = 28;
const BOX = 20; // MNIST's digits are 20 pixels long
const CENTRE = 14; // pixel index of the middle of their mass
const CELLS = 96; // specks are looked for in this many cells a side, at most

/** @typedef {{ values: Float32Array, width: number, height: number }} Pixels ink in [0, 1] */

/**
 * The digit in `ink` as 784 whole shades of 255, in [0, 1]; or what it is instead.
 * @param {Float32Array} ink @param {number} side of it
 * @returns {Float32Array | "empty" | "speck" | "solid"}
 */
export function place(ink, side) {
  const digit = crop(withoutSpecks({ values: ink, width: side, height: side }));
  if (!digit) return "empty";
  const [short, long] = [digit.width, digit.height].sort((a, b) => a - b);
  const size = long / side;
  if (long < 4 || size < 0.02) return "speck";
  const fill = sum(digit.values) / digit.values.length;
  if (short > 0.6 * long && size < 0.12 && fill > 0.5) return "speck";
  if (short > 0.6 * long && fill > 0.75) return "solid";
  return framed(digit);
}

/** The cropped digit, 20 pixels long, in a frame of 28 by its centre of mass. */
function framed(/** @type {Pixels} */ digit) {
  const scale = BOX / Math.max(digit.width, digit.height);
  const width = Math.max(1, round(digit.width * scale));
  const height = Math.max(1, round(digit.height * scale));
  const { values } = resize(digit, width, height);
  const full = percentile(values.filter(above(0.25 * values.reduce((a, b) => Math.max(a, b), 0))), 0.9);
  // A stroke thinner than a final pixel is only grey by now; MNIST's pen always leaves white.
  const small = values.map((value) => Math.min(Math.max(value / full, 0), 1));
  let [sum, across, down] = [0, 0, 0];
  small.forEach((value, at) => {
    sum += value;
    across += value * (at % width);
    down += value * Math.floor(at / width);
  });
  const left = offset(across / sum, width);
  const top = offset(down / sum, height);
  const frame = new Float32Array(FRAME * FRAME);
  small.forEach((value, at) => {
    frame[(top + Math.floor(at / width)) * FRAME + left + (at % width)] = Math.round(255 * value) / 255;
  });
  return frame;
}

/** Where `side` pixels begin so that their centre of mass is central, all of them inside. */
const offset = (/** @type {number} */ mass, /** @type {number} */ side) =>
  Math.min(Math.max(round(CENTRE - mass), 0), FRAME - side);

/**
 * Bicubic with a = −1/2, widened where it shrinks, so that no pixel is passed over: as Pillow does.
 * @param {Pixels} image @param {number} width @param {number} height
 * @returns {Pixels}
 */
export function resize({ values, width: across, height: down }, width, height) {
  const columns = taps(across, width);
  const rows = taps(down, height);
  const lines = new Float32Array(down * width);
  for (let y = 0; y < down; y++) {
    columns.forEach(({ first, weights }, x) => {
      let sum = 0;
      for (let i = 0, at = y * across + first; i < weights.length; i++) sum += weights[i] * values[at + i];
      lines[y * width + x] = sum;
    });
  }
  const made = new Float32Array(width * height);
  rows.forEach(({ first, weights }, y) => {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let i = 0, at = first * width + x; i < weights.length; i++, at += width) sum += weights[i] * lines[at];
      made[y * width + x] = Math.min(Math.max(sum, 0), 1);
    }
  });
  return { values: made, width, height };
}

/** Which of `from` pixels each of `to` pixels is made of, and their weights, which sum to 1. */
function taps(/** @type {number} */ from, /** @type {number} */ to) {
  const scale = from / to;
  const widened = Math.max(scale, 1);
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - 2 * widened + 0.5));
    const end = Math.min(from, Math.trunc(centre + 2 * widened + 0.5));
    const weights = Array.from({ length: end - first }, (_, i) => bicubic((first + i - centre + 0.5) / widened));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** The smallest part that holds all ink; null where there is none. @returns {Pixels | null} */
function crop(/** @type {Pixels} */ { values, width, height }) {
  let [top, bottom, left, right] = [height, -1, width, -1];
  const isBare = (/** @type {number} */ at) => !(values[at] > 0.1);
  for (let y = 0; y < height; y++) {
    let [first, last] = [y * width, (y + 1) * width - 1];
    while (first <= last && isBare(first)) first++;
    if (first > last) continue;
    while (isBare(last)) last--;
    left = Math.min(left, first - y * width);
    right = Math.max(right, last - y * width);
    top = Math.min(top, y);
    bottom = y;
  }
  if (bottom < 0) return null;
  const part = new Float32Array((right - left + 1) * (bottom - top + 1));
  for (let y = top; y <= bottom; y++) {
    part.set(values.subarray(y * width + left, y * width + right + 1), (y - top) * (right - left + 1));
  }
  return { values: part, width: right - left + 1, height: bottom - top + 1 };
}

/** Ink with its stray blots removed: what is small and lies apart from the main stroke. @returns {Pixels} */
function withoutSpecks(/** @type {Pixels} */ ink) {
  const { values, width, height } = ink;
  const cell = Math.ceil(Math.max(width, height) / CELLS);
  // With bare cells around them, so that each has eight neighbours.
  const across = Math.ceil(width / cell) + 2;
  const count = across * (Math.ceil(height / cell) + 2);
  const peaks = new Float32Array(count);
  const sums = new Float64Array(count);
  const cellOf = (/** @type {number} */ x, /** @type {number} */ y) =>
    (Math.floor(y / cell) + 1) * across + Math.floor(x / cell) + 1;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0, first = cellOf(0, y); x < width; x++, at++) {
      const value = values[at];
      if (value === 0) continue; // as most are
      const here = first + Math.floor(x / cell);
      if (value > peaks[here]) peaks[here] = value;
      sums[here] += value;
    }
  }
  const parts = connected(peaks, across);
  if (parts.length <= 1) return ink;
  // What nowhere reaches half of full ink is haze, however large.
  const massOf = (/** @type {number[]} */ part) =>
    part.some((at) => peaks[at] > 0.5) ? part.reduce((mass, at) => mass + sums[at], 0) : 0;
  const sorted = parts
    .map((cells) => ({ cells, mass: massOf(cells) }))
    .sort((a, b) => b.mass - a.mass);
  const keep = new Uint8Array(count);
  let kept = sorted[0].cells;
  for (const { cells, mass } of sorted.slice(1)) {
    const share = mass / sorted[0].mass;
    if (share < 0.015) break;
    // What is large itself, or lies near: the bar of a 5, not a blot.
    if (share > 0.15 || gap(kept, cells, across) < 0.25) kept = [...kept, ...cells];
  }
  for (const at of kept) {
    for (const step of around(across)) keep[at + step] = 1;
  }
  const isKept = (/** @type {number} */ at) => keep[cellOf(at % width, Math.floor(at / width))];
  return { values: values.map((value, at) => (value && isKept(at) ? value : 0)), width, height };
}

/** Eight-connected parts of the cells that hold ink. @returns {number[][]} */
function connected(/** @type {Float32Array} */ peaks, /** @type {number} */ across) {
  const todo = peaks.map((peak) => Number(peak > 0.15));
  const steps = around(across);
  const parts = [];
  for (let start = 0; start < todo.length; start++) {
    if (!todo[start]) continue;
    todo[start] = 0;
    const part = [start];
    for (let i = 0; i < part.length; i++) {
      for (const step of steps) {
        const near = part[i] + step;
        if (!todo[near]) continue;
        todo[near] = 0;
        part.push(near);
      }
    }
    parts.push(part);
  }
  return parts;
}

/** From a cell to itself and to its neighbours. */
const around = (/** @type {number} */ across) =>
  [-across, 0, across].flatMap((row) => [row - 1, row, row + 1]);

/** Between two bounding boxes, in long sides of the first. */
function gap(/** @type {number[]} */ kept, /** @type {number[]} */ part, /** @type {number} */ across) {
  const gaps = [];
  const sides = [];
  for (const along of [(/** @type {number} */ at) => at % across, (/** @type {number} */ at) => Math.floor(at / across)]) {
    const [a, b] = [kept, part].map((cells) => cells.map(along));
    const [low, high] = [Math.min(...a), Math.max(...a)];
    gaps.push(Math.max(Math.min(...b) - high, low - Math.max(...b), 0));
    sides.push(high - low + 1);
  }
  return Math.max(...gaps) / Math.max(...sides);
}

function sum(/** @type {Float32Array} */ values) {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/** Interpolated between the two nearest, as numpy does. */
function percentile(/** @type {Float32Array} */ values, /** @type {number} */ share) {
  const sorted = values.slice().sort();
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

const above = (/** @type {number} */ floor) => (/** @type {number} */ value) => value > floor;

/** To the nearest whole number, and from halfway to the even one, as Python does. */
function round(/** @type {number} */ value) {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 ? low + 1 : low;
}

const BETWEEN = 0.06; // of the side: so much bare paper stands between two digits
const TALL = 0.5; // of the tallest: what is lower is no digit, but a dot or a bar

/** @typedef {{ left: number, right: number }} Span columns that a digit takes, both of them its own */

/**
 * Where the digits stand that stand apart, from left to right: one where the ink is one digit, none
 * on bare paper. What is too low to be a digit is left out.
 * @param {Float32Array} ink @param {number} side of it
 * @returns {Span[]}
 */
export function apart(ink, side) {
  /** @type {{ left: number, right: number, top: number, bottom: number }[]} */
  const groups = [];
  const tops = new Int16Array(side).fill(side);
  const bottoms = new Int16Array(side).fill(-1);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at++) {
      if (!(ink[at] > 0.15)) continue;
      if (y < tops[x]) tops[x] = y;
      bottoms[x] = y;
    }
  }
  let last = -Infinity;
  bottoms.forEach((bottom, x) => {
    if (bottom < 0) return;
    if (x - last > BETWEEN * side) groups.push({ left: x, right: x, top: tops[x], bottom });
    const group = groups[groups.length - 1];
    group.right = last = x;
    group.top = Math.min(group.top, tops[x]);
    group.bottom = Math.max(group.bottom, bottom);
  });
  const height = (/** @type {typeof groups[number]} */ { top, bottom }) => bottom - top + 1;
  const tallest = Math.max(0, ...groups.map(height));
  const digits = groups.filter((group) => height(group) >= TALL * tallest);
  if (digits.length > 1 && tallest < 0.1 * side) return [{ left: digits[0].left, right: last }];
  return digits.map(({ left, right }) => ({ left, right }));
}

/**
 * One of the digits that stand apart, on paper of its own.
 * @param {Float32Array} ink @param {number} side of it @param {Span} digit
 */
export const alone = (ink, side, { left, right }) =>
  ink.map((value, at) => (at % side >= left - 1 && at % side <= right + 1 ? value : 0));
