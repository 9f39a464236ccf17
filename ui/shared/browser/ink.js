// Decoded images as ink on the page's own paper: the image is the opacity of the text's colour.
// ui/shared/ink.py does the same for what the server draws.

import { PIXELS, SIDE } from "./constants.js";

/** @typedef {[red: number, green: number, blue: number]} Color each 0-255 */

const BLUR = 0.1; // what a pixel gives to each neighbour, against the stairs of slanted strokes
const FAINT = 0.08; // shades drawn as bare paper and as full ink
const FULL = 0.5;
const TRACE = 0.01; // less cannot be seen, however it adds up
const LEVELS = 1023;
const TAPS = 6; // pixels of which one is made, along each axis
const PAD = 3; // blank ones around the image, so that there are always so many

// Opacity, as the highest byte of a pixel, of each level of ink.
const OPACITY = Uint32Array.from({ length: LEVELS + 1 }, (_, level) => {
  const edge = Math.min(Math.max((level / LEVELS - FAINT) / (FULL - FAINT), 0), 1);
  return Math.round(255 * edge * edge * (3 - 2 * edge)) << 24;
});

/**
 * Calls back once the text has another colour, as with the theme: the page's word of a new theme may
 * come before its colours.
 * @param {HTMLElement} root
 * @param {() => void} callback
 */
export function onColor(root, callback) {
  root.style.transition = "color 1ms";
  root.addEventListener("transitionend", ({ target, propertyName }) => {
    if (target === root && propertyName === "color") callback();
  });
}

/**
 * The colour of an element's text.
 * @param {Element} element
 */
export function textColor(element) {
  const parts = getComputedStyle(element).color.match(/\d+/g) ?? [];
  return /** @type {Color} */ (parts.slice(0, 3).map(Number));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function context2d(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("this browser cannot draw");
  return context;
}

/** Enlarges images by a whole factor. Blur and bicubic interpolation are linear and the same along
 * both axes: one small filter each, for every line of the enlarged image. */
class Enlarger {
  /** @param {number} scale */
  constructor(scale) {
    this.scale = scale;
    this.side = SIDE * scale;
    this.first = new Int32Array(this.side); // of six pixels, counted from PAD before the first one
    this.weights = new Float32Array(this.side * TAPS);
    for (let i = 0; i < this.side; i++) {
      const center = (i + 0.5) / scale - 0.5;
      const base = Math.floor(center);
      this.first[i] = base - 2 + PAD;
      // At the image's edge there are fewer pixels to make one of.
      const taps = [-1, 0, 1, 2].filter((tap) => base + tap >= 0 && base + tap < SIDE);
      const whole = taps.reduce((sum, tap) => sum + bicubic(center - base - tap), 0);
      for (const tap of taps) {
        const weight = bicubic(center - base - tap) / whole;
        const at = i * TAPS + tap + 2;
        this.weights[at - 1] += BLUR * weight;
        this.weights[at] += (1 - 2 * BLUR) * weight;
        this.weights[at + 1] += BLUR * weight;
      }
    }
    this.line = new Float32Array(SIDE + 2 * PAD);
    this.lines = new Float32Array((SIDE + 2 * PAD) * this.side);
  }

  /**
   * Adds the opacities of the image at `from` to an empty raster of one number for each pixel,
   * `stride` wide, from pixel `to` on. Skips the bare paper around the ink.
   * @param {Float32Array} images
   * @param {number} from
   * @param {Uint32Array} raster
   * @param {number} to
   * @param {number} stride
   */
  enlarge(images, from, raster, to, stride) {
    const { scale, side, first, weights, line, lines } = this;
    const { top, bottom, left, right } = inked(images, from);
    if (top > bottom) return;
    const begin = Math.max(0, (left - 2) * scale);
    const end = Math.min(side, (right + 3) * scale);
    lines.fill(0, top * side, (top + PAD) * side);
    lines.fill(0, (bottom + 1 + PAD) * side, (bottom + 1 + 2 * PAD) * side);
    for (let y = top; y <= bottom; y++) {
      line.set(images.subarray(from + y * SIDE, from + (y + 1) * SIDE), PAD);
      for (let x = begin, put = (y + PAD) * side + begin; x < end; x++, put++) {
        const [w, at] = [x * TAPS, first[x]];
        lines[put] =
          weights[w] * line[at] + weights[w + 1] * line[at + 1] + weights[w + 2] * line[at + 2] +
          weights[w + 3] * line[at + 3] + weights[w + 4] * line[at + 4] + weights[w + 5] * line[at + 5];
      }
    }
    const last = Math.min(side, (bottom + 3) * scale);
    for (let y = Math.max(0, (top - 2) * scale); y < last; y++) {
      const w = y * TAPS;
      const a = weights[w], b = weights[w + 1], c = weights[w + 2];
      const d = weights[w + 3], e = weights[w + 4], f = weights[w + 5];
      let [at, put] = [first[y] * side + begin, to + y * stride + begin];
      for (const stop = put + end - begin; put < stop; put++, at++) {
        const sum =
          a * lines[at] + b * lines[at + side] + c * lines[at + 2 * side] +
          d * lines[at + 3 * side] + e * lines[at + 4 * side] + f * lines[at + 5 * side];
        if (sum > FAINT) raster[put] |= OPACITY[sum >= 1 ? LEVELS : (sum * LEVELS + 0.5) | 0];
      }
    }
  }
}

/**
 * The rows and columns of the image at `from` between which all of its ink lies.
 * @param {Float32Array} images
 * @param {number} from
 */
function inked(images, from) {
  const box = { top: SIDE, bottom: -1, left: SIDE, right: -1 };
  for (let y = 0, at = from; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, at++) {
      if (images[at] < TRACE) continue;
      if (y < box.top) box.top = y;
      box.bottom = y;
      if (x < box.left) box.left = x;
      if (x > box.right) box.right = x;
    }
  }
  return box;
}

