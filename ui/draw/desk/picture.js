// The picture on the desk: its digits, which of them is opened, and what a hand made of its boxes.

import { find, write } from "../../shared/browser/component.js";
import { PIXELS, SIDE } from "../../shared/browser/constants.js";
import { InkCanvas, textColor } from "../../shared/browser/ink.js";
import { MOST_TEXT } from "../../shared/browser/number_field.js";
import { joined } from "./answer.js";
import { isSame } from "./box.js";
import { Boxes } from "./boxes.js";
import { unpacked } from "./store.js";
import { foundSaid, frameSaid, numberSaid, percent, touchingSaid } from "./words.js";

/**
 * @import { Answer, Answerer, Given } from "./answer.js"
 * @import { Box } from "./box.js"
 *
 * @typedef {object} PictureData as the server found it
 * @property {string} file names the picture
 * @property {string} url of the picture, turned
 * @property {number} quarters turns to the right
 * @property {{ box: Box, image: string | null, touching: boolean }[]} digits image: 784 bytes in base64
 * @property {number} opened
 * @property {boolean} edited whether its boxes are by hand
 * @property {[number, number]} frame of an animation, and of how many
 * @property {number} found digits, of which no more than MOST_TEXT are taken
 *
 * @typedef {object} Digit
 * @property {Box} box
 * @property {Float32Array | null | undefined} image null: there is none; undefined: it is being read
 * @property {number | null} told which digit it is, by the visitor
 * @property {boolean} touching whether it may be several
 *
 * @typedef {{ file: string, quarters: number, boxes: Box[] | null, opened: number }} Edit
 */

/** @type {Map<string, Digit[]>} of each picture, by its file: what was said of them outlives a look elsewhere */
const before = new Map();

export class Picture {
  /** @type {PictureData | null} */
  #data = null;
  /** @type {Digit[]} */
  #digits = [];
  #opened = -1;
  #isReading = false; // all of it, anew
  /** @type {Edit | null} what a hand made of it */
  edit = null;
  isAnswered = true; // by Python
  /** @type {{ kept: Given[], digits: Digit[], opened: number, hand: Given[] } | null} */
  #hand = null;
  #number = "";

  /**
   * @param {HTMLElement} root
   * @param {() => void} changed something about it, by hand
   */
  constructor(root, changed) {
    this.changed = changed;
    this.root = find(root, ".picture", HTMLElement);
    this.boxes = new Boxes(this.root, {
      edited: (boxes, at) => this.#edited(boxes, at),
      opened: (at) => this.#edited(this.#digits.map(({ box }) => box), at),
      turned: (quarters) => this.#again(quarters),
      reset: () => this.#again(0),
    });
    this.doubt = find(root, ".doubt", HTMLElement);
    this.line = find(root, ".number", HTMLElement);
    this.number = find(this.line, "b", HTMLElement);
    this.said = find(this.line, "span", HTMLElement);
    this.aloud = find(root, ".aloud", HTMLElement); // what comes out of hiding is not read out
    this.anew = find(this.line, "canvas", HTMLCanvasElement);
    this.field = find(root, ".write input", HTMLInputElement);
  }

