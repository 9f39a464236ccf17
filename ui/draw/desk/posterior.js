// How far a digit's style is known: samples from its posterior, and the style of the hand in numbers.

import { append, find, write } from "../../shared/browser/component.js";
import { DIGITS, PIXELS } from "../../shared/browser/constants.js";
import { InkCanvas, textColor } from "../../shared/browser/ink.js";
import { asleepSaid, signed, withArticle } from "./words.js";

/**
 * @import { Decoder } from "../../shared/browser/decoder.js"
 * @import { Reading, Style } from "../../shared/browser/reader.js"
 * @typedef {{ dim: number, name: string, low: string, high: string, note: string }} StyleDim
 */

const SAMPLES = 8;
const SCALE = 5;
const LIMIT = 3; // of every style dim
const OWN = "this digit"; // as it was read, or is by the visitor's word
const SOFT = "its ten probabilities";

export class Samples {
  #seed = 0;

  /**
   * @param {HTMLElement} root
   * @param {() => void} changed something was chosen
   */
  constructor(root, changed) {
    this.section = find(root, ".posterior", HTMLElement);
    const breath = find(this.section, ".breath", HTMLElement);
    const grid = find(this.section, ".grid", HTMLElement);
    this.canvases = [breath, grid].map((parent) =>
      Array.from({ length: SAMPLES }, (_, place) => {
        const canvas = append(parent, "canvas");
        canvas.style.setProperty("--place", String(place));
        if (parent === grid) canvas.setAttribute("role", "img");
        return new InkCanvas(canvas, 1);
      }),
    );
    breath.style.setProperty("--count", String(SAMPLES));
    this.choice = find(this.section, "select", HTMLSelectElement);
    for (const name of [OWN, SOFT, ...DIGITS.map(String)]) append(this.choice, "option", { textContent: name });
    this.choice.onchange = changed;
    find(this.section, ".others", HTMLButtonElement).onclick = () => {
      this.#seed += 1;
      changed();
    };
  }

  /**
   * @param {Reading | null} reading
   * @param {number | null} told
   * @param {Decoder} decoder
   */
  show(reading, told, decoder) {
    this.section.hidden = !reading;
    if (!reading) return;
    const { mean, std } = reading.style;
    const choice = this.choice.value;
    const digit = choice === OWN ? (told ?? reading.digit) : Number(choice);
    const noise = gaussian(this.#seed);
    const styles = Array.from({ length: SAMPLES }, () => Array.from(mean, (m, i) => m + std[i] * noise()));
    const images = new Float32Array(SAMPLES * PIXELS);
    if (choice === SOFT) {
      styles.forEach((style, place) => images.set(decoder.mixed(style, reading.probs), place * PIXELS));
    } else {
      decoder.decode(styles.map((style) => [style, digit, digit, 0]), images);
    }
    const what = choice === SOFT ? "decoded with the ten probabilities" : withArticle(digit);
    for (const canvases of this.canvases) {
      canvases.forEach((ink, place) => {
        ink.paint(images, { scale: SCALE, color: textColor(ink.canvas), start: place });
        ink.canvas.setAttribute("aria-label", `Sample ${place + 1}: ${what}`);
      });
    }
  }
}

export class StyleRows {
  /**
   * @param {HTMLElement} root
   * @param {StyleDim[]} awake the dims that say most about an image first
   * @param {number} asleep how many more there are
   */
  constructor(root, awake, asleep) {
    const place = find(root, ".dims", HTMLElement);
    place.replaceChildren();
    this.rows = awake.map(({ dim, name, low, high, note }) => {
      const row = append(place, "div", { className: "dim", title: note });
      append(row, "span", { textContent: name });
      append(row, "small", { textContent: low });
      const track = append(row, "div", { className: "track" });
      track.setAttribute("aria-hidden", "true");
      const range = append(track, "i", { className: "range" });
      const mean = append(track, "i", { className: "mean" });
      append(row, "small", { textContent: high });
      return { dim, range, mean, value: append(row, "span", { className: "output" }) };
    });
    const what = "Mean ± standard deviation of the style of this hand; over all writers each dim is 0 ± 1.";
    write(find(root, ".style > .quiet", HTMLElement), `${what} ${asleepSaid(asleep)}`);
  }

  /** @param {Style} style */
  show(style) {
    for (const { dim, range, mean, value } of this.rows) {
      const [m, s] = [style.mean[dim], style.std[dim]];
      range.style.left = `${along(m - s)}%`;
      range.style.right = `${100 - along(m + s)}%`;
      mean.style.left = `${along(m)}%`;
      write(value, `${signed(m)} ± ${s.toFixed(2)}`);
    }
  }
}

/** Percent of the way from −3 to 3. */
const along = (/** @type {number} */ value) =>
  100 * Math.min(Math.max((value + LIMIT) / (2 * LIMIT), 0), 1);

/** Normal numbers, always the same ones for a seed: mulberry32 and Box and Muller (1958). */
function gaussian(/** @type {number} */ seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
