// Reads a digit: classifier and encoder, calibrated. What vae_model.engine does, in the browser.

import { Network, softmax } from "./network.js";

/**
 * @typedef {{
 *   temperature: number, mean: number[], std: number[], weights: number[], limit: number,
 *   habits: import("./hand.js").Habits | null,
 * }} Calibration see vae_model/model/calibration.py
 * @typedef {{
 *   weights: { reader: string, decoder: string },
 *   zDim: number, activation: import("./network.js").Activation,
 *   likelihood: "bernoulli" | "gaussian", likelihoodStd: number, minVariance: number,
 *   encoderSeesDigit: boolean, calibration: Calibration | null,
 * }} Model see ui/shared/browser/tensors.py; weights are addresses from the app's root
 * @typedef {{ mean: Float64Array, std: Float64Array }} Style an independent Gaussian over each dim
 * @typedef {{ digit: number, probs: Float64Array, style: Style, energy: number }} Reading
 */

const MOST_LOG_VARIANCE = 60;
const FARTHEST = 8; // standard deviations; statistics further out count as this

export class Reader {
  /**
   * @param {Model} model
   * @param {Map<string, import("./safetensors.js").Tensor>} tensors of classifier and encoder
   * @param {WebAssembly.Module | null} code of the kernel; null: JavaScript alone
   */
  constructor(model, tensors, code) {
    this.model = model;
    this.calibration = model.calibration;
    this.classifier = new Network(tensors, "classifier", model.activation, code);
    this.encoder = new Network(tensors, "encoder", model.activation, code);
  }

  /**
   * What the model makes of an image.
   * @param {ArrayLike<number>} image 784 pixels in [0, 1], ink bright on 0
   * @param {number | null} told which digit it is, by whoever wrote it; null where nobody said
   * @returns {Reading}
   */
  read(image, told = null) {
    const logits = this.classifier.run(image);
    const probs = softmax(logits, this.calibration?.temperature);
    const top = Math.max(...logits);
    const energy = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0)) + top;
    const dims = told === null ? softmax(logits) : Array.from(probs, (_, digit) => Number(digit === told));
    return { digit: probs.indexOf(Math.max(...probs)), probs, style: this.style(image, dims), energy };
  }

  /**
   * The posterior q(z|x), or q(z|x, y) where the encoder sees the digit dims.
   * @param {ArrayLike<number>} image
   * @param {ArrayLike<number>} dims the ten digit dims, which sum to 1
   * @returns {Style}
   */
  style(image, dims) {
    const { zDim, minVariance, encoderSeesDigit } = this.model;
    const inputs = new Float64Array(image.length + dims.length);
    inputs.set(image);
    inputs.set(dims, image.length);
    const outputs = this.encoder.run(encoderSeesDigit ? inputs : image);
    return {
      mean: outputs.slice(0, zDim),
      std: outputs.slice(zDim).map((log) => {
        const within = Math.min(Math.max(log, -MOST_LOG_VARIANCE), MOST_LOG_VARIANCE);
        return Math.sqrt(Math.exp(within) + minVariance);
      }),
    };
  }

  /**
   * How unlike any digit an image is, in log odds: above 0 where that is to be said; null where
   * the model is not calibrated.
   * @param {Reading} reading of the image
   * @param {ArrayLike<number>} image
   * @param {ArrayLike<number>} logits 784, of the mean style decoded as the digit that was read,
   *   before the sigmoid
   */
  oodScore({ style, energy }, image, logits) {
    if (!this.calibration) return null;
    const { mean, std, weights, limit } = this.calibration;
    const excess = reconNll(this.model, logits, image) - leastNll(this.model, image);
    const ink = Array.from(image).reduce((sum, each) => sum + each, 0);
    const statistics = [[excess, 1], [kl(style), 0.1], [energy, 0.1], [ink, 0.1]].map(
      ([value, floor]) => Math.log(Math.max(value, floor)),
    );
    const z = statistics.map((value, i) =>
      Math.min(Math.max((value - mean[i]) / std[i], -FARTHEST), FARTHEST),
    );
    const products = z.flatMap((a, i) => z.slice(i).map((b) => (a * b) / 4));
    return [...z, ...products].reduce((sum, term, i) => sum + weights[i] * term, 0) - limit;
  }
}

/**
 * KL(q(z|x) ‖ N(0, I)) in nats (Kingma & Welling 2013, appendix B).
 * @param {Style} style
 */
export function kl({ mean, std }) {
  return mean.reduce((sum, m, i) => sum + (m * m + std[i] * std[i] - 1) / 2 - Math.log(std[i]), 0);
}

/**
 * −log p(x|z, y) in nats under the model's own likelihood.
 * @param {Model} model
 * @param {ArrayLike<number>} logits 784, of the decoded image
 * @param {ArrayLike<number>} image
 */
function reconNll({ likelihood, likelihoodStd }, logits, image) {
  let nats = 0;
  for (let i = 0; i < image.length; i++) {
    const logit = logits[i];
    if (likelihood === "bernoulli") {
      nats += Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - image[i] * logit;
    } else {
      const off = 1 / (1 + Math.exp(-logit)) - image[i];
      nats += (off * off) / (2 * likelihoodStd * likelihoodStd);
    }
  }
  return nats + image.length * perPixel(likelihood, likelihoodStd);
}

/**
 * What an image costs under itself: less is not possible.
 * @param {Model} model
 * @param {ArrayLike<number>} image
 */
function leastNll({ likelihood, likelihoodStd }, image) {
  if (likelihood === "gaussian") return image.length * perPixel(likelihood, likelihoodStd);
  let nats = 0;
  for (let i = 0; i < image.length; i++) {
    const grey = Math.min(Math.max(image[i], 1e-6), 1 - 1e-6);
    nats -= grey * Math.log(grey) + (1 - grey) * Math.log1p(-grey);
  }
  return nats;
}

/** @param {string} likelihood @param {number} std */
const perPixel = (likelihood, std) =>
  likelihood === "gaussian" ? Math.log(std) + 0.5 * Math.log(2 * Math.PI) : 0;
