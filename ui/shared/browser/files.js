// Files to keep: black ink on white paper, whatever the theme.

import { context2d } from "./ink.js";

/** @type {import("./ink.js").Color} */
export const BLACK = [0, 0, 0];

/**
 * White paper, and a context that writes on it in black.
 * @param {number} width
 * @param {number} height
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function paper(width, height, settings) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = context2d(canvas, settings);
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "black";
  return { canvas, context };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
export function png(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("too large"))), "image/png");
  });
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
