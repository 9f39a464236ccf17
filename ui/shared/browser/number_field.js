// A field for a number to be written in a hand.

import { write } from "./component.js";
import { plainDigits } from "./numerals.js";

export const MOST_TEXT = 24; // as ui/shared/board.py has it
const MOST_NAMED = 5;

/**
 * Digits and spaces of a text, of whatever script, as many as can be written; and what is left out
 * of it.
 * @param {string} text
 */
export function sifted(text) {
  const plain = plainDigits(text.normalize("NFKC"));
  const number = plain.replace(/[^0-9 ]/g, "");
  return {
    number: number.slice(0, MOST_TEXT),
    leftOut: [...plain.replace(/[0-9 ]/g, ""), ...number.slice(MOST_TEXT)],
  };
}

/**
 * A sentence on what was left out; empty where nothing was.
 * @param {string[]} characters
 */
export function leftOutSaid(characters) {
  const each = [...new Set(characters)];
  if (!each.length) return "";
  const named = each.slice(0, MOST_NAMED).map((character) => `“${character}”`);
  const more = each.length > MOST_NAMED ? " and more" : "";
  return `Digits and spaces only, ${MOST_TEXT} at most. Left out: ${named.join(" ")}${more}`;
}

/**
 * Keeps a field to what can be written, and says beside it what was left out since typing began.
 * @param {HTMLInputElement} field
 * @param {HTMLElement} note
 * @param {(number: string) => void} [written] called back with what stands in the field
 */
export function numberField(field, note, written) {
  /** @type {string[]} */
  let left = [];
  field.onfocus = () => (left = []);
  const sift = () => {
    const { number, leftOut } = sifted(field.value);
    if (field.value !== number) {
      // The caret stays behind what was kept of the text before it.
      const caret = sifted(field.value.slice(0, field.selectionStart ?? undefined)).number.length;
      field.value = number;
      field.setSelectionRange(caret, caret);
    }
    left.push(...leftOut);
    write(note, leftOutSaid(left));
    written?.(number);
  };
  // What an input method composes is whole only at its end.
  field.addEventListener("input", (event) => /** @type {InputEvent} */ (event).isComposing || sift());
  field.addEventListener("compositionend", sift);
}
