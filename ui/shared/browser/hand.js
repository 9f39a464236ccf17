// One hand from several digits: their style posteriors combined.

/**
 * @typedef {import("./reader.js").Style} Style
 * @typedef {{ share: number[], reading: number[][], writing: number[][] }} Habits what the digits of
 *   one hand have in common: see vae_model/model/calibration.py
 */

const LEAST_VARIANCE = 1e-3;

/**
 * The style of a hand, of which each of `styles` is the posterior by one image; at least one. The
 * formulas stand in vae_model/engine/writer_style.py.
 * @param {Style[]} styles
 * @param {Habits | null} habits null where they were not measured
 * @returns {Style}
 */
export function combine(styles, habits) {
  if (!habits) return product(styles);
  const zDim = styles[0].mean.length;
  const mean = new Float64Array(zDim);
  const variance = new Float64Array(zDim).fill(1);
  habits.share.forEach((share, habit) => {
    const trust = (styles.length * share) / (1 + (styles.length - 1) * share);
    const reading = habits.reading[habit];
    const writing = habits.writing[habit];
    const read = styles.reduce((sum, style) => sum + dot(reading, style.mean), 0) / styles.length;
    for (let dim = 0; dim < zDim; dim++) {
      mean[dim] += trust * read * writing[dim];
      variance[dim] -= trust * share * writing[dim] ** 2;
    }
  });
  return { mean, std: variance.map((each) => Math.sqrt(Math.max(each, LEAST_VARIANCE))) };
}

/** @param {Style[]} styles @returns {Style} */
function product(styles) {
  if (styles.length === 1) return styles[0];
  const precision = styles[0].mean.map((_, dim) => {
    const evidence = styles.reduce((sum, style) => sum + style.std[dim] ** -2 - 1, 0);
    return 1 + Math.max(evidence, 0);
  });
  const mean = precision.map(
    (whole, dim) => styles.reduce((sum, style) => sum + style.mean[dim] * style.std[dim] ** -2, 0) / whole,
  );
  return { mean, std: precision.map((whole) => whole ** -0.5) };
}

/** @param {number[]} a @param {ArrayLike<number>} b */
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
