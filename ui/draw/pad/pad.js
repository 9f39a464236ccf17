// A drawing pad. What Python gets is the list of strokes, never a picture.

import { append, component, find, showSettled } from "../../shared/browser/component.js";
import { DIGITS, SIDE } from "../../shared/browser/constants.js";
import { History, undoShortcut } from "../../shared/browser/history.js";
import { InkCanvas, context2d, onColor, textColor } from "../../shared/browser/ink.js";
import { Repaint } from "../../shared/browser/repaint.js";
import { onAnswer } from "./answers.js";
import { restore, store } from "./memory.js";
import { Sender } from "./sending.js";
import { onGrid, trace } from "./stroke.js";

/** @import { Drawing, Limits, Stroke } from "./stroke.js" */
/**
 * `examples` are ten images in base64, a byte a pixel; the pad is cleared when `wipes` rises.
 * @typedef {{start: Drawing, wipes: number, limits: Limits, examples: string}} PadData
 */
/** @typedef {import("../../shared/browser/component.js").Call<PadData>} Call */

const ERASER = 1.5; // pens
const STEP = 4; // on the grid: smaller ones cannot be seen, and would make the message longer
/** @type {Drawing} */
const BLANK = { strokes: [], example: null };

export default component(
  (/** @type {Call} */ { parentElement, data }) => new Pad(find(parentElement, ".pad", HTMLElement), data),
);

class Pad {
  /** @type {Stroke | null} that is being drawn */
  #stroke = null;
  /** @type {number | null} */
  #pointer = null;
  #erasing = false;
  #looks = new Map();
  /** @type {(message: object) => void} */
  #tellPython = () => {};

  /**
   * @param {HTMLElement} root
   * @param {PadData} data
   */
  constructor(root, { start, wipes, limits, examples }) {
    this.root = root;
    this.wipes = wipes;
    this.limits = limits;
    this.width = limits.pens[1];
    this.examples = Float32Array.from(atob(examples), (byte) => byte.charCodeAt(0) / 255);
    const stored = restore(limits);
    const drawing = stored ?? start;
    const past = drawing.strokes.map((_, i) => ({ ...drawing, strokes: drawing.strokes.slice(0, i) }));
    /** @type {History<Drawing>} */
    this.history = new History(drawing, past);
    this.untold = stored !== null && JSON.stringify(stored) !== JSON.stringify(start);
    this.repaint = new Repaint(() => this.#paint(), () => this.#showSettled());
    this.sender = new Sender({
      send: (penDown, turn) => this.#send(penDown, turn),
      isDrawing: () => this.#stroke !== null,
      changed: () => this.#showSettled(),
    });
    this.canvas = find(root, ".sheet", HTMLCanvasElement);
    this.context = context2d(this.canvas);
    this.under = InkCanvas.offscreen(1);
    this.shelf = new InkCanvas(find(root, ".examples canvas", HTMLCanvasElement), 10);
    this.hint = find(root, ".hint", HTMLElement);
    this.status = find(root, ".status", HTMLElement);
    this.pens = [...root.querySelectorAll("input")];
    const button = (/** @type {string} */ name) => find(root, `.${name}`, HTMLButtonElement);
    this.buttons = {
      eraser: button("eraser"), undo: button("undo"), redo: button("redo"), clear: button("clear"),
    };
    this.#listen();
    onColor(root, () => this.repaint.soon());
    this.sizes = new ResizeObserver(() => this.repaint.soon());
    this.sizes.observe(this.canvas);
    this.unlisten = onAnswer(({ turn }) => this.sender.answered(turn));
  }

  /** @param {Call} call */
  update({ data: { wipes }, setStateValue }) {
    this.#tellPython = (message) => setStateValue("drawing", message);
    if (wipes !== this.wipes) {
      this.wipes = wipes;
      this.#clear();
    }
    if (this.untold) {
      this.untold = false;
      this.sender.send(false);
    }
    this.#refresh();
  }

  dispose() {
    this.sizes.disconnect();
    this.unlisten();
    this.sender.stop();
    this.repaint.stop();
  }

  #listen() {
    const { canvas, buttons, pens } = this;
    pens.forEach((input, i) => {
      const width = this.limits.pens[i];
      input.value = `${width}`;
      input.parentElement?.style.setProperty("--width", `${width / 7}px`);
      input.onchange = () => {
        this.width = width;
        this.#erase(false);
      };
    });
    buttons.eraser.onclick = () => this.#erase(!this.#erasing);
    buttons.undo.onclick = () => this.#travel("undo");
    buttons.redo.onclick = () => this.#travel("redo");
    buttons.clear.onclick = () => this.#clear();
    const examples = find(this.root, ".examples", HTMLElement);
    for (const example of DIGITS) {
      const title = `Take a written ${example}`;
      const button = append(examples, "button", { type: "button", title, ariaLabel: title });
      button.onclick = () => this.#stroke || this.#change({ strokes: [], example });
    }
    canvas.onpointerdown = (event) => this.#down(event);
    canvas.onpointermove = (event) => this.#move(event);
    canvas.onpointerup = canvas.onpointercancel = canvas.onlostpointercapture = (event) => this.#up(event);
    // A long press must draw, not open a menu.
    canvas.oncontextmenu = (event) => event.preventDefault();
    this.root.onkeydown = (event) => {
      const way = undoShortcut(event);
      if (!way) return;
      event.preventDefault();
      this.#travel(way);
    };
  }

