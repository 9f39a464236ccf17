// A feed-forward network in plain JavaScript, for one input at a time.

/** @typedef {import("./safetensors.js").Tensor} Tensor */

// Sums count for no more, so that any finite weights give finite results (as in vae_model.engine).
const LARGEST = 1e9;

/** GELU in its tanh form, as the networks were trained with. */
export const ACTIVATIONS = {
  sigmoid: (/** @type {number} */ x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  relu: (/** @type {number} */ x) => (x > 0 ? x : 0),
  silu: (/** @type {number} */ x) => x / (1 + Math.exp(-x)),
  gelu: (/** @type {number} */ x) => x / (1 + Math.exp(-1.5957691216 * (x + 0.044715 * x * x * x))),
};

/** @typedef {keyof typeof ACTIVATIONS} Activation */

export class Network {
  /**
   * @param {Map<string, Tensor>} tensors with `NAME.layers.0.weight` (outputs, inputs), `….bias`,
   *   `NAME.layers.2.weight`, …
   * @param {string} name
   * @param {Activation} activation of the hidden layers
   */
  constructor(tensors, name, activation) {
    this.activation = ACTIVATIONS[activation];
    this.layers = [];
    for (let index = 0; tensors.has(`${name}.layers.${index}.weight`); index += 2) {
      const { shape, values } = get(tensors, `${name}.layers.${index}.weight`);
      const [outputs, inputs] = shape;
      const bias = get(tensors, `${name}.layers.${index}.bias`).values;
      // The first layer's weights stand by input: most pixels are blank, and cost nothing.
      const weight = index ? values : transposed(values, outputs, inputs);
      this.layers.push({ inputs, outputs, weight, bias, sums: new Float64Array(outputs) });
    }
    if (!this.layers.length) throw new Error(`there is no network ${name}`);
  }

  /**
   * The outputs for these inputs, which the next call overwrites.
   * @param {ArrayLike<number>} inputs
   * @returns {Float64Array}
   */
  run(inputs) {
    let x = inputs;
    this.layers.forEach((layer, index) => {
      const { sums } = layer;
      if (index) dense(x, layer);
      else sparse(x, layer);
      const activation = index + 1 < this.layers.length ? this.activation : identity;
      for (let i = 0; i < sums.length; i++) sums[i] = activation(bounded(sums[i]));
      x = sums;
    });
    return /** @type {Float64Array} */ (x);
  }
}

/**
 * Logits (10) as probabilities, which sum to 1.
 * @param {ArrayLike<number>} logits
 * @param {number} temperature divides them
 */
export function softmax(logits, temperature = 1) {
  const top = largest(logits);
  const shares = Float64Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

/** @param {ArrayLike<number>} values */
export function largest(values) {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]);
  return most;
}

/** @typedef {{ inputs: number, outputs: number, weight: Float32Array, bias: Float32Array, sums: Float64Array }} Layer */

/** @param {ArrayLike<number>} x @param {Layer} layer */
function sparse(x, { inputs, outputs, weight, bias, sums }) {
  sums.set(bias);
  for (let i = 0, at = 0; i < inputs; i++, at += outputs) {
    const value = x[i];
    if (value === 0) continue;
    for (let o = 0; o < outputs; o++) sums[o] += value * weight[at + o];
  }
}

/** @param {ArrayLike<number>} x @param {Layer} layer */
function dense(x, { inputs, outputs, weight, bias, sums }) {
  // Four sums at a time, which a processor adds side by side.
  let o = 0;
  for (; o + 3 < outputs; o += 4) {
    let [a, b, c, d] = [bias[o], bias[o + 1], bias[o + 2], bias[o + 3]];
    for (let i = 0, at = o * inputs; i < inputs; i++, at++) {
      const value = x[i];
      a += value * weight[at];
      b += value * weight[at + inputs];
      c += value * weight[at + 2 * inputs];
      d += value * weight[at + 3 * inputs];
    }
    sums.set([a, b, c, d], o);
  }
  for (; o < outputs; o++) {
    let sum = bias[o];
    for (let i = 0, at = o * inputs; i < inputs; i++, at++) sum += x[i] * weight[at];
    sums[o] = sum;
  }
}

/** @param {Float32Array} weight @param {number} outputs @param {number} inputs */
function transposed(weight, outputs, inputs) {
  const turned = new Float32Array(weight.length);
  for (let o = 0, at = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) turned[i * outputs + o] = weight[at++];
  }
  return turned;
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
