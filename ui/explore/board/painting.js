// All digits on the board, from the state it is in.

import { find } from "../../shared/browser/component.js";
import { DIGITS, PIXELS, SIDE } from "../../shared/browser/constants.js";
import { InkCanvas, textColor } from "../../shared/browser/ink.js";
import { isBlend } from "./state.js";
import { StripPainter } from "./strips.js";
import { LINE, Scribe, setLines, spell } from "./writing.js";

/** @import { Decoder, Row } from "../../shared/browser/decoder.js" */
/** @import { Sliders } from "./sliders.js" */
/** @import { BoardData, Editor, State } from "./state.js" */

const IN_MOTION = { hero: 4, row: 2 }; // enlargement while something moves; finer at rest
const STRIPS_BUDGET_MS = 6; // of a frame

export class Painter {
  /** Ten digits, and a blend of two of them. */
  images = new Float32Array(11 * PIXELS);
  /** @type {Decoder | null} */
  decoder = null;
  #moving = false;
  #scribe = new Scribe();
  #strip = new StripPainter();
  /** Dims whose strips show another style or digit, or show it at another size. @type {Set<number>} */
  #stale = new Set();
  /** Strips that are on their way. */
  #coming = 0;
  #seen = "";
  #frame = 0;

  /**
   * @param {HTMLElement} root
   * @param {BoardData} data
   * @param {Editor} editor
   * @param {Sliders} sliders
   * @param {() => void} painted
   */
  constructor(root, { awake, hidden }, editor, sliders, painted) {
    this.root = root;
    this.editor = editor;
    this.sliders = sliders;
    this.painted = painted;
    this.awake = awake.map(({ dim }) => dim);
    this.writes = !hidden.includes("write");
    this.hero = new InkCanvas(find(root, ".hero", HTMLCanvasElement), 1);
    this.row = new InkCanvas(find(root, ".row canvas", HTMLCanvasElement), 10);
    this.written = find(root, ".written", HTMLElement);
    this.lines = find(this.written, "canvas", HTMLCanvasElement);
    this.ink = textColor(root);
  }

  get isBusy() {
    return this.#frame !== 0 || this.#coming > 0;
  }

  /** Of a digit that is written, on the screen. */
  get #side() {
    return Math.min(84, Math.max(56, this.written.clientWidth / 10));
  }

  /** Room for a line of what is written, in pixels of the model; no end of it where that is hidden. */
  get lineWidth() {
    return (this.written.clientWidth / this.#side) * SIDE || Infinity;
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    for (const { strip } of this.sliders.all.values()) this.#strip.forget(strip);
  }

  /** The theme may have changed. */
  look() {
    this.ink = textColor(this.root);
    this.#seen = "";
  }

  /** @param {boolean} moving coarsely, and without strips */
  paint(moving) {
    const { decoder, ink: color } = this;
    this.#moving = moving;
    if (!decoder || !this.root.isConnected) return;
    const { state } = this.editor;
    const { style, digit, other, mix } = state;
    const blended = other !== null && isBlend(state);
    /** @type {Row[]} */
    const rows = DIGITS.map((each) => [style, each, each, 0]);
    if (blended) rows.push([style, digit, other, mix]);
    decoder.decode(rows, this.images);
    const scale = moving ? IN_MOTION : { hero: finest(this.hero), row: finest(this.row) };
    this.row.paint(this.images, { scale: scale.row, color });
    this.hero.paint(this.images, { scale: scale.hero, color, start: blended ? 10 : digit });
    this.#paintWriting(decoder, state);
    if (!moving) this.#paintStrips(decoder);
  }

  /**
   * @param {Decoder} decoder
   * @param {State} state
   */
  #paintWriting(decoder, state) {
    const { written, lines, row, ink: color, lineWidth: width } = this;
    written.hidden = !state.text.trim() || !this.writes;
    if (written.hidden) return;
    const spelled = spell(decoder, state, this.awake, this.images);
    const side = this.#side;
    const set = setLines(spelled, width);
    const scale = this.#moving ? IN_MOTION.row : Math.ceil((side * devicePixelRatio) / SIDE);
    this.#scribe.draw(lines, spelled, set, { scale, color, width, row });
    lines.style.height = `${(set.lines * side * LINE) / SIDE}px`;
  }

  /**
   * The strips that no longer show this style and digit at this size, some in each frame.
   * @param {Decoder} decoder
   */
  #paintStrips(decoder) {
    const widths = [...this.sliders.all.values()].map(({ strip }) => strip.clientWidth);
    const now = [this.editor.snapshot(), devicePixelRatio, ...widths].join();
    if (now !== this.#seen) this.#stale = new Set(this.sliders.all.keys());
    this.#seen = now;
    const start = performance.now();
    for (const dim of this.#stale) {
      const { strip } = /** @type {import("./sliders.js").Slider} */ (this.sliders.all.get(dim));
      this.#coming += 1;
      this.#strip.show(strip, dim, decoder, this.editor.state, this.ink).finally(() => {
        this.#coming -= 1;
        this.painted();
      });
      this.#stale.delete(dim);
      if (performance.now() - start > STRIPS_BUDGET_MS) break;
    }
    if (!this.#stale.size) return;
    // A handle of its own: a repaint that is asked for meanwhile must not be taken for this.
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (!this.#moving) this.#paintStrips(decoder);
      this.painted();
    });
  }
}

/**
 * The enlargement at which a pixel of the canvas is a pixel of the screen.
 * @param {InkCanvas} ink
 */
function finest({ canvas, columns }) {
  const width = canvas.clientWidth * devicePixelRatio;
  return Math.min(Math.max(Math.ceil(width / columns / SIDE), 2), 20);
}
