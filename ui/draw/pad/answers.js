/**
 * What the server says once the page shows what was made of a drawing.
 * @typedef {object} Answer
 * @property {number | null} turn of the drawing
 * @property {string} settled what is to be shown when the pad rests
 */

const EVENT = "draw-pad-answered";

/** @param {Answer} answer */
export const announce = (answer) =>
  document.dispatchEvent(new CustomEvent(EVENT, { detail: answer }));

/**
 * Returns what ends the listening.
 * @param {(answer: Answer) => void} handler
 */
export function onAnswer(handler) {
  const listener = (/** @type {Event} */ event) =>
    handler(/** @type {CustomEvent<Answer>} */ (event).detail);
  document.addEventListener(EVENT, listener);
  return () => document.removeEventListener(EVENT, listener);
}