  /**
   * What Python knows; taken where it is of another picture, or answers the last edit.
   * @param {PictureData | null} data
   * @param {boolean} isAnswer
   * @returns {boolean} whether it was news
   */
  take(data, isAnswer) {
    const isOther = data?.file !== this.#data?.file;
    if (!isOther && (this.isAnswered || !isAnswer)) return false;
    const known = (isOther ? before.get(data?.file ?? "") : this.#digits) ?? [];
    if (isOther) this.edit = null;
    this.#data = data;
    this.#know((data?.digits ?? []).map(({ box, image, touching }) => {
      const same = known.find((each) => isSame(each.box, box));
      const own = image === null ? null : same?.image ?? unpacked(image);
      return { box, image: own, touching, told: same?.told ?? null };
    }));
    this.#opened = data?.opened ?? -1;
    this.isAnswered = true;
    this.#isReading = false;
    return true;
  }

  /**
   * The digit that is opened; or why there is none; null where there is no picture.
   * @returns {Given | "none" | "removed" | "here" | "reading" | null}
   */
  get given() {
    if (!this.#data) return null;
    if (this.#isReading) return "reading";
    const digit = this.#digits[this.#opened];
    if (!digit) return this.#data.edited ? "removed" : "none";
    if (digit.image === undefined) return "reading";
    return digit.image === null ? "here" : { image: digit.image, told: digit.told };
  }

  /** Its digits that can be read. */
  get #read() {
    return givens(this.#digits);
  }

  /** Whether there are several, which are told as one. */
  get isNumber() {
    return this.#read.length > 1;
  }

  /** The visitor says which digit the opened one is. */
  tell(/** @type {number | null} */ told) {
    this.#know(this.#digits.map((each, at) => (at === this.#opened ? { ...each, told } : each)));
  }

  #know(/** @type {Digit[]} */ digits) {
    this.#digits = digits;
    if (this.#data) before.set(this.#data.file, digits);
  }

  /**
   * What belongs to the same hand as the opened one: the kept digits, and all others of the picture.
   * The same list to the same question.
   * @param {Given[]} kept
   */
  handWith(kept) {
    const [digits, opened, last] = [this.#digits, this.#opened, this.#hand];
    if (last && last.kept === kept && last.digits === digits && last.opened === opened) return last.hand;
    const others = givens(digits.filter((_, at) => at !== opened));
    const hand = joined(kept, others);
    this.#hand = { kept, digits, opened, hand };
    return hand;
  }

  /**
   * The picture with its boxes; the number in it, and anew in the hand.
   * @param {Answerer | null} answerer
   * @param {Answer | null} answer
   */
  show(answerer, answer) {
    if (!this.#data && this.root.hidden) return; // under the pen, with every frame
    this.root.hidden = !this.#data;
    const shown = this.#digits.map(({ box, image, told }) => {
      if (!image || !answerer) return { box, label: image === null ? "?" : "…", name: image === null ? "no digit" : "being read" };
      if (told !== null) return { box, label: String(told), name: `${told}, as you say` };
      const { digit, probs } = answerer.read({ image, told });
      if (!answerer.knows(image)) return { box, label: `${digit}?`, name: `perhaps ${digit}, unlike a digit` };
      return { box, label: String(digit), name: `${digit}, ${percent(probs[digit])}` };
    });
    const touching = this.#digits.flatMap((each, at) => (each.touching ? [at + 1] : []));
    const found = foundSaid(this.#data?.found ?? 0, MOST_TEXT);
    const notes = [frameSaid(this.#data?.frame), found, touchingSaid(touching)].filter(Boolean);
    write(this.doubt, notes.join(" "));
    this.boxes.show({ url: this.#data?.url ?? "", shown, at: this.#opened, most: MOST_TEXT });
    const read = answerer ? this.#read : [];
    this.line.hidden = read.length < 2;
    if (!answerer || !answer || read.length < 2) {
      this.#prefill("");
      if (this.isAnswered) write(this.aloud, notes.join(" "));
      return;
    }
    const readings = read.map(({ image }) => answerer.read({ image, told: null }));
    const digits = read.map(({ told }, at) => told ?? readings[at].digit);
    const number = digits.join("");
    write(this.number, number);
    const strange = read.flatMap(({ image, told }, at) =>
      told === null && !answerer.knows(image) ? [readings[at].digit] : [],
    );
    const said = numberSaid(readings, strange, number);
    write(this.said, said);
    if (this.isAnswered) write(this.aloud, [`${number}. ${said}`, ...notes].join(" ")); // not without what is being read
    this.#write(digits, answer.ten);
    this.#prefill(number);
  }

  /** The number can be written elsewhere; what somebody typed stays. */
  #prefill(/** @type {string} */ number) {
    if (this.field.value === this.#number) this.field.value = number;
    this.#number = number;
  }

  /** @param {number[]} digits @param {Float32Array} ten */
  #write(digits, ten) {
    const images = new Float32Array(digits.length * PIXELS);
    digits.forEach((digit, at) => images.set(ten.subarray(digit * PIXELS, (digit + 1) * PIXELS), at * PIXELS));
    const scale = Math.max(1, Math.ceil((this.anew.clientWidth * devicePixelRatio) / (digits.length * SIDE)));
    new InkCanvas(this.anew, digits.length).paint(images, { scale, color: textColor(this.anew) });
    this.anew.ariaLabel = `${digits.join("")} in your hand`;
    this.anew.style.maxWidth = `${3 * digits.length}rem`;
  }

  /** @param {Box[]} boxes @param {number} opened */
  #edited(boxes, opened) {
    if (!this.#data) return;
    if (opened === this.#opened && boxes.length === this.#digits.length &&
      boxes.every((box, at) => isSame(box, this.#digits[at].box))) return;
    this.#data = { ...this.#data, edited: true };
    this.#digits = inBoxes(boxes, this.#digits);
    this.#opened = opened;
    this.#tell({ boxes, opened });
  }

  /** It is turned, or its boxes are given up: its digits are found anew. */
  #again(/** @type {number} */ quarters) {
    if (!this.#data) return;
    this.#data = { ...this.#data, quarters: (this.#data.quarters + quarters + 4) % 4 };
    this.#digits = [];
    this.#isReading = true;
    this.#tell({ boxes: null, opened: -1 });
  }

  #tell(/** @type {{ boxes: Box[] | null, opened: number }} */ { boxes, opened }) {
    const { file, quarters } = /** @type {PictureData} */ (this.#data);
    this.edit = { file, quarters, boxes, opened };
    this.isAnswered = false;
    this.changed();
  }
}

/**
 * The digits in boxes that a hand has changed. Where it moved or resized one, there are as many as
 * before: the digit in it is to be read again, and is what the visitor said of it.
 * @param {Box[]} boxes @param {Digit[]} digits before
 * @returns {Digit[]}
 */
export const inBoxes = (boxes, digits) => {
  const left = digits.find((each) => !boxes.some((box) => isSame(each.box, box)));
  const told = boxes.length === digits.length ? left?.told ?? null : null;
  return boxes.map(
    (box) => digits.find((each) => isSame(each.box, box)) ?? { box, image: undefined, told, touching: false },
  );
};

/** @param {Digit[]} digits */
const givens = (digits) =>
  digits.flatMap(({ image, told }) => (image ? [/** @type {Given} */ ({ image, told })] : []));
