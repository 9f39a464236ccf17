// Ways through the prior of the style, N(0, 1) in every dim.

import { clamped } from "./values.js";

const WAVES = 4;

export function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

/** An endless smooth walk from `start`. In each dim a sum of slow waves of random pace and phase,
 * whose variance over time is 1; where the walk began is forgotten within some seconds. */
export class Walk {
  /**
   * @param {number[]} start
   * @param {number[]} dims that move
   */
  constructor(start, dims) {
    this.start = start;
    this.dims = dims.map((dim) => {
      const waves = Array.from({ length: WAVES }, () => ({
        pace: 0.15 + 0.5 * Math.random(),
        phase: 2 * Math.PI * Math.random(),
      }));
      const at = (/** @type {number} */ seconds) =>
        waves.reduce((sum, { pace, phase }) => sum + Math.cos(pace * seconds + phase), 0) *
        Math.sqrt(2 / WAVES);
      return { dim, at, offset: start[dim] - at(0) };
    });
  }

  /** @param {number} seconds since the start */
  at(seconds) {
    const style = this.start.slice();
    const kept = Math.exp(-(seconds ** 2) / 8); // its slope is 0 at first: nothing jerks
    for (const { dim, at, offset } of this.dims) style[dim] = clamped(at(seconds) + kept * offset);
    return style;
  }
}

/**
 * A closed walk of `steps` styles from `start` and back, along the circle through a random style
 * on which the prior is as likely everywhere as at its ends.
 * @param {number[]} start
 * @param {number[]} dims that move
 * @param {number} steps
 */
export function loop(start, dims, steps) {
  const aim = dims.map(normal);
  return Array.from({ length: steps }, (_, step) => {
    const angle = (2 * Math.PI * step) / steps;
    const style = start.slice();
    dims.forEach((dim, i) => {
      style[dim] = clamped(start[dim] * Math.cos(angle) + aim[i] * Math.sin(angle));
    });
    return style;
  });
}