  // ---- the pen

  /** @param {PointerEvent} event */
  #down(event) {
    // One pen at a time: a second finger, or the palm, draws nothing. Button 5 is a pen's other end.
    if (this.#stroke || ![0, 5].includes(event.button) || this.#isFull()) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    const erases = this.#erasing || event.button === 5;
    this.#stroke = { points: [], width: Math.round(this.width * (erases ? ERASER : 1)), erases };
    this.#add(this.#stroke, event);
    this.#refresh();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerId !== this.#pointer || !this.#stroke) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.#add(this.#stroke, each);
    this.repaint.soon();
    this.sender.sendSoon();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (event.pointerId !== this.#pointer) return;
    const strokes = this.#strokes();
    this.#pointer = this.#stroke = null;
    this.#change({ ...this.history.now, strokes });
  }

  /**
   * @param {Stroke} stroke
   * @param {PointerEvent} event
   */
  #add({ points }, event) {
    const box = this.canvas.getBoundingClientRect();
    const x = onGrid((event.clientX - box.left) / box.width, this.limits);
    const y = onGrid((event.clientY - box.top) / box.height, this.limits);
    const [lastX, lastY] = points.slice(-2);
    if (points.length && Math.hypot(x - lastX, y - lastY) < STEP) return;
    if (!this.#isFull()) points.push(x, y);
  }

  // ---- the drawing

  #strokes() {
    const { strokes } = this.history.now;
    return this.#stroke ? [...strokes, this.#stroke] : strokes;
  }

  #isFull() {
    const { maxStrokes, maxPoints } = this.limits;
    const numbers = this.#strokes().reduce((sum, { points }) => sum + points.length, 0);
    return this.history.now.strokes.length >= maxStrokes || numbers >= 2 * maxPoints;
  }

  #isBlank() {
    return !this.#strokes().length && this.history.now.example === null;
  }

  /** @param {boolean} on */
  #erase(on) {
    this.#erasing = on;
    this.#refresh();
  }

  #clear() {
    this.#erasing = false;
    if (!this.#stroke && !this.#isBlank()) this.#change(BLANK);
  }

  /** @param {Drawing} drawing */
  #change(drawing) {
    this.history.put(drawing);
    this.#changed();
  }

  /** @param {"undo" | "redo"} way */
  #travel(way) {
    if (!this.#stroke && this.history[way]()) this.#changed();
  }

  #changed() {
    store(this.history.now);
    this.#refresh();
    this.sender.send(false);
  }

  /**
   * @param {boolean} penDown
   * @param {number} turn
   */
  #send(penDown, turn) {
    const strokes = this.#strokes().map((stroke) => ({ ...stroke, points: [...stroke.points] }));
    this.#tellPython({ strokes, example: this.history.now.example, penDown, turn });
  }

  // ---- what is seen

  #refresh() {
    const { buttons, history } = this;
    const blank = this.#isBlank();
    this.hint.hidden = !blank;
    buttons.undo.disabled = !history.canUndo;
    buttons.redo.disabled = !history.canRedo;
    buttons.clear.disabled = blank;
    buttons.eraser.disabled = blank && !this.#erasing;
    buttons.eraser.ariaPressed = `${this.#erasing}`;
    this.root.classList.toggle("erasing", this.#erasing);
    for (const input of this.pens) input.checked = Number(input.value) === this.width;
    this.status.textContent = this.#isFull() ? "The pad is full: undo or clear." : "";
    this.repaint.soon();
  }

  #paint() {
    if (!this.root.isConnected) return; // the page has been left; without style there is no colour
    this.#paintSheet();
    const width = this.shelf.canvas.getBoundingClientRect().width / this.shelf.columns;
    this.#paintExamples(this.shelf, Math.ceil((width * devicePixelRatio) / SIDE), 0);
  }

  #showSettled() {
    showSettled(this.root, !this.repaint.isBusy && this.sender.isSettled);
  }

  #paintSheet() {
    const { canvas, context, limits } = this;
    const { width, height } = canvas.getBoundingClientRect();
    const [across, down] = [width, height].map((side) => Math.round(side * devicePixelRatio));
    if (canvas.width !== across) canvas.width = across;
    if (canvas.height !== down) canvas.height = down;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, across, down);
    const { example } = this.history.now;
    if (example !== null) {
      this.#paintExamples(this.under, Math.ceil(across / SIDE), example);
      context.drawImage(this.under.canvas, 0, 0, across, down);
    }
    context.scale(across / limits.grid, down / limits.grid);
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = getComputedStyle(canvas).color;
    for (const stroke of this.#strokes()) trace(context, stroke);
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