/**
 * Keys (1981) with a = -1/2.
 * @param {number} distance
 */
export function bicubic(distance) {
  const d = Math.abs(distance);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

/** @type {Map<number, Enlarger>} */
const enlargers = new Map();

/** @param {number} scale */
function enlarger(scale) {
  const made = enlargers.get(scale) ?? new Enlarger(scale);
  enlargers.set(scale, made);
  return made;
}

/** Paper without ink, as bytes in memory: red, green, blue, opacity. */
export const bare = (/** @type {Color} */ [red, green, blue]) => red | (green << 8) | (blue << 16);

/** A canvas that shows digits side by side, in columns and rows of cells. */
export class InkCanvas {
  scale = 0;
  #color = "";
  #bare = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} columns
   */
  constructor(canvas, columns, rows = 1) {
    this.canvas = canvas;
    this.columns = columns;
    this.rows = rows;
    this.context = context2d(canvas);
    this.raster = this.context.createImageData(1, 1);
    this.pixels = new Uint32Array();
  }

  /**
   * One that is not on the page.
   * @param {number} columns
   */
  static offscreen(columns, rows = 1) {
    return new InkCanvas(document.createElement("canvas"), columns, rows);
  }

  /**
   * @param {number} scale
   * @param {Color} color
   */
  #resize(scale, color) {
    if (scale === this.scale && color.join() === this.#color) return;
    this.scale = scale;
    this.#color = color.join();
    this.canvas.width = this.columns * SIDE * scale;
    this.canvas.height = this.rows * SIDE * scale;
    this.raster = this.context.createImageData(this.canvas.width, this.canvas.height);
    this.pixels = new Uint32Array(this.raster.data.buffer);
    this.#bare = bare(color);
  }

  /**
   * Draws images[start...] into the cells, first row first; one of them in another colour.
   * @param {Float32Array} images
   * @param {{
   *   scale: number, color: Color, start?: number, count?: number,
   *   accent?: { cell: number, color: Color } | null,
   * }} look
   */
  paint(images, { scale, color, start = 0, count = this.columns * this.rows, accent = null }) {
    this.#resize(scale, color);
    const side = SIDE * scale;
    const { width } = this.canvas;
    this.pixels.fill(this.#bare);
    if (accent) {
      const left = (accent.cell % this.columns) * side;
      const top = Math.floor(accent.cell / this.columns) * side;
      for (let y = top; y < top + side; y++) {
        this.pixels.fill(bare(accent.color), y * width + left, y * width + left + side);
      }
    }
    for (let cell = 0; cell < count; cell++) {
      const x = (cell % this.columns) * side;
      const y = Math.floor(cell / this.columns) * side;
      const to = y * width + x;
      const from = (start + cell) * PIXELS;
      enlarger(scale).enlarge(images, from, this.pixels, to, width);
    }
    this.context.putImageData(this.raster, 0, 0);
  }
}
