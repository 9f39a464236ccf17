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
 * @property {Packed[]} packed their digits
 * @property {number} count of epochs before they were thinned out
 * @property {boolean} running
 * @property {string} name of the run
 */

const DIGITS_BYTES = (DIGITS.length * PIXELS) / 2;

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<Sent>}
 */
export async function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const digits = await inflate(bytes.subarray(4 + length));
  const part = (/** @type {number} */ index) =>
    digits.subarray(index * DIGITS_BYTES, (index + 1) * DIGITS_BYTES);
  const packed = header.numbers.map((/** @type {number} */ _, /** @type {number} */ row) => ({
    own: part(2 * row),
    fixed: part(2 * row + 1),
  }));
  return { ...header, packed };
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other of the same length
 */
export const isSame = (one, other) => one.every((byte, i) => byte === other[i]);
