// The board: one style, ten digits, and everything that moves them. Decodes on every frame in which
// something changed; tells Python when a hand lets go.

import { sayAloud } from "../../shared/browser/aloud.js";
import { append, component, enable, find, isFor, showSettled } from "../../shared/browser/component.js";
import { DIGITS } from "../../shared/browser/constants.js";
import { onDensity } from "../../shared/browser/density.js";
import { undoShortcut } from "../../shared/browser/history.js";
import { onColor } from "../../shared/browser/ink.js";
import { ON_ITS_WAY, decoderOf, shareHere } from "../../shared/browser/loading.js";
import { numberField } from "../../shared/browser/number_field.js";
import { digitOf } from "../../shared/browser/numerals.js";
import { keepWhileScrolling } from "../../shared/browser/ranges.js";
import { Repaint } from "../../shared/browser/repaint.js";
import { Hand } from "./hand.js";
import { Painter } from "./painting.js";
import { Plane } from "./plane.js";
import { Sharing } from "./sharing.js";
import { Sliders } from "./sliders.js";
import { Editor, isBlend } from "./state.js";
import { onArrows, settable, signed } from "./values.js";
import { normal } from "./wander.js";
import { Wandering } from "./wandering.js";

/** @import { BoardData, State } from "./state.js" */

const NUDGE_MS = 300; // a burst of keys is one step of undo
const TELL_MS = 150; // a burst of clicks is one message
const LEAVING = ["pointerdown", "keydown", "pagehide"]; // elsewhere than on the board

export default component(
  (/** @type {import("../../shared/browser/component.js").Call<BoardData>} */ call) =>
    new Board(find(call.parentElement, ".board", HTMLElement), call.data),
);

class Board {
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #timers = new Map();
  #shown = "";
  /** @type {(state: State) => void} */
  #tellPython = () => {};

  /**
   * @param {HTMLElement} root
   * @param {BoardData} data
   */
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.awake = data.awake.map(({ dim }) => dim);
    for (const part of data.hidden) root.classList.add(`no-${part}`);
    const editor = new Editor(data.start, {
      interrupt: () => this.wandering.stop(),
      moved: () => this.repaint.move(),
      settled: () => this.#announce(),
    });
    this.editor = editor;
    this.wandering = new Wandering(this.#button("wander"), this.awake, editor);
    const hand = new Hand(editor);
    const nudge = (/** @type {number} */ dim, /** @type {number} */ step) => this.#nudge(dim, step);
    this.sliders = new Sliders(root, data, editor, hand, nudge);
    this.plane = new Plane(root, data, editor, hand, { nudge, turned: () => this.repaint.move() });
    this.painter = new Painter(root, data, editor, this.sliders, () => this.#showSettled());
    this.repaint = new Repaint(() => this.#paint(), () => this.#showSettled());
    this.parts = {
      other: find(root, "#other", HTMLSelectElement),
      mix: find(root, "#mix", HTMLInputElement),
      share: find(root, ".blend .output", HTMLElement),
      text: find(root, "#text", HTMLInputElement),
      vary: find(root, "#vary", HTMLInputElement),
      undo: this.#button("undo"),
      redo: this.#button("redo"),
    };
    this.sharing = new Sharing(root, data, this.painter);
    this.choices = this.#buildChoices();
    this.sizes = new ResizeObserver(() => this.repaint.rest());
    this.unwatch = onDensity(() => this.repaint.rest());
    this.onkey = (/** @type {KeyboardEvent} */ event) => this.#key(event);
    this.onleave = (/** @type {Event} */ event) => {
      const isHeld = event instanceof KeyboardEvent && event.repeat;
      const isSecond = event.type === "pointerdown" && hand.isHolding; // a finger: the first gives up
      if (root.isConnected && !isHeld && !isSecond && !event.composedPath().includes(root)) this.#tellAtOnce();
    };
    this.#listen();
    this.#showState();
    // Not once the decoder is there: by then the address may be another page's.
    this.sharing.showAddress();
    const waiting = find(root, ".waiting", HTMLElement);
    waiting.textContent = ON_ITS_WAY;
    const news = () => (waiting.textContent = ON_ITS_WAY + shareHere(data.model.weights.decoder));
    decoderOf(data.model, news).then((decoder) => {
      this.painter.decoder = decoder;
      root.ariaBusy = "false";
      this.repaint.rest();
    });
  }

  /** @param {import("../../shared/browser/component.js").Call<BoardData>} call */
  update({ data, setStateValue }) {
    this.#tellPython = (state) => setStateValue("state", state);
    this.sharing.update(data);
    this.#look();
  }

  dispose() {
    this.wandering.halt();
    this.#timers.forEach(clearTimeout);
    this.repaint.stop();
    this.painter.stop();
    this.sizes.disconnect();
    this.unwatch();
    removeEventListener("keydown", this.onkey);
    for (const event of LEAVING) removeEventListener(event, this.onleave, true);
  }

  // ---- what stands on the page

  /** @param {string} name */
  #button(name) {
    return find(this.root, `.${name}`, HTMLButtonElement);
  }

  #buildChoices() {
    const { other } = this.parts;
    append(other, "option", { value: "", textContent: "no other" });
    for (const digit of DIGITS) append(other, "option", { value: `${digit}`, textContent: `${digit}` });
    const list = find(this.root, ".choices", HTMLElement);
    onArrows(list, (across, up) => {
      this.#choose((this.editor.state.digit + 10 + Math.sign(across - up)) % 10);
      this.choices[this.editor.state.digit].focus();
    });
    return DIGITS.map((digit) => {
      const said = { textContent: `${digit}`, role: "radio", ariaLabel: `${digit}` };
      const onclick = () => this.#choose(digit);
      return append(list, "button", { type: "button", ...said, onclick });
    });
  }

