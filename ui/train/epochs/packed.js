// Reads what payload.py packed.

import { DIGITS, PIXELS } from "../../shared/browser/constants.js";
import { inflate } from "../../shared/browser/packed.js";

/**
 * One of the two styles of an epoch's digits: its own, or the one that all epochs share.
 * @typedef {"own" | "fixed"} Style
 */
/** @typedef {Record<Style, Uint8Array>} Packed ten digits in each style, two pixels a byte */

/**
 * @typedef {object} Sent
 * @property {number[]} numbers of the epochs
 * @property {number[]} sent of those whose digits come with it
 * @property {Packed[]} packed the digits of all, as far as they came at any time
 * @property {number} count of epochs before they were thinned out
 * @property {boolean} running
 * @property {string} name of the run
 */

const DIGITS_BYTES = (DIGITS.length * PIXELS) / 2;

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Map<number, Packed>} held digits that came before, by number; gets those that come now
 * @returns {Promise<Sent>}
 */
export async function unpack(bytes, held) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const digits = await inflate(bytes.subarray(4 + length));
  const part = (/** @type {number} */ index) =>
    digits.subarray(index * DIGITS_BYTES, (index + 1) * DIGITS_BYTES);
  header.sent.forEach((/** @type {number} */ number, /** @type {number} */ row) =>
    held.set(number, { own: part(2 * row), fixed: part(2 * row + 1) }),
  );
  const packed = header.numbers.map((/** @type {number} */ number) => held.get(number));
  return { ...header, packed };
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other of the same length
 */
export const isSame = (one, other) => one.every((byte, i) => byte === other[i]);
