// The pad: strokes, an eraser, undo and redo, and example digits to begin from.

import { append, enable, find, hide, isFor, write } from "../../shared/browser/component.js";
import { DIGITS, PIXELS, SIDE } from "../../shared/browser/constants.js";
import { onDensity } from "../../shared/browser/density.js";
import { History, undoShortcut } from "../../shared/browser/history.js";
import { InkCanvas, context2d, textColor } from "../../shared/browser/ink.js";
import { Pen, trace } from "./pen.js";
import { GRID, underlay } from "./raster.js";
import { unpacked } from "./store.js";

/**
 * @import { Stroke } from "./raster.js"
 *
 * @typedef {object} Drawing never changed in place
 * @property {Stroke[]} strokes in drawing order
 * @property {number | null} example the example digit under them
 * @property {number} part of the digits that stand apart, the one that is opened; −1: all as one
 * @property {number | null} told which digit that is, by whoever drew it
 */

const PENS = [48, 72, 108]; // widths on the grid; MNIST's own is near the second
const MOST_STROKES = 100;
const MOST_POINTS = 6000; // in all strokes together: some twenty times what a digit takes
/** @type {Drawing} */
const BLANK = { strokes: [], example: null, part: 0, told: null };

/** @type {History<Drawing> | null} of the pad that was here before: who comes back can undo */
let before = null;

export class Pad {
  #width = PENS[1];
  #erasing = false;
  #frame = 0;
  #stale = true; // its size and colours
  #isNew = true; // what the tools and the status say
  #color = "";
  #looks = new Map();
  /** @type {Drawing | null} what is drawn, and the stroke that is being drawn */
  #now = null;

  /**
   * @param {HTMLElement} root
   * @param {Drawing} stored what it begins with
   * @param {object} told
   * @param {() => void} told.moved while the pen is down
   * @param {() => void} told.changed once it is up
   * @param {(before: Drawing, after: Drawing) => Drawing} told.follow the later one, with what stays of
   *   the earlier
   */
  constructor(root, { strokes, example, part, told: said }, told) {
    this.root = root;
    this.told = told;
    const now = { strokes, example, part, told: said };
    const past = strokes.map((_, count) => ({ ...BLANK, strokes: strokes.slice(0, count), example }));
    const goesOn = before !== null && JSON.stringify(before.now) === JSON.stringify(now);
    this.history = goesOn && before ? before : new History(now, past);
    before = this.history;
    this.examples = unpacked(root.dataset.examples ?? "");
    this.canvas = find(root, ".sheet", HTMLCanvasElement);
    this.context = context2d(this.canvas);
    this.ink = InkCanvas.offscreen(1);
    this.shelf = new InkCanvas(find(root, ".examples canvas", HTMLCanvasElement), 10);
    this.hint = find(root, ".hint", HTMLElement);
    this.status = find(root, ".status", HTMLElement);
    this.pens = [...root.querySelectorAll("input")];
    const button = (/** @type {string} */ name) => find(root, `.${name}`, HTMLButtonElement);
    this.buttons = {
      eraser: button("eraser"), undo: button("undo"), redo: button("redo"), clear: button("clear"),
    };
    /** @type {Pen} */
    this.pen = new Pen(this.canvas, {
      isFull: () => this.#isFull(),
      tool: () => ({ width: this.#width, erases: this.#erasing }),
      moved: () => this.#moved(),
      drawn: (stroke) => this.#change(this.#with(stroke)),
      takeBack: () => this.#travel("undo"),
    });
    this.#listen();
    this.unwatch = onDensity(() => {
      told.changed();
      this.look();
    });
    this.look();
  }

  /** What is drawn, without the stroke that is being drawn. */
  get drawing() {
    return this.history.now;
  }

  /**
   * What is to be seen; the same object as long as nothing changes.
   * @returns {Drawing}
   */
  shown() {
    const { stroke } = this.pen;
    this.#now ??= stroke ? this.#with(stroke) : this.drawing;
    return this.#now;
  }

  /** Nothing is said of it yet, as it may have become another digit. */
  #with(/** @type {Stroke} */ stroke) {
    const { strokes, example } = this.drawing;
    return { ...BLANK, strokes: [...strokes, stroke], example };
  }

  /**
   * Another of its digits is opened, or something else is said of it: no step for undo.
   * @param {number} part @param {number | null} told
   */
  say(part, told) {
    this.history.now = { ...this.drawing, part, told };
    this.#now = null;
  }

  isBlank() {
    const { strokes, example } = this.shown();
    return !strokes.length && example === null;
  }

  isDown() {
    return this.pen.stroke !== null;
  }

  /** Ink of an example as it lies under the strokes. */
  under(/** @type {number} */ example) {
    return underlay(this.examples.subarray(example * PIXELS, (example + 1) * PIXELS));
  }

  clear() {
    this.#erasing = false;
    if (!this.pen.stroke && !this.isBlank()) this.#change(BLANK);
  }

  dispose() {
    cancelAnimationFrame(this.#frame);
    this.unwatch();
    removeEventListener("keydown", this.#key);
  }

  #listen() {
    const { buttons, pens } = this;
    pens.forEach((input, i) => {
      input.value = `${PENS[i]}`;
      input.parentElement?.style.setProperty("--width", `${PENS[i] / 7}px`);
      input.onchange = () => {
        this.#width = PENS[i];
        this.#erase(false);
      };
    });
    buttons.eraser.onclick = () => this.#erase(!this.#erasing);
    buttons.undo.onclick = () => this.#travel("undo");
    buttons.redo.onclick = () => this.#travel("redo");
    buttons.clear.onclick = () => this.clear();
    const examples = find(this.root, ".examples", HTMLElement);
    for (const example of DIGITS) {
      const title = `Take a written ${example}`;
      const button = append(examples, "button", { type: "button", title, ariaLabel: title });
      button.onclick = () => this.pen.stroke || this.#change({ ...BLANK, strokes: [], example });
    }
    addEventListener("keydown", this.#key);
  }

  /** On all of the page: who has not drawn yet has the focus anywhere. */
  #key = (/** @type {KeyboardEvent} */ event) => {
    const way = isFor(event, this.root) ? undoShortcut(event) : null;
    if (!way) return;
    event.preventDefault();
    this.#travel(way);
  };

  #isFull() {
    const { strokes } = this.shown();
    const numbers = strokes.reduce((sum, { points }) => sum + points.length, 0);
    return this.drawing.strokes.length >= MOST_STROKES || numbers >= 2 * MOST_POINTS;
  }

  #erase(/** @type {boolean} */ on) {
    this.#erasing = on;
    this.#refresh();
  }