  #listen() {
    const { editor, parts } = this;
    const { other, mix, text, vary, undo, redo } = parts;
    this.#button("random").onclick = () => {
      editor.change(({ style }) => this.awake.forEach((dim) => (style[dim] = settable(normal()))));
      const most = this.data.awake.slice(0, 3);
      sayAloud(`Another style: ${most.map(({ dim, name }) => `${name} ${signed(editor.state.style[dim])}`).join(", ")}`);
    };
    this.#button("reset").onclick = () => editor.change(({ style }) => style.fill(0));
    undo.onclick = () => editor.travel("undo");
    redo.onclick = () => editor.travel("redo");
    other.onchange = () =>
      editor.change((state) => {
        state.other = other.value === "" ? null : Number(other.value);
        state.mix = state.other === null ? 0 : state.mix || 0.5;
      });
    keepWhileScrolling(mix);
    mix.oninput = () => editor.move((state) => (state.mix = Number(mix.value)));
    numberField(text, find(this.root, ".left-out", HTMLElement), (number) =>
      this.#settleSoon((state) => (state.text = number)),
    );
    mix.onchange = text.onchange = () => editor.settle();
    vary.onchange = () => editor.change((state) => (state.vary = vary.checked));
    addEventListener("keydown", this.onkey);
    for (const event of LEAVING) addEventListener(event, this.onleave, true);
    onColor(this.root, () => this.#look());
    this.sizes.observe(this.root);
    // In older browsers what is folded away has no size, and nothing is painted for it.
    find(this.root, ".asleep", HTMLDetailsElement).ontoggle = () => this.repaint.rest();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!isFor(event, this.root)) return;
    const way = undoShortcut(event);
    if (way) {
      event.preventDefault();
      this.editor.travel(way);
      return;
    }
    // A bare key may be another tool's shortcut, or come of dictation: the board has to be meant.
    const isMeant = event.composedPath().includes(this.root) || this.root.matches(":hover");
    const isBare = !event.ctrlKey && !event.metaKey && !event.altKey;
    const digit = digitOf(event);
    if (!isMeant || !isBare || digit === null) return;
    this.#choose(digit);
    sayAloud(`A handwritten ${digit}`);
  }

  // ---- changes

  /** @param {number} digit */
  #choose(digit) {
    this.editor.change((state) => (state.digit = digit));
  }

  /**
   * @param {number} dim
   * @param {number} step
   */
  #nudge(dim, step) {
    this.#settleSoon(({ style }) => (style[dim] = settable(style[dim] + step)));
  }

  /** @param {(state: State) => void} change by a key: nobody says when the last one was pressed */
  #settleSoon(change) {
    this.editor.move(change);
    this.#later("settle", NUDGE_MS, () => this.editor.settle());
  }

  /** The address and Python hear of what a hand let go of. */
  #announce() {
    this.#later("tell", TELL_MS, () => this.#tell(this.editor.settled));
  }

  #tell(/** @type {State} */ state) {
    this.sharing.showAddress();
    this.#tellPython(state);
  }

  /** What is done elsewhere may take the board away: a walk is kept as far as it has come, and is no
   * step of undo before its end. */
  #tellAtOnce() {
    if (this.wandering.isOn) return this.#tell(this.editor.passing);
    this.editor.settle();
    if (!this.#timers.size) return;
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
    this.#tell(this.editor.settled);
    this.#showSettled();
  }

  /**
   * @param {string} name what this takes the place of
   * @param {number} milliseconds
   * @param {() => void} action
   */
  #later(name, milliseconds, action) {
    clearTimeout(this.#timers.get(name));
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      action();
      this.#showSettled();
    }, milliseconds);
    this.#timers.set(name, timer);
    this.#showSettled();
  }

  // ---- what is seen

  /** The theme may have changed. */
  #look() {
    this.painter.look();
    this.repaint.rest();
  }

  #paint() {
    this.#showState();
    this.painter.paint(this.repaint.moving);
  }

  #showSettled() {
    const { painter, repaint, wandering } = this;
    const awaits = repaint.isBusy || painter.isBusy || wandering.isOn || this.#timers.size;
    showSettled(this.root, Boolean(painter.decoder && !awaits));
  }

  /** Touches only what changed: this runs on every frame. */
  #showState() {
    const { style, digit, other, mix, text, vary } = this.editor.state;
    const { canUndo, canRedo } = this.editor;
    this.sliders.show(style, this.repaint.moving);
    this.plane.show(style);
    const shown = JSON.stringify([digit, other, mix, text, vary, canUndo, canRedo]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.choices.forEach((button, each) => {
      button.ariaChecked = `${each === digit}`;
      button.tabIndex = each === digit ? 0 : -1;
    });
    const { parts } = this;
    const blended = isBlend(this.editor.state);
    // A digit and itself are no blend.
    for (const option of parts.other.options) option.disabled = option.value === `${digit}`;
    parts.other.value = `${other ?? ""}`;
    parts.mix.hidden = parts.share.hidden = !blended;
    parts.mix.value = `${mix}`;
    parts.mix.ariaLabel = `Share of ${other} in the blend`;
    parts.mix.ariaValueText = parts.share.textContent = `${Math.round(100 * mix)} %`;
    if (parts.text.value !== text) parts.text.value = text;
    parts.vary.checked = vary;
    enable([[parts.undo, canUndo], [parts.redo, canRedo]]);
    this.painter.written.ariaLabel = text ? `${text}, in handwriting` : "";
    this.painter.hero.canvas.ariaLabel = blended
      ? `A blend of ${digit} and ${other}`
      : `A handwritten ${digit}`;
  }
}
