// The ways out of the desk: the ten digits as a picture, the reading as JSON, the hand to Explore.

import { find, write } from "../../shared/browser/component.js";
import { SIDE } from "../../shared/browser/constants.js";
import { BLACK, download, paper, png } from "../../shared/browser/files.js";
import { InkCanvas } from "../../shared/browser/ink.js";
import { numberField, sifted } from "../../shared/browser/number_field.js";

/**
 * @import { Answer, Given } from "./answer.js"
 * @import { Style } from "../../shared/browser/reader.js"
 * @import { StyleDim } from "./posterior.js"
 * @typedef {{ answer: Answer, given: Given | null, source: string, name: string, dims: StyleDim[] }} Taken name
 *   of the model
 */

const SCALE = 8;

export class Taking {
  /**
   * @param {HTMLElement} root
   * @param {() => Taken | null} taken what is on the desk now
   * @param {(text: string) => void} explore open Explore, and write this there
   */
  constructor(root, taken, explore) {
    find(root, ".explore", HTMLButtonElement).onclick = () => explore("");
    find(root, ".png", HTMLButtonElement).onclick = async () => {
      const now = taken();
      if (now) download(await sheet(now.answer.ten), "ten-digits.png");
    };
    this.json = find(root, ".json", HTMLButtonElement);
    this.json.onclick = () => {
      const now = taken();
      if (!now?.answer.reading) return;
      const text = `${JSON.stringify(report(now), null, 2)}\n`;
      download(new Blob([text], { type: "application/json" }), "reading.json");
    };
    const form = find(root, ".write", HTMLFormElement);
    const field = find(form, "input", HTMLInputElement);
    const note = find(root, ".left-out", HTMLElement);
    numberField(field, note);
    form.onsubmit = (event) => {
      event.preventDefault();
      const text = sifted(field.value).number.trim();
      if (text) return explore(text);
      write(note, "Write a number first.");
    };
  }

  /** @param {boolean} hasReading */
  show(hasReading) {
    this.json.hidden = !hasReading;
  }
}

/** Ten digits in one row: black ink on white paper. */
function sheet(/** @type {Float32Array} */ ten) {
  const { canvas, context } = paper(10 * SIDE * SCALE, SIDE * SCALE);
  const digits = InkCanvas.offscreen(10);
  digits.paint(ten, { scale: SCALE, color: BLACK });
  context.drawImage(digits.canvas, 0, 0);
  return png(canvas);
}

/**
 * All that the desk says of a reading, and of the hand it belongs to.
 * @param {Taken} taken with a reading
 */
export function report({ answer: { reading, score, style, digits }, given, source, name, dims }) {
  if (!reading) throw new Error("there is no reading");
  const styleOf = (/** @type {Style} */ { mean, std }) =>
    dims.map((each) => ({
      dim: each.dim + 1,
      name: each.name,
      mean: rounded(mean[each.dim]),
      std: rounded(std[each.dim]),
    }));
  return {
    model: name,
    source,
    digit: reading.digit,
    told: given?.told ?? null,
    digit_probs: Array.from(reading.probs, rounded),
    is_familiar: score === null ? null : score <= 0,
    ood_score: score === null ? null : rounded(score),
    style: styleOf(reading.style),
    hand: { digits, style: styleOf(style) },
  };
}

const rounded = (/** @type {number} */ value) => Number(value.toFixed(6));
