// A feed-forward network, for one input at a time.

import { allocate } from "./kernel.js";

/** @typedef {import("./safetensors.js").Tensor} Tensor */
/**
 * @typedef {object} Layer
 * @property {Float32Array} x inputs, as far as they are copied
 * @property {Float32Array} weight (inputs, outputs): what a blank pixel would add is passed over
 * @property {Float32Array} bias
 * @property {Float32Array} sums as many as outputs, and up to three more that stay 0
 * @property {number} outputs
 */

// Sums count for no more, so that any finite weights give finite results (as in vae_model.engine).
const LARGEST = 1e9;

const SPAN = 16; // beyond, the logistic function is 0 or 1 in float32
const STEPS = 128; // for each unit of x
const LOGISTIC = Float32Array.from(
  { length: 2 * SPAN * STEPS + 2 },
  (_, at) => 1 / (1 + Math.exp(SPAN - at / STEPS)),
);

/** 1 / (1 + exp(−x)), to within 1e-6: interpolated, at a fraction of the time of an exponential. */
export function logistic(/** @type {number} */ x) {
  if (!(x > -SPAN)) return 0;
  if (x >= SPAN) return 1;
  const at = (x + SPAN) * STEPS;
  const low = at | 0;
  return LOGISTIC[low] + (at - low) * (LOGISTIC[low + 1] - LOGISTIC[low]);
}

/** GELU in its tanh form, as the networks were trained with. */
export const ACTIVATIONS = {
  sigmoid: logistic,
  tanh: Math.tanh,
  relu: (/** @type {number} */ x) => (x > 0 ? x : 0),
  silu: (/** @type {number} */ x) => x * logistic(x),
  gelu: (/** @type {number} */ x) => x * logistic(1.5957691216 * (x + 0.044715 * x * x * x)),
};

/** @typedef {keyof typeof ACTIVATIONS} Activation */

export class Network {
  /**
   * @param {Map<string, Tensor>} tensors with `NAME.layers.0.weight` (outputs, inputs), `….bias`,
   *   `NAME.layers.2.weight`, …
   * @param {string} name
   * @param {Activation} activation of the hidden layers
   * @param {WebAssembly.Module | null} code of the kernel; null: JavaScript alone
   */
  constructor(tensors, name, activation, code) {
    this.activation = ACTIVATIONS[activation];
    const shapes = [];
    for (let index = 0; tensors.has(`${name}.layers.${index}.weight`); index += 2) {
      const { shape, values } = get(tensors, `${name}.layers.${index}.weight`);
      const { values: bias } = get(tensors, `${name}.layers.${index}.bias`);
      const [outputs, inputs] = shape;
      shapes.push({ inputs, outputs, wide: (outputs + 3) & ~3, values, bias });
    }
    if (!shapes.length) throw new Error(`there is no network ${name}`);
    const counts = shapes.flatMap(({ inputs, wide }) => [inputs, inputs * wide, wide]);
    const { arrays, kernel } = allocate(counts, code);
    /** @type {Layer[]} */
    this.layers = shapes.map(({ inputs, outputs, wide, values, bias }, index) => {
      const [x, weight, sums] = arrays.slice(3 * index);
      for (let o = 0, at = 0; o < outputs; o++) {
        for (let i = 0; i < inputs; i++) weight[i * wide + o] = values[at++];
      }
      return { x, weight, bias, sums, outputs };
    });
    /** @type {(layer: Layer) => void} */
    this.add = kernel
      ? ({ x, weight, sums }) =>
          kernel.add(x.byteOffset, weight.byteOffset, sums.byteOffset, x.length, sums.length)
      : add;
  }

  /**
   * The outputs for these inputs.
   * @param {ArrayLike<number>} inputs
   */
  run(inputs) {
    let outputs = inputs;
    this.layers.forEach((layer, index) => {
      layer.x.set(outputs);
      layer.sums.set(layer.bias);
      this.add(layer);
      const activation = index + 1 < this.layers.length ? this.activation : identity;
      const sums = layer.sums.subarray(0, layer.outputs);
      for (let i = 0; i < sums.length; i++) sums[i] = activation(bounded(sums[i]));
      outputs = sums;
    });
    return Float64Array.from(outputs);
  }
}

/**
 * Logits (10) as probabilities, which sum to 1.
 * @param {Float64Array} logits
 * @param {number} temperature divides them
 */
export function softmax(logits, temperature = 1) {
  const top = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp((logit - top) / temperature));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

/** Adds each input's weights, as often as it is worth. @param {Layer} layer */
function add({ x, weight, sums }) {
  const wide = sums.length;
  for (let i = 0, at = 0; i < x.length; i++, at += wide) {
    const value = x[i];
    if (value === 0) continue;
    for (let o = 0; o < wide; o++) sums[o] += value * weight[at + o];
  }
}

/** @param {Map<string, Tensor>} tensors @param {string} name */
function get(tensors, name) {
  const found = tensors.get(name);
  if (!found) throw new Error(`the weights lack ${name}`);
  return found;
}

const identity = (/** @type {number} */ x) => x;
// Not a number comes to −LARGEST, as in vae_model.engine.forward.affine.
const bounded = (/** @type {number} */ x) => (x >= LARGEST ? LARGEST : x >= -LARGEST ? x : -LARGEST);
