// The decoder network in the browser: styles and digit dims in, images out.

import { PIXELS } from "./constants.js";
import { allocate } from "./kernel.js";
import { ACTIVATIONS, logistic } from "./network.js";

/**
 * @import { Model } from "./reader.js"
 * @import { Tensor } from "./safetensors.js"
 */
/** @typedef {[style: number[], digit: number, other: number, share: number]} Row a blend of two digits */
/** @typedef {{inputs: number, weight: Float32Array, bias: Float32Array, units: Float32Array}} Layer
 * `units` are outputs of ROWS images: unit k of image r stands at k * ROWS + r. */
/** @typedef {(x: Float32Array, layer: Layer) => void} Affine computes `units` */

const ROWS = 12; // images computed side by side: each weight is fetched once for all of them

export class Decoder {
  /**
   * @param {Pick<Model, "activation" | "zDim">} model
   * @param {Map<string, Tensor>} tensors with `decoder.layers.0.weight` (outputs, inputs), `….bias`, …
   * @param {WebAssembly.Module | null} code of the kernel; null: JavaScript alone
   */
  constructor({ activation, zDim }, tensors, code) {
    this.zDim = zDim;
    this.activation = ACTIVATIONS[activation];
    const names = Array.from({ length: tensors.size / 2 }, (_, index) => `decoder.layers.${2 * index}`);
    const found = names.map((name) => [tensors.get(`${name}.weight`), tensors.get(`${name}.bias`)]);
    const shapes = found.map(([weight, bias]) => {
      if (!weight || !bias) throw new Error("the weights are not those of a decoder");
      const [outputs, inputs] = weight.shape;
      // Units are computed in pairs: an odd layer gets one more, whose weights stay 0 and which
      // nobody reads.
      return { inputs, even: outputs + (outputs % 2), weight: weight.values, bias: bias.values };
    });
    const counts = shapes.flatMap(({ inputs, even }) => [even * inputs, even, even * ROWS]);
    const { arrays, kernel } = allocate(counts, code);
    /** @type {Layer[]} */
    this.layers = shapes.map((shape, index) => {
      const [weight, bias, units] = arrays.slice(3 * index);
      weight.set(shape.weight);
      bias.set(shape.bias);
      return { inputs: shape.inputs, weight, bias, units };
    });
    this.shared = new Float64Array(shapes[0].even);
    /** @type {Affine} four to five times as fast by the kernel */
    this.affine = kernel
      ? (x, { inputs, weight, bias, units }) =>
          kernel.affine(
            x.byteOffset, weight.byteOffset, bias.byteOffset, units.byteOffset, inputs, bias.length,
          )
      : affine;
  }

  /**
   * Images of the rows into `images` (784 each, ink in 0-1). Rows with the same style object share
   * its part of the first layer.
   * @param {Row[]} rows
   */
  decode(rows, images = new Float32Array(rows.length * PIXELS)) {
    const last = this.layers[this.layers.length - 1].units;
    for (let start = 0; start < rows.length; start += ROWS) {
      const count = Math.min(ROWS, rows.length - start);
      this.#enter(rows.slice(start, start + count));
      this.#pass();
      for (let row = 0; row < count; row++) {
        const to = (start + row) * PIXELS;
        for (let p = 0; p < PIXELS; p++) images[to + p] = logistic(last[p * ROWS + row]);
      }
    }
    return images;
  }

  /**
   * The image of a style with any digit dims, which sum to 1.
   * @param {number[]} style
   * @param {ArrayLike<number>} dims ten
   */
  mixed(style, dims) {
    const { inputs, weight, units } = this.layers[0];
    this.#enter([[style, 0, 0, 0]]);
    for (let unit = 0; unit < units.length / ROWS; unit++) {
      const at = unit * inputs + this.zDim;
      for (let digit = 0; digit < dims.length; digit++) {
        units[unit * ROWS] += (dims[digit] - Number(digit === 0)) * weight[at + digit];
      }
    }
    this.#pass();
    return this.logits(0).map(logistic);
  }

  /**
   * What the pixels of an image were before the sigmoid.
   * @param {number} row of those decoded last, up to the twelfth
   */
  logits(row) {
    const { units } = this.layers[this.layers.length - 1];
    const logits = new Float32Array(PIXELS);
    for (let p = 0; p < PIXELS; p++) logits[p] = units[p * ROWS + row];
    return logits;
  }

  /** All layers after the first. */
  #pass() {
    for (let index = 1; index < this.layers.length; index++) {
      const before = this.layers[index - 1].units;
      for (let i = 0; i < before.length; i++) before[i] = this.activation(before[i]);
      this.affine(before, this.layers[index]);
    }
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
