// A drawing as pixels, computed and not painted: the same in every browser.

import { resize } from "./place.js";

/**
 * @typedef {{ points: number[], width: number, erases: boolean }} Stroke points x0, y0, x1, y1, … and
 *   the pen's width in whole numbers on a grid of GRID by GRID
 */

export const GRID = 1000;
export const MARGIN = 250; // so far a stroke may leave the pad, and come back where it does
export const SIDE = 216;
const RIM = 10; // bare paper around the pad: ink that fills the pad is ink still
const SCALE = (SIDE - 2 * RIM) / GRID;
const STEPS = 4; // of each bend

/**
 * Ink in [0, 1], SIDE by SIDE.
 * @param {Stroke[]} strokes in drawing order
 * @param {Float32Array} ink what lies under them, SIDE by SIDE; it is drawn on
 */
export function rasterize(strokes, ink = new Float32Array(SIDE * SIDE)) {
  for (const stroke of strokes) draw(ink, stroke, curve(stroke.points));
  return ink;
}

/** As `rasterize`, of one drawing after another: computes what is new since the one before. */
export class Raster {
  /** @type {Stroke[]} */
  #strokes = [];
  /** @type {number | null} */
  #example = null;
  #ink = new Float32Array(SIDE * SIDE); // of the strokes, without the end of the last one
  #drawn = 0; // numbers of the last one's path
  #whole = new Float32Array(SIDE * SIDE);

  /**
   * Ink that the next call overwrites.
   * @param {{ strokes: Stroke[], example: number | null }} drawing its last stroke may grow
   * @param {(example: number) => Float32Array} under what lies under the strokes
   */
  draw({ strokes, example }, under) {
    if (example !== this.#example || this.#strokes.some((stroke, i) => stroke !== strokes[i])) {
      this.#strokes = [];
      this.#example = example;
      this.#drawn = 0;
      if (example === null) this.#ink.fill(0);
      else this.#ink.set(under(example));
    }
    const last = strokes.length - 1;
    for (let i = Math.max(this.#strokes.length - 1, 0); i < last; i++) {
      draw(this.#ink, strokes[i], curve(strokes[i].points), this.#drawn);
      this.#drawn = 0;
    }
    this.#strokes = strokes;
    if (last < 0) return this.#ink;
    const path = curve(strokes[last].points);
    const end = settled(strokes[last].points);
    draw(this.#ink, strokes[last], path, this.#drawn, end);
    this.#drawn = end;
    this.#whole.set(this.#ink);
    return draw(this.#whole, strokes[last], path, end);
  }
}

/** How many numbers of a curve stay as they are when it gets more points: its last bend turns. */
function settled(/** @type {number[]} */ points) {
  const bends = points.length / 2 - 2;
  return bends > 1 ? 2 + 2 * STEPS * (bends - 1) : 0;
}

/**
 * Adds a part of a stroke.
 * @param {Float32Array} ink
 * @param {Stroke} stroke
 * @param {number[]} path its curve
 */
function draw(ink, { width, erases }, path, from = 0, to = path.length) {
  const radius = (width * SCALE) / 2;
  let [x, y] = onPixels(path, Math.max(from - 2, 0));
  for (let at = from; at < to; at += 2) {
    const [toX, toY] = onPixels(path, at);
    segment(ink, x, y, toX, toY, radius, erases);
    [x, y] = [toX, toY];
  }
  return ink;
}

/**
 * Points along the curve that the pad draws: through the middles between the pen's points, each of
 * which bends it.
 * @param {number[]} points
 */
export function curve(points) {
  const end = points.length - 2;
  if (end < 4) return points;
  const path = points.slice(0, 2);
  let [fromX, fromY] = points;
  for (let i = 2; i < end; i += 2) {
    const last = i + 2 === end;
    const toX = last ? points[end] : (points[i] + points[i + 2]) / 2;
    const toY = last ? points[end + 1] : (points[i + 1] + points[i + 3]) / 2;
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
      path.push(a * fromX + b * points[i] + c * toX, a * fromY + b * points[i + 1] + c * toY);
    }
    [fromX, fromY] = [toX, toY];
  }
  return path;
}

/**
 * Ink of an image of 28 by 28 pixels that fills the pad.
 * @param {Float32Array} image
 */
export function underlay(image) {
  const wide = SIDE - 2 * RIM;
  const { values } = resize({ values: image, width: 28, height: 28 }, wide, wide);
  const ink = new Float32Array(SIDE * SIDE);
  for (let y = 0; y < wide; y++) ink.set(values.subarray(y * wide, (y + 1) * wide), (RIM + y) * SIDE + RIM);
  return ink;
}

/** @param {number[]} path @param {number} at */
const onPixels = (path, at) => [RIM + path[at] * SCALE, RIM + path[at + 1] * SCALE];

/**
 * A line with round ends: each pixel is covered as far as the pen's rim lies beyond its centre.
 * @param {Float32Array} ink
 * @param {number} x @param {number} y
 * @param {number} toX @param {number} toY
 * @param {number} radius
 * @param {boolean} erases
 */
function segment(ink, x, y, toX, toY, radius, erases) {
  const [dx, dy] = [toX - x, toY - y];
  const squared = dx * dx + dy * dy || 1;
  const reach = radius + 0.5;
  const [left, right] = span(x, toX, reach);
  const [top, bottom] = span(y, toY, reach);
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const at = row * SIDE + column;
      if (ink[at] === (erases ? 0 : 1)) continue; // as most are, under a slow pen
      const offX = column + 0.5 - x;
      const offY = row + 0.5 - y;
      const along = Math.min(Math.max((offX * dx + offY * dy) / squared, 0), 1);
      const awayX = offX - along * dx;
      const awayY = offY - along * dy;
      const away = awayX * awayX + awayY * awayY;
      if (away >= reach * reach) continue;
      const covered = Math.min(reach - Math.sqrt(away), 1);
      ink[at] = erases ? Math.min(ink[at], 1 - covered) : Math.max(ink[at], covered);
    }
  }
}

/** The pixels between two places, and as far around them; none outside the raster. */
function span(/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ reach) {
  return [
    Math.max(Math.floor(Math.min(from, to) - reach), 0),
    Math.min(Math.ceil(Math.max(from, to) + reach), SIDE - 1),
  ];
}