  #change(/** @type {Drawing} */ drawing) {
    const before = this.drawing;
    this.history.put(drawing);
    this.#changed(before);
  }

  #travel(/** @type {"undo" | "redo"} */ way) {
    const before = this.drawing;
    if (!this.pen.stroke && this.history[way]()) this.#changed(before);
  }

  #changed(/** @type {Drawing} */ before) {
    this.history.now = this.told.follow(before, this.drawing);
    this.#now = null;
    this.#refresh();
    this.told.changed();
  }

  #moved() {
    this.#now = null;
    this.#paint();
    this.told.moved();
  }

  /** Its size or the theme may have changed. */
  look() {
    this.#stale = true;
    this.#refresh();
  }

  /** The drawing may have changed. */
  #refresh() {
    this.#isNew = true;
    this.#paint();
  }

  #showTools() {
    this.#isNew = false;
    const { buttons, history } = this;
    const blank = this.isBlank();
    enable([
      [buttons.undo, history.canUndo], [buttons.redo, history.canRedo],
      [buttons.clear, !blank], [buttons.eraser, !blank || this.#erasing],
    ]);
    buttons.eraser.ariaPressed = `${this.#erasing}`;
    this.root.classList.toggle("erasing", this.#erasing);
    for (const input of this.pens) input.checked = Number(input.value) === this.#width;
    write(this.status, this.#isFull() ? "The pad is full: undo or clear." : "");
  }

  #paint() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (!this.root.isConnected) return; // the page has been left; without style there is no colour
      if (this.#isNew) this.#showTools();
      if (this.#stale) this.#measure();
      this.#paintSheet();
      if (!this.#stale) return;
      this.#stale = false;
      const width = this.shelf.canvas.getBoundingClientRect().width / this.shelf.columns;
      this.#paintExamples(this.shelf, Math.ceil((width * devicePixelRatio) / SIDE), 0);
    });
  }

  /** The sheet's size and colour: not asked for in every frame, which costs the time of a paint. */
  #measure() {
    const { canvas } = this;
    const { width, height } = canvas.getBoundingClientRect();
    const [across, down] = [width, height].map((side) => Math.round(side * devicePixelRatio));
    if (canvas.width !== across) canvas.width = across;
    if (canvas.height !== down) canvas.height = down;
    this.#color = getComputedStyle(canvas).color;
  }

  #paintSheet() {
    const { canvas, context } = this;
    const { width: across, height: down } = canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, across, down);
    const { strokes, example } = this.shown();
    hide(this.hint, !this.isBlank());
    if (example !== null) {
      this.#paintExamples(this.ink, Math.ceil(across / SIDE), example);
      context.drawImage(this.ink.canvas, 0, 0, across, down);
    }
    context.scale(across / GRID, down / GRID);
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = this.#color;
    for (const stroke of strokes) trace(context, stroke);
    context.globalCompositeOperation = "source-over";
  }

  /**
   * Examples from `start` on, if they do not look like that already.
   * @param {InkCanvas} ink
   * @param {number} scale
   * @param {number} start
   */
  #paintExamples(ink, scale, start) {
    const color = textColor(this.canvas);
    const look = [scale, start, ...color].join();
    if (scale < 1 || this.#looks.get(ink) === look) return;
    this.#looks.set(ink, look);
    ink.paint(this.examples, { scale, color, start });
  }
}
