// A slider for each style dim.

import { append, find } from "../../shared/browser/component.js";
import { focusByHand } from "./hand.js";
import { LIMIT, onArrows, settable, shareOfTrack, signed, valueOnTrack } from "./values.js";

/** @import { Hand } from "./hand.js" */
/** @import { BoardData, Dim, Editor } from "./state.js" */

/**
 * @typedef {object} Slider
 * @property {Dim} of
 * @property {HTMLImageElement} strip what the dim does, in small digits
 * @property {HTMLInputElement} input
 * @property {HTMLElement} thumb
 * @property {HTMLElement} output
 * @property {number} [at] the value at which the thumb stands
 * @property {number} [read] the value that is said
 */

const GRIP = 8; // pixels beside a thumb that take hold of it
const READ_MS = 80; // between two numbers beside a slider that moves

export class Sliders {
  #readAt = 0;

  /**
   * @param {HTMLElement} root
   * @param {BoardData} data
   * @param {Editor} editor
   * @param {Hand} hand
   * @param {(dim: number, step: number) => void} nudge
   */
  constructor(root, { awake, asleep }, editor, hand, nudge) {
    this.editor = editor;
    this.hand = hand;
    this.nudge = nudge;
    const folded = find(root, ".asleep", HTMLElement);
    folded.hidden = !asleep.length;
    find(folded, "summary", HTMLElement).textContent =
      `${asleep.length} more that this model hardly uses`;
    const lists = [find(root, ".dims.awake", HTMLElement), find(folded, ".dims", HTMLElement)];
    /** @type {Map<number, Slider>} */
    this.all = new Map();
    [awake, asleep].forEach((dims, i) => {
      for (const dim of dims) this.all.set(dim.dim, this.#build(dim, lists[i]));
    });
  }

  /**
   * @param {Dim} of
   * @param {HTMLElement} list
   * @returns {Slider}
   */
  #build(of, list) {
    const { dim, name, note } = of;
    const id = `dim-${dim}`;
    const line = append(list, "div", { className: "dim", title: note });
    append(line, "label", { htmlFor: id, textContent: name });
    const track = append(line, "div", { className: "track" });
    // A picture, not a canvas: the browser composes every canvas anew in every frame.
    const strip = append(track, "img", { className: "strip", alt: "", draggable: false });
    const range = { type: "range", min: `${-LIMIT}`, max: `${LIMIT}`, step: "0.01" };
    const input = append(track, "input", { id, ...range });
    const thumb = append(track, "i", { className: "thumb" });
    // The slider says its value itself; a walk moves all of them sixty times a second.
    const output = append(line, "span", { className: "output" });
    const { editor } = this;
    this.#listen(track, input, dim);
    input.oninput = () => editor.move(({ style }) => (style[dim] = Number(input.value)));
    input.onchange = () => editor.settle();
    track.ondblclick = () => editor.change(({ style }) => (style[dim] = 0));
    onArrows(input, (across, up) => this.nudge(dim, across + up));
    return { of, strip, input, thumb, output };
  }

  /**
   * The browser's own slider lays out its thumb anew in every frame: hands move this one, and the
   * keyboard and screen readers have the browser's.
   * @param {HTMLElement} track
   * @param {HTMLInputElement} input
   * @param {number} dim
   */
  #listen(track, input, dim) {
    let box = new DOMRect();
    let grip = 0;
    const { editor } = this;
    const under = (/** @type {PointerEvent} */ { clientX }) =>
      valueOnTrack((clientX - box.left) / box.width);
    this.hand.hold(track, {
      grab: (event) => {
        box = track.getBoundingClientRect();
        const value = editor.state.style[dim];
        const off = event.clientX - box.left - shareOfTrack(value) * box.width;
        grip = Math.abs(off) <= GRIP ? under(event) - value : 0;
        focusByHand(input);
      },
      follow: (event) => (editor.state.style[dim] = settable(under(event) - grip)),
    });
  }

  /**
   * Touches only what changed: this runs on every frame.
   * @param {number[]} style
   * @param {boolean} moving
   */
  show(style, moving) {
    const now = performance.now();
    // Nobody reads sixty numbers a second, and each makes the page lay out its text again.
    const readable = !moving || now - this.#readAt > READ_MS;
    if (readable) this.#readAt = now;
    for (const [dim, slider] of this.all) {
      const value = style[dim];
      if (slider.at !== value) {
        slider.at = value;
        slider.thumb.style.transform = `translateX(${100 * shareOfTrack(value)}cqw)`;
      }
      if (readable && slider.read !== value) this.#say(slider, value);
    }
  }

  /**
   * @param {Slider} slider
   * @param {number} value
   */
  #say(slider, value) {
    const { input, output, of } = slider;
    slider.read = value;
    if (Number(input.value) !== value) input.value = `${value}`;
    const side = value < 0 ? of.low : of.high;
    output.textContent = signed(value);
    input.ariaValueText = side && value ? `${signed(value)}, ${side}` : signed(value);
  }
}
