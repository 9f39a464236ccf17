// Shows the card while the pointer is on a point of the map, or after a finger has tapped one.

import { component, find } from "../../shared/browser/component.js";
import { PIXELS, SIDE } from "../../shared/browser/constants.js";
import { InkCanvas, textColor } from "../../shared/browser/ink.js";
import { inflate } from "../../shared/browser/packed.js";
import { pictureOf, rowsOf } from "./pictures.js";
import { placed } from "./placing.js";

/** @typedef {import("../../shared/browser/component.js").Call<Uint8Array<ArrayBuffer>>} Call */
/** @typedef {{x0: number, x1: number, y0: number, y1: number}} Bbox within the chart */
/** @typedef {{customdata?: number, text: string, bbox: Bbox}} Point of plotly's */
/** @typedef {{points: Point[]}} Hover */
/**
 * A plotly chart.
 * @typedef {Element & {
 *   layout?: {dragmode?: string | false},
 *   on?: (name: string, handler: (event: Hover) => void) => void,
 *   removeListener?: (name: string, handler: (event: Hover) => void) => void,
 * }} Chart
 */

const CHART = ".st-key-map .js-plotly-plot";
const SHOWN = 84; // pixels of the page, as the styles have it

export default component(
  (/** @type {Call} */ { parentElement, setTriggerValue }) =>
    new Card(find(parentElement, ".card", HTMLElement), (row) => setTriggerValue("row", row)),
);

class Card {
  /** @type {Chart | null} */
  #chart = null;
  /** @type {number | null} */
  #row = null;
  /** @type {Uint8Array | null} what was sent */
  #packed = null;
  /** @type {Uint8Array | null} */
  #pictures = null;
  #gone = new AbortController();
  #image = new Float32Array(PIXELS);

  /**
   * @param {HTMLElement} root
   * @param {(row: number) => void} pick
   */
  constructor(root, pick) {
    this.root = root;
    this.inks = [...root.querySelectorAll("canvas")].map((canvas) => new InkCanvas(canvas, 1));
    this.line = find(root, "p", HTMLElement);
    const hide = () => this.hide();
    this.ofChart = {
      plotly_hover: (/** @type {Hover} */ event) => this.show(event),
      plotly_unhover: hide,
      // Plotly takes the end of a swipe for a click too, where no card is any more.
      plotly_click: () => {
        if (this.#row !== null) pick(this.#row);
      },
    };
    const options = { capture: true, signal: this.#gone.signal };
    // Each time the pointer comes to the chart: the page may have replaced it, and plotly, when it
    // draws one anew, forgets who listens and what the pointer was on.
    document.addEventListener("pointerover", ({ target, pointerType, clientX, clientY }) => {
      const chart = chartAround(target);
      if (chart) this.listen(chart);
      else if (pointerType === "mouse" && !this.isOver(clientX, clientY)) hide();
    }, options);
    // A finger never hovers, and plotly clicks what was hovered over last.
    document.addEventListener("pointerdown", ({ pointerType, target, clientX, clientY }) => {
      if (pointerType === "mouse") return;
      hide();
      const chart = chartAround(target);
      // A loop is not drawn under a card.
      if (!target || !chart || chart.layout?.dragmode === "lasso") return;
      // Out of the last point first: plotly says nothing of a second tap on it.
      for (const move of ["mouseout", "mousemove"]) {
        target.dispatchEvent(new MouseEvent(move, { clientX, clientY, bubbles: true }));
      }
    }, options);
    // A browser makes mouse events of a tap, which plotly would take for another click.
    document.addEventListener("touchend", (event) => {
      if (this.#row !== null && event.cancelable) event.preventDefault();
    }, options);
    // A swipe scrolls.
    document.addEventListener("pointercancel", hide, options);
    document.addEventListener("scroll", hide, options);
  }

  dispose() {
    this.#gone.abort();
    this.listen(null);
    this.hide();
  }

  /** @param {Chart | null} chart */
  listen(chart) {
    for (const [name, handler] of Object.entries(this.ofChart)) {
      this.#chart?.removeListener?.(name, handler);
      chart?.on?.(name, handler);
    }
    this.#chart = chart;
  }

  /**
   * Whether a place of the window is the chart's: while a button is pressed, plotly covers all of the
   * page with an element of its own.
   * @param {number} x
   * @param {number} y
   */
  isOver(x, y) {
    if (!this.#chart) return false;
    const { left, right, top, bottom } = this.#chart.getBoundingClientRect();
    return left <= x && x <= right && top <= y && y <= bottom;
  }

  /**
   * The pictures come once for each model.
   * @param {Call} call
   */
  async update({ data }) {
    if (!(data instanceof Uint8Array) || data === this.#packed) return;
    this.#packed = data;
    const pictures = await inflate(data);
    if (data !== this.#packed) return; // another model's have come meanwhile
    this.#pictures = pictures;
    this.paint();
  }

  /** @param {Hover} event */
  show({ points: [point] }) {
    const row = point?.customdata;
    if (row === undefined || !Number.isInteger(row)) return this.hide();
    this.#row = row;
    this.line.textContent = point.text;
    this.paint();
    if (!this.root.matches(":popover-open")) this.root.showPopover();
    this.place(point);
  }

  hide() {
    this.#row = null;
    if (this.root.matches(":popover-open")) this.root.hidePopover();
  }

  /** @param {Point} point */
  place({ bbox: { x0, x1, y0, y1 } }) {
    if (!this.#chart) return;
    const { left, top } = this.#chart.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.root;
    const { clientWidth, clientHeight } = document.documentElement;
    const { x, y } = placed(
      { left: left + x0, right: left + x1, top: top + y0, bottom: top + y1 },
      { width: offsetWidth, height: offsetHeight },
      { width: clientWidth, height: clientHeight },
    );
    this.root.style.transform = `translate(${x}px, ${y}px)`;
  }

  paint() {
    const row = this.#row;
    const pictures = this.#pictures;
    if (row === null || !pictures || row >= rowsOf(pictures)) return;
    const color = textColor(this.root);
    const scale = Math.ceil((SHOWN * devicePixelRatio) / SIDE);
    this.inks.forEach((ink, kind) => {
      ink.paint(pictureOf(pictures, row, kind, this.#image), { scale, color });
    });
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {Chart | null}
 */
const chartAround = (target) => (target instanceof Element ? target.closest(CHART) : null);
