// What a model makes of the digits on the desk: one reading, one hand, ten digits in it.

import { PIXELS } from "../../shared/browser/constants.js";
import { combine } from "../../shared/browser/hand.js";

/**
 * @import { Decoder, Row } from "../../shared/browser/decoder.js"
 * @import { Reader, Reading, Style } from "../../shared/browser/reader.js"
 */

/**
 * A digit that was given: 784 pixels in [0, 1], and which one it is where the visitor said so.
 * @typedef {{ image: Float32Array, told: number | null }} Given
 *
 * @typedef {object} Answer
 * @property {Given | null} given what is on the pad
 * @property {Reading | null} reading of it
 * @property {Float32Array | null} redrawing of it, 784 pixels
 * @property {number | null} score above 0 where it is unlike any digit; null where nothing says so
 * @property {Style} style to expect of the hand's next digit; the middle of the prior where nothing
 *   was given
 * @property {number[]} digits what was given, the one on the pad last
 * @property {Float32Array} ten all ten digits in that style, 784 pixels each
 */

export class Answerer {
  /** @type {WeakMap<Float32Array, Map<number | null, Reading>>} */
  #read = new WeakMap();
  /** @type {WeakMap<Float32Array, boolean>} */
  #familiar = new WeakMap();
  /** @type {{ image?: Float32Array, told?: number | null, kept: Given[], answer: Answer } | null} */
  #last = null;

  /**
   * @param {Reader} reader
   * @param {Decoder} decoder
   */
  constructor(reader, decoder) {
    this.reader = reader;
    this.decoder = decoder;
    this.habits = reader.calibration?.habits ?? null;
  }

  /**
   * The same one again to the same question.
   * @param {Given | null} current
   * @param {Given[]} kept
   */
  answer(current, kept) {
    const last = this.#last;
    const { image, told } = current ?? {};
    if (last && last.image === image && last.told === told && last.kept === kept) return last.answer;
    const answer = this.#answer(current, kept);
    this.#last = { image, told, kept, answer };
    return answer;
  }

  /**
   * @param {Given | null} current
   * @param {Given[]} kept
   * @returns {Answer}
   */
  #answer(current, kept) {
    const given = joined(kept, current ? [current] : []);
    const readings = given.map((each) => this.read(each));
    const reading = current && this.read(current);
    const zDim = this.reader.model.zDim;
    const style = given.length
      ? combine(readings.map((each) => each.style), this.habits)
      : { mean: new Float64Array(zDim), std: new Float64Array(zDim).fill(1) };
    const mean = Array.from(style.mean);
    /** @type {Row[]} */
    const rows = Array.from({ length: 10 }, (_, digit) => [mean, digit, digit, 0]);
    if (current && reading) {
      const shown = current.told ?? reading.digit;
      rows.push([Array.from(reading.style.mean), shown, shown, 0]);
    }
    const images = this.decoder.decode(rows);
    return {
      given: current,
      reading,
      redrawing: reading && images.subarray(10 * PIXELS),
      score: reading && current && this.#score(reading, current),
      style,
      digits: given.map((each, i) => each.told ?? readings[i].digit),
      ten: images.subarray(0, 10 * PIXELS),
    };
  }

  /**
   * The reading of an image, remembered as long as the image is.
   * @param {Given} given
   */
  read({ image, told }) {
    const known = this.#read.get(image) ?? new Map();
    this.#read.set(image, known);
    const reading = known.get(told) ?? this.reader.read(image, told);
    known.set(told, reading);
    return /** @type {Reading} */ (reading);
  }

  /**
   * Whether an image is like the digits that the model knows; remembered as long as the image is.
   * @param {Float32Array} image
   */
  knows(image) {
    const known = this.#familiar.get(image);
    if (known !== undefined) return known;
    const reading = this.read({ image, told: null });
    this.decoder.decode([[Array.from(reading.style.mean), reading.digit, reading.digit, 0]]);
    const score = this.reader.oodScore(reading, image, this.decoder.logits(0));
    this.#familiar.set(image, isFamiliar(score));
    return isFamiliar(score);
  }

  /**
   * @param {Reading} reading
   * @param {Given} current the image that was decoded last, in its eleventh row
   */
  #score(reading, { image, told }) {
    // The limit was fitted on redrawings as the digit that was read.
    if (told !== null && told !== reading.digit) return null;
    return this.reader.oodScore(reading, image, this.decoder.logits(10));
  }
}

/** What a score says: whether an image is like the digits that the model knows, as far as it can tell. */
export const isFamiliar = (/** @type {number | null} */ score) => score === null || score <= 0;

/**
 * Whether two images are the same; a reason why there is none is no image.
 * @param {Float32Array | string} a
 * @param {Float32Array | string} b
 */
export const isEqual = (a, b) => a === b || (a instanceof Object && a.every((pixel, i) => pixel === b[i]));

/** Whether one of these digits looks like that. @param {Float32Array} image @param {Given[]} digits */
export const isAmong = (image, digits) => digits.some((each) => isEqual(each.image, image));

/**
 * Kept digits and others as one hand: one that is both is one digit, and what is said of the other.
 * @param {Given[]} kept
 * @param {Given[]} others
 */
export const joined = (kept, others) => [...kept.filter(({ image }) => !isAmong(image, others)), ...others];
