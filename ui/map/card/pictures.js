// Reads what ui/map/data.py packed: the digits of all rows, and then what the model makes of each.

import { PIXELS } from "../../shared/browser/constants.js";
import { unpackInk } from "../../shared/browser/packed.js";

const PACKED = PIXELS / 2; // bytes of one image

/** @param {Uint8Array} pictures inflated */
export const rowsOf = (pictures) => pictures.length / PACKED / 2;

/**
 * The digit of a row (kind 0), or its redrawing (1), as ink in [0, 1].
 * @param {Uint8Array} pictures
 * @param {number} row
 * @param {number} kind
 */
export function pictureOf(pictures, row, kind, image = new Float32Array(PIXELS)) {
  const from = (kind * rowsOf(pictures) + row) * PACKED;
  return unpackInk(pictures.subarray(from, from + PACKED), image);
}
