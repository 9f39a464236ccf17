// The decoder network in the browser: styles and digit dims in, images out.

import { PIXELS } from "./constants.js";

/** @typedef {[style: number[], digit: number, other: number, share: number]} Row a blend of two digits */
/** @typedef {{inputs: number, weight: Float32Array, bias: Float32Array, units: Float32Array}} Layer
 * `units` are outputs of ROWS images: unit k of image r stands at k * ROWS + r. */
/** @typedef {(x: Float32Array, layer: Layer) => void} Affine computes `units` */

const ROWS = 12; // images computed side by side: each weight is fetched once for all of them

/**
 * GELU in its tanh form, as the networks were trained with.
 * @type {Record<string, (x: number) => number>}
 */
const ACTIVATIONS = {
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  relu: (x) => (x > 0 ? x : 0),
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => x / (1 + Math.exp(-1.5957691216 * (x + 0.044715 * x * x * x))),
};

export class Decoder {
  /**
   * @param {Uint8Array} bytes what ui/shared/browser/weights.py packs: the length of a JSON header
   *   (uint32, little-endian), the header, then float32 weights (out × in) and biases of each layer
   * @param {string} code affine.wasm in base64
   */
  constructor(bytes, code) {
    const copy = bytes.slice(); // what arrives need not begin at a multiple of four
    const size = new DataView(copy.buffer).getUint32(0, true);
    /** @type {{zDim: number, widths: number[], activation: string, model: string}} */
    this.header = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + size)));
    const { zDim, widths, activation } = this.header;
    this.zDim = zDim;
    this.activation = ACTIVATIONS[activation];
    // Everything lives in one memory, where the kernel can reach it. Units are computed in pairs:
    // an odd layer gets one more, whose weights stay 0 and which nobody reads.
    const even = widths.map((width) => width + (width % 2));
    const floats = widths
      .slice(1)
      .reduce((sum, _, i) => sum + even[i + 1] * (widths[i] + 1 + ROWS) + 4, 0);
    const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * floats) / 65536) });
    let at = 0;
    const room = (/** @type {number} */ count) => {
      const part = new Float32Array(memory.buffer, at, count);
      at += 4 * count;
      return part;
    };
    let from = 4 + size;
    const fill = (/** @type {Float32Array} */ part, /** @type {number} */ count) => {
      part.set(new Float32Array(copy.buffer, from, count));
      from += 4 * count;
      return part;
    };
    /** @type {Layer[]} */
    this.layers = widths.slice(1).map((out, index) => {
      const inputs = widths[index];
      const weight = fill(room(even[index + 1] * inputs), out * inputs);
      const bias = fill(room(even[index + 1]), out);
      at += -at & 15; // images are read and written four at a time
      return { inputs, weight, bias, units: room(even[index + 1] * ROWS) };
    });
    this.shared = new Float64Array(even[1]);
    /** @type {Affine} */
    this.affine = kernel(code, memory) ?? affine;
  }

  /**
   * Images of the rows into `images` (784 each, ink in 0-1). Rows with the same style object share
   * its part of the first layer.
   * @param {Row[]} rows
   */
  decode(rows, images = new Float32Array(rows.length * PIXELS)) {
    const logits = this.layers[this.layers.length - 1].units;
    for (let start = 0; start < rows.length; start += ROWS) {
      const count = Math.min(ROWS, rows.length - start);
      this.#enter(rows.slice(start, start + count));
      for (let index = 1; index < this.layers.length; index++) {
        const before = this.layers[index - 1].units;
        for (let i = 0; i < before.length; i++) before[i] = this.activation(before[i]);
        this.affine(before, this.layers[index]);
      }
      for (let row = 0; row < count; row++) {
        const to = (start + row) * PIXELS;
        for (let p = 0; p < PIXELS; p++) images[to + p] = 1 / (1 + Math.exp(-logits[p * ROWS + row]));
      }
    }
    return images;
  }

  /**
   * The first layer's sums.
   * @param {Row[]} rows
   */
  #enter(rows) {
    const { weight, bias, inputs, units } = this.layers[0];
    const { zDim, shared } = this;
    /** @type {number[] | null} */
    let last = null;
    rows.forEach(([style, digit, other, share], row) => {
      if (style !== last) {
        for (let unit = 0; unit < bias.length; unit++) {
          let sum = bias[unit];
          for (let dim = 0, at = unit * inputs; dim < zDim; dim++) sum += weight[at++] * style[dim];
          shared[unit] = sum;
        }
        last = style;
      }
      for (let unit = 0; unit < bias.length; unit++) {
        const at = unit * inputs + zDim;
        units[unit * ROWS + row] =
          shared[unit] + (1 - share) * weight[at + digit] + share * weight[at + other];
      }
    });
  }
}

/**
 * The layer computed by affine.wasm, which is four to five times as fast as `affine`; null in a
 * browser without its instructions.
 * @param {string} code
 * @param {WebAssembly.Memory} memory
 * @returns {Affine | null}
 */
function kernel(code, memory) {
  try {
    const bytes = Uint8Array.from(atob(code), (character) => character.charCodeAt(0));
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { board: { memory } });
    const compute = /** @type {(...sizes: number[]) => void} */ (instance.exports.affine);
    return (x, { inputs, weight, bias, units }) =>
      compute(
        x.byteOffset, weight.byteOffset, bias.byteOffset, units.byteOffset, inputs, bias.length,
      );
  } catch {
    return null;
  }
}

/** @type {Affine} */
export function affine(x, { inputs, weight, bias, units }) {
  for (let unit = 0; unit < bias.length; unit++) {
    for (let row = 0; row < ROWS; row += 4) {
      let a = bias[unit], b = a, c = a, d = a;
      for (let p = unit * inputs, end = p + inputs, i = row; p < end; p++, i += ROWS) {
        const w = weight[p];
        a += w * x[i];
        b += w * x[i + 1];
        c += w * x[i + 2];
        d += w * x[i + 3];
      }
      units.set([a, b, c, d], unit * ROWS + row);
    }
  }
}
