// Two style dims at once, under the pointer on the large digit.

import { append, find } from "../../shared/browser/component.js";
import { focusByHand } from "./hand.js";
import { onArrows, settable, shareAt, signed, valueAt } from "./values.js";

/** @import { Hand } from "./hand.js" */
/** @import { BoardData, Dim, Editor } from "./state.js" */

export class Plane {
  #shown = "";

  /**
   * @param {HTMLElement} root
   * @param {BoardData} data
   * @param {Editor} editor
   * @param {Hand} hand
   * @param {{nudge: (dim: number, step: number) => void, turned: () => void}} events
   */
  constructor(root, { awake, asleep, hidden }, editor, hand, { nudge, turned }) {
    this.dims = [...awake, ...asleep];
    const [first, second = first] = this.dims;
    this.axes = [first.dim, second.dim]; // across and up
    this.pad = find(root, ".pad", HTMLElement);
    this.marks = [...this.pad.querySelectorAll("span")];
    this.lines = [...root.querySelectorAll(".axis")].map((line, axis) => {
      const select = find(line, "select", HTMLSelectElement);
      for (const { dim, name } of this.dims) {
        append(select, "option", { value: `${dim}`, textContent: name });
      }
      select.onchange = () => {
        this.axes[axis] = Number(select.value);
        turned();
      };
      const ends = [".low", ".high"].map((end) => find(line, end, HTMLElement));
      return { select, ends };
    });
    this.#listen(editor, hand);
    // Then it is the frame of a picture: nothing to come to by a key, nor to hear of.
    this.isHidden = hidden.includes("pad");
    if (this.isHidden) {
      for (const { name } of [...this.pad.attributes]) if (name !== "class") this.pad.removeAttribute(name);
    }
    onArrows(this.pad, (across, up) => nudge(this.axes[across ? 0 : 1], across || up));
  }

  /**
   * @param {Editor} editor
   * @param {Hand} hand
   */
  #listen(editor, hand) {
    const { pad } = this;
    hand.hold(pad, {
      grab: () => focusByHand(pad),
      follow: ({ clientX, clientY }) => {
        const box = pad.getBoundingClientRect(); // a wheel may scroll the page meanwhile
        const { style } = editor.state;
        const [across, up] = this.axes;
        style[up] = settable(valueAt(1 - (clientY - box.top) / box.height));
        // The last word: where both axes are one dim it goes across.
        style[across] = settable(valueAt((clientX - box.left) / box.width));
      },
    });
    pad.ondblclick = () => editor.change(({ style }) => this.axes.forEach((dim) => (style[dim] = 0)));
  }

  /** @param {number[]} style */
  show(style) {
    const [across, up] = this.axes;
    const [x, y] = [style[across], across === up ? 0 : style[up]];
    const shown = `${this.axes} ${x} ${y}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    const names = this.axes.map((axis, i) => {
      const { name, low, high } = /** @type {Dim} */ (this.dims.find(({ dim }) => dim === axis));
      const { select, ends } = this.lines[i];
      select.value = `${axis}`;
      [low || "−3", high || "+3"].forEach((text, end) => {
        if (ends[end].textContent !== text) ends[end].textContent = text;
      });
      return `${name} ${signed(style[axis])}`;
    });
    const place = `translate(${100 * shareAt(x)}cqw, ${100 * (1 - shareAt(y))}cqh)`;
    for (const mark of this.marks) mark.style.transform = place;
    if (this.isHidden) return;
    this.pad.ariaValueText = names.join(", ");
    // A screen reader says the text of another number alone: this one follows both dims.
    this.pad.ariaValueNow = `${x + y / 1000}`;
  }
}
