// What was read on the desk: the digit, the ten probabilities, and what the network sees.

import { append, find, hide, write } from "../../shared/browser/component.js";
import { DIGITS } from "../../shared/browser/constants.js";
import { textColor } from "../../shared/browser/ink.js";
import { isFamiliar } from "./answer.js";
import { Pixels } from "./pixels.js";
import { WELCOMES, corrected, percent, verdict, withArticle } from "./words.js";

/**
 * @import { Answer } from "./answer.js"
 * @import { Color } from "../../shared/browser/ink.js"
 */

const LEAST_SHOWN = 0.06; // a difference of pixels below this is not to be seen
const WORDS_MS = 200; // under the moving pen: nobody reads faster, and text is dear to lay out

export class Evidence {
  /** @type {Color[]} of ink, of what is added, and of what is left out */
  #colors = [];
  #spoken = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} words that wait */
  #late;

  /**
   * @param {HTMLElement} root
   * @param {(digit: number | null) => void} tell the visitor says which digit it is
   */
  constructor(root, tell) {
    this.root = root;
    this.headline = find(root, ".headline", HTMLElement);
    this.digit = find(this.headline, "b", HTMLElement);
    this.sentence = find(this.headline, "span", HTMLElement);
    this.status = find(root, "p.unseen", HTMLElement);
    this.welcome = find(root, ".welcome", HTMLElement);
    this.note = find(root, ".verdict .note", HTMLElement);
    this.evidence = find(root, ".evidence", HTMLElement);
    this.lesson = find(root, ".lesson", HTMLElement);
    const bars = find(root, ".bars", HTMLElement);
    this.told = /** @type {number | null} */ (null);
    this.bars = DIGITS.map((digit) => {
      const button = append(bars, "button", {
        type: "button",
        onclick: () => tell(this.told === digit ? null : digit),
      });
      const bar = append(append(button, "span", { className: "rail" }), "i");
      const share = append(bar, "small");
      append(button, "b", { textContent: String(digit) });
      return { button, share, bar, offset: "" };
    });
    const [sees, redraws, differs] = root.querySelectorAll(".trio .frame");
    this.sees = new Pixels(sees, "Your digit in 28 by 28 pixels");
    this.redraws = new Pixels(redraws, "The model's redrawing of it");
    this.differs = new Pixels(differs, "Ink that only the redrawing has, and ink that only your digit has");
    this.colored = [root, find(root, ".plus", HTMLElement), find(root, ".minus", HTMLElement)];
  }

  /** The theme may have changed. */
  look() {
    this.#colors = this.colored.map(textColor);
  }

  /** What is said before anything is given. */
  greet(/** @type {keyof typeof WELCOMES} */ way) {
    write(find(this.welcome, ".when", HTMLElement), WELCOMES[way]);
    hide(find(this.welcome, ".or", HTMLElement), way !== "Draw");
  }

  /**
   * @param {string} note why there is no reading; empty where there is just nothing to read
   * @param {string} [share] that is here of what the note waits for; listeners are not told each
   */
  showNothing(note, hasHand = false, share = "") {
    clearTimeout(this.#late);
    hide(this.headline, true);
    hide(this.evidence, true);
    hide(this.welcome, Boolean(note) || hasHand);
    const kept = "Kept. Now write another digit the same way: what the two have in common is your hand.";
    const said = note || (hasHand ? kept : "");
    this.#say(said && said + share);
    write(this.status, said);
  }

  /**
   * @param {Answer} answer
   * @param {boolean} settled whether the pen is up
   * @param {boolean} isAlone whether nothing else is said of what was given: listeners hear one of both
   */
  show(answer, settled, isAlone = true) {
    clearTimeout(this.#late);
    const { given, reading, redrawing, score } = answer;
    if (!given || !reading || !redrawing) return;
    const { image, told } = given;
    this.told = told;
    const isKnown = isFamiliar(score);
    const shown = told ?? reading.digit;
    const said = told === null ? verdict(reading, isKnown) : corrected(reading, told);
    hide(this.headline, false);
    hide(this.evidence, false);
    hide(this.welcome, true);
    this.#say("");
    this.root.classList.toggle("strange", !isKnown);
    const speaks = settled || this.#isToSpeak(String(shown));
    if (!speaks) this.#late = setTimeout(() => this.show(answer, settled, isAlone), WORDS_MS);
    write(this.digit, String(shown));
    if (speaks) write(this.sentence, said);
    // While the pen is down the words change with every frame: nobody could listen to that.
    if (settled) write(this.status, isAlone ? `${shown}. ${said}` : "");
    this.bars.forEach((each, digit) => {
      const { button, share, bar } = each;
      const part = reading.probs[digit];
      if (speaks) write(share, part >= 0.01 ? percent(part) : "");
      const offset = `${(100 * (1 - part)).toFixed(1)}%`;
      if (offset !== each.offset) bar.style.transform = `translateY(${offset})`; // most stay where they are
      each.offset = offset;
      button.classList.toggle("read", digit === shown);
      if (!settled) return;
      button.setAttribute("aria-pressed", String(digit === told));
      button.setAttribute("aria-label", `It is ${withArticle(digit)}: ${percent(part)}`);
    });
    const lesson = told === null
      ? "Another digit? Press it: the digit dims are then as you say, and all else is style."
      : `The digit dims are those of ${withArticle(told)}. Press again to leave it to the model.`;
    write(this.lesson, lesson);
    if (!this.#colors.length) this.look();
    const [ink, added, missed] = this.#colors;
    this.sees.paint(image, ink);
    this.redraws.paint(redrawing, ink);
    this.differs.paint(difference(redrawing, image), added, missed);
  }

  /** Whether what is said of the digit that is to be shown may change under the moving pen. */
  #isToSpeak(/** @type {string} */ shown) {
    const now = performance.now();
    if (shown === this.digit.textContent && now - this.#spoken < WORDS_MS) return false;
    this.#spoken = now;
    return true;
  }

  /** @param {string} note */
  #say(note) {
    hide(this.note, !note);
    write(this.note, note);
  }
}

/** The difference of images, without what cannot be seen. */
const difference = (/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) =>
  a.map((pixel, i) => (Math.abs(pixel - b[i]) > LEAST_SHOWN ? pixel - b[i] : 0));
