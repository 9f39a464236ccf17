// One hand from several digits: their style posteriors combined.

/** @typedef {import("./reader.js").Style} Style */

/**
 * The style of a hand, of which each of `styles` is the posterior by one image; at least one. The
 * formula stands in vae_model/engine/writer_style.py.
 * @param {Style[]} styles
 * @param {ArrayLike<number> | null} share how much of each dim's variance a hand keeps from digit to
 *   digit, in [0, 1]; null where that was not measured: all of it
 * @returns {Style}
 */
export function combine(styles, share) {
  if (!share && styles.length === 1) return styles[0];
  const mean = new Float64Array(styles[0].mean.length);
  const std = new Float64Array(mean.length);
  for (let dim = 0; dim < mean.length; dim++) {
    const kept = share ? share[dim] : 1;
    let evidence = 0;
    let pull = 0;
    for (const style of styles) {
      const precision = style.std[dim] ** -2;
      const reach = 1 / (1 + (precision - 1) * (1 - kept));
      evidence += (precision - 1) * reach;
      pull += style.mean[dim] * precision * reach;
    }
    const precision = 1 + kept * Math.max(evidence, 0);
    mean[dim] = (kept * pull) / precision;
    std[dim] = Math.sqrt(kept / precision + 1 - kept);
  }
  return { mean, std };
}
