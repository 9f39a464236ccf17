// The pen: what a mouse, a finger or a stylus does on the pad, as strokes.

import { GRID, MARGIN } from "./raster.js";

/** @import { Stroke } from "./raster.js" */

const STEP = 4; // on the grid: smaller ones cannot be seen
const ERASER = 1.5; // pens
const MOST_POINTS = 6000;
const PALM_MS = 1000; // a touch that ended so short before a stylus came down was the palm
const DOT = 40; // on the grid: a palm's touch is no longer than this
const RESTS_MS = 3000; // after a stylus was lifted: the hand that holds it still lies there

/**
 * @typedef {object} PenActs
 * @property {() => boolean} isFull whether nothing more may be drawn
 * @property {() => { width: number, erases: boolean }} tool
 * @property {() => void} moved the stroke that is being drawn has another point, or is gone
 * @property {(stroke: Stroke) => void} drawn
 * @property {() => void} takeBack the stroke that was drawn last was none
 */

export class Pen {
  /** @type {Stroke | null} that is being drawn */
  stroke = null;
  /** @type {{ id: number, kind: string } | null} */
  #pointer = null;
  /** @type {{ id: number, tool: { width: number, erases: boolean } } | null} a stroke was cut off */
  #cut = null;
  #lifted = { kind: "", at: -Infinity, isDot: false };

  /**
   * @param {HTMLElement} surface
   * @param {PenActs} acts
   */
  constructor(surface, acts) {
    this.surface = surface;
    this.acts = acts;
    surface.onpointerdown = (event) => this.#down(event);
    surface.onpointermove = (event) => this.#move(event);
    surface.onpointerup = (event) => this.#up(event);
    surface.onpointercancel = surface.onlostpointercapture = (event) => this.#cutOff(event);
    // A long press must draw, not open a menu.
    surface.oncontextmenu = (event) => event.preventDefault();
  }

  #down(/** @type {PointerEvent} */ event) {
    this.#cut = null;
    if (![0, 5].includes(event.button)) return; // 5 is a stylus's other end
    if (event.pointerType === "pen") this.#dismissPalm(event);
    // One pen at a time: a second finger draws nothing.
    if (this.stroke || this.acts.isFull()) return;
    if (event.pointerType === "touch" && this.#isPalm(event)) return;
    event.preventDefault();
    // That leaves the focus where it was: in a field, whose keys are not the drawing's.
    this.surface.focus({ preventScroll: true });
    const { width, erases } = this.acts.tool();
    this.#begin(event, { width, erases: erases || event.button === 5 });
  }

  #begin(/** @type {PointerEvent} */ event, /** @type {{ width: number, erases: boolean }} */ { width, erases }) {
    try {
      this.surface.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is gone already; what it says no more is not missed.
    }
    this.#pointer = { id: event.pointerId, kind: event.pointerType };
    this.stroke = { points: [], width: Math.round(width * (erases ? ERASER : 1)), erases };
    this.#add(event);
    this.acts.moved();
  }

  #move(/** @type {PointerEvent} */ event) {
    if (event.pointerId === this.#cut?.id && event.buttons) {
      // It was cut off, but goes on: so does the line.
      const { tool } = this.#cut;
      this.#cut = null;
      if (!this.acts.isFull()) this.#begin(event, tool);
    }
    if (event.pointerId !== this.#pointer?.id) return;
    if (event.pointerType === "mouse" && !event.buttons) {
      // A dialog or the lock screen took the release. The next click elsewhere is not to come here.
      this.#up(event);
      return this.surface.releasePointerCapture(event.pointerId);
    }
    event.stopPropagation(); // the page around has no use for it, and looks for one each time
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.#add(each);
    this.acts.moved();
  }

  #up(/** @type {PointerEvent} */ event) {
    if (event.pointerId !== this.#pointer?.id || !this.stroke) return;
    const { stroke } = this;
    this.#lifted = { kind: this.#pointer.kind, at: event.timeStamp, isDot: isDot(stroke.points) };
    this.#pointer = this.stroke = null;
    this.acts.drawn(stroke);
  }

  #cutOff(/** @type {PointerEvent} */ event) {
    if (event.pointerId !== this.#pointer?.id || !this.stroke) return;
    const { width, erases } = this.stroke;
    this.#cut = { id: event.pointerId, tool: { width: width / (erases ? ERASER : 1), erases } };
    this.#up(event);
  }

  /** A hand lies on the glass before its stylus comes down: what it drew was no stroke. */
  #dismissPalm(/** @type {PointerEvent} */ event) {
    if (this.stroke && this.#pointer?.kind === "touch") {
      this.#pointer = this.stroke = null;
      this.acts.moved();
    } else if (this.#lifted.kind === "touch" && this.#lifted.isDot && event.timeStamp - this.#lifted.at < PALM_MS) {
      this.#lifted.kind = "";
      this.acts.takeBack();
    }
  }

  #isPalm(/** @type {PointerEvent} */ event) {
    return this.#lifted.kind === "pen" && event.timeStamp - this.#lifted.at < RESTS_MS;
  }

  #add(/** @type {PointerEvent} */ event) {
    const points = this.stroke?.points ?? [];
    const box = this.surface.getBoundingClientRect();
    const x = onGrid((event.clientX - box.left) / box.width);
    const y = onGrid((event.clientY - box.top) / box.height);
    const [lastX, lastY] = points.slice(-2);
    if (points.length && Math.hypot(x - lastX, y - lastY) < STEP) return;
    if (points.length < 2 * MOST_POINTS) points.push(x, y);
  }
}

/** The place on the grid at a share of the pad's side. */
const onGrid = (/** @type {number} */ share) =>
  Math.round(Math.min(Math.max(share * GRID, -MARGIN), GRID + MARGIN));

function isDot(/** @type {number[]} */ points) {
  const [x, y] = points;
  return points.every((value, i) => Math.abs(value - (i % 2 ? y : x)) <= DOT);
}

/**
 * Draws a stroke: a curve through the middles between the pen's points, as raster.js computes it.
 * @param {CanvasRenderingContext2D} context whose unit is the grid's
 * @param {Stroke} stroke
 */
export function trace(context, { points, width, erases }) {
  const [x, y] = points;
  const end = points.length - 2;
  context.globalCompositeOperation = erases ? "destination-out" : "source-over";
  context.lineWidth = width;
  context.beginPath();
  // A line without length is not drawn, whatever its caps; a dot is.
  if (!end) context.arc(x, y, 0.5, 0, 2 * Math.PI);
  context.moveTo(x, y);
  for (let i = 2; i < end; i += 2) {
    const last = i + 2 === end;
    const toX = last ? points[end] : (points[i] + points[i + 2]) / 2;
    const toY = last ? points[end + 1] : (points[i + 1] + points[i + 3]) / 2;
    context.quadraticCurveTo(points[i], points[i + 1], toX, toY);
  }
  context.lineTo(points[end], points[end + 1]);
  context.stroke();
}
