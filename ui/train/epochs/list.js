// Every epoch on a line: its number and its ten digits.

import { append } from "../../shared/browser/component.js";
import { BLACK } from "../../shared/browser/files.js";
import { InkCanvas } from "../../shared/browser/ink.js";
import { unpackInk } from "../../shared/browser/packed.js";
import { isSame } from "./packed.js";

/** @import { Packed, Sent, Style } from "./packed.js" */

/**
 * @typedef {object} Line
 * @property {HTMLElement} element
 * @property {HTMLElement} digits
 * @property {Map<string, string>} pictures by what they show
 * @property {string} [shown] which of them is in sight
 */
/** @typedef {{number: number} & Packed & Line} Epoch */

const BUDGET_MS = 6; // of a frame

export class EpochList {
  /** @type {Epoch[]} */
  epochs = [];
  #ink = InkCanvas.offscreen(10);
  #frame = 0;

  /**
   * @param {HTMLElement} root
   * @param {{chosen: (index: number) => void, painted: () => void}} events
   */
  constructor(root, { chosen, painted }) {
    this.root = root;
    this.painted = painted;
    root.onclick = ({ target }) => {
      const row = target instanceof Element && target.closest(".row");
      if (row) chosen(this.epochs.findIndex(({ element }) => element === row));
    };
  }

  get last() {
    return this.epochs.length - 1;
  }

  get isBusy() {
    return this.#frame !== 0;
  }

  stop() {
    cancelAnimationFrame(this.#frame);
  }

  /**
   * Lines that are there already stay as they are.
   * @param {Sent} sent
   */
  take({ numbers, packed }) {
    const known = new Map(this.epochs.map((epoch) => [epoch.number, epoch]));
    this.epochs = numbers.map((number, i) => {
      const { own, fixed } = packed[i];
      const epoch = known.get(number);
      if (!epoch || !isSame(epoch.own, own) || !isSame(epoch.fixed, fixed)) {
        return { number, own, fixed, ...this.#line(number) };
      }
      known.delete(number);
      return epoch;
    });
    for (const { element } of known.values()) element.remove();
    this.epochs.forEach(({ element }, i) => {
      const there = this.root.children[i];
      if (there !== element) this.root.insertBefore(element, there);
    });
  }

  /**
   * @param {number} number
   * @returns {Line}
   */
  #line(number) {
    const said = { id: `epoch-${number}`, role: "option", ariaLabel: `epoch ${number}` };
    const element = append(this.root, "div", { className: "row", ...said });
    append(element, "span", { textContent: `${number}` });
    return { element, digits: append(element, "i"), pictures: new Map() };
  }

  /**
   * Where the epoch is, or the one that is nearest to it.
   * @param {number} number
   */
  nearest(number) {
    const distances = this.epochs.map((epoch) => Math.abs(epoch.number - number));
    return distances.indexOf(Math.min(...distances));
  }

  /**
   * Marks the line at `index`, and no other one. It is the current one, not selected: a screen reader
   * would leave what it reads for each new selection.
   * @param {number} index
   */
  mark(index) {
    this.epochs.forEach(({ element }, i) => (element.ariaCurrent = `${i === index}`));
    this.root.setAttribute("aria-activedescendant", this.epochs[index].element.id);
  }

  /**
   * Scrolls the list alone: the page stays where it is.
   * @param {number} index
   */
  keepInView(index) {
    const { offsetTop, offsetHeight } = this.epochs[index].element;
    const { scrollTop, clientHeight } = this.root;
    if (offsetTop < scrollTop) this.root.scrollTop = offsetTop;
    const below = offsetTop + offsetHeight - clientHeight;
    if (below > scrollTop) this.root.scrollTop = below;
  }

  /**
   * Each line is painted once in either style, some in each frame, those next to `index` first.
   * @param {Style} style
   * @param {number} index
   */
  paint(style, index) {
    const scale = devicePixelRatio > 1.5 ? 4 : 2;
    const key = `${style} ${scale}`;
    const waiting = this.epochs
      .map((epoch, i) => ({ epoch, distance: Math.abs(i - index) }))
      .filter(({ epoch }) => epoch.shown !== key)
      .sort((one, other) => one.distance - other.distance);
    const paintSome = () => {
      const start = performance.now();
      while (waiting.length && performance.now() - start < BUDGET_MS) {
        const [{ epoch }] = waiting.splice(0, 1);
        if (!epoch.pictures.has(key)) {
          this.#ink.paint(unpackInk(epoch[style]), { scale, color: BLACK });
          epoch.pictures.set(key, `url(${this.#ink.canvas.toDataURL()})`);
        }
        epoch.digits.style.setProperty("--digits", epoch.pictures.get(key) ?? "");
        epoch.shown = key;
      }
      this.#frame = waiting.length ? requestAnimationFrame(paintSome) : 0;
      this.painted();
    };
    this.stop();
    this.#frame = requestAnimationFrame(paintSome);
    this.painted();
  }
}
