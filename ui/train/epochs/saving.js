// The board and the film of its epochs as files.

import { SIDE } from "../../shared/browser/constants.js";
import { BLACK, paper, png } from "../../shared/browser/files.js";
import { gif } from "../../shared/browser/gif.js";
import { InkCanvas } from "../../shared/browser/ink.js";
import { unpackInk } from "../../shared/browser/packed.js";

/** @typedef {{number: number, digits: Uint8Array}} Row of an epoch, ten packed digits */

const BOARD_SCALE = 2;
const FILM_SCALE = 4;
const FILM_ROWS = 2;
const FILM_FRAME_MS = 170;
const CAPTION = 36; // pixels high, under the film's digits
const FACE = "20px system-ui, sans-serif";

/**
 * A PNG: a row for each epoch, its number at the left.
 * @param {Row[]} rows
 */
export function boardPicture(rows) {
  const side = SIDE * BOARD_SCALE;
  const gutter = 1.5 * side;
  const { canvas, context } = paper(gutter + 10 * side, rows.length * side);
  const ink = InkCanvas.offscreen(10);
  Object.assign(context, { font: FACE, textAlign: "right", textBaseline: "middle" });
  rows.forEach(({ number, digits }, row) => {
    ink.paint(unpackInk(digits), { scale: BOARD_SCALE, color: BLACK });
    context.drawImage(ink.canvas, gutter, row * side);
    context.fillText(`${number}`, gutter - 16, (row + 0.5) * side);
  });
  return png(canvas);
}

/**
 * A GIF: a frame for each epoch; the last one stays for `rest` frames.
 * @param {Row[]} rows
 * @param {number} rest
 */
export function film(rows, rest) {
  const ink = InkCanvas.offscreen(10 / FILM_ROWS, FILM_ROWS);
  const width = (10 / FILM_ROWS) * SIDE * FILM_SCALE;
  const top = FILM_ROWS * SIDE * FILM_SCALE;
  const height = top + CAPTION;
  const { context } = paper(width, height, { willReadFrequently: true });
  Object.assign(context, { font: FACE, textAlign: "center", textBaseline: "middle" });
  const frames = rows.map(({ number, digits }) => {
    ink.paint(unpackInk(digits), { scale: FILM_SCALE, color: BLACK });
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.drawImage(ink.canvas, 0, 0);
    context.fillStyle = "black";
    context.fillText(`epoch ${number}`, width / 2, top + CAPTION / 2);
    const { data } = context.getImageData(0, 0, width, height);
    return Uint8Array.from({ length: width * height }, (_, pixel) => 255 - data[4 * pixel]);
  });
  for (let more = 1; more < rest; more++) frames.push(frames[rows.length - 1]);
  return gif(frames, width, height, FILM_FRAME_MS);
}
