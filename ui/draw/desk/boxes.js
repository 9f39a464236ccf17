// A picture and the boxes of its digits: moved, resized, drawn and deleted by mouse, finger and keys.

import { append, find } from "../../shared/browser/component.js";
import { added, dragged, holds, isSame, layer, nudged, placeAmong, under } from "./box.js";

/**
 * @import { Box, Grip } from "./box.js"
 *
 * @typedef {object} Shown
 * @property {Box} box
 * @property {string} label the digit that was read, or "?", or "…" while it is being read
 * @property {string} name for whoever listens, as "2, more than 99 %"
 *
 * @typedef {object} Now
 * @property {string} url of the picture
 * @property {Shown[]} shown
 * @property {number} at the opened one; −1: none
 * @property {number} most boxes that there can be
 *
 * @typedef {object} Acts
 * @property {(boxes: Box[], at: number) => void} edited a hand or a key has let go
 * @property {(at: number) => void} opened
 * @property {(quarters: 1 | -1) => void} turned 1: to the right
 * @property {() => void} reset
 *
 * @typedef {object} Hold what a pointer does, from down to up
 * @property {number} id
 * @property {number} at the box it holds; −1: it draws one
 * @property {{ clientX: number, clientY: number }} from
 * @property {number} slop pixels: what moves less was a tap
 * @property {boolean} isMoving
 * @property {Box | null} to what it has made by now
 */

const SLOP = { mouse: 3, finger: 8 };

export class Boxes {
  /** @type {Now} */
  #now = { url: "", shown: [], at: -1, most: 0 };
  /** @type {(Grip & Hold) | null} */
  #drag = null;
  /** @type {HTMLButtonElement[]} in the boxes' order */
  #buttons = [];

  /**
   * @param {HTMLElement} root the .picture
   * @param {Acts} acts
   */
  constructor(root, acts) {
    this.acts = acts;
    const button = (/** @type {string} */ name) => find(root, `.${name}`, HTMLButtonElement);
    this.shot = find(root, ".shot", HTMLElement);
    this.image = find(root, ".shot img", HTMLImageElement);
    this.surface = find(root, ".boxes", HTMLElement);
    this.draft = append(this.surface, "div", { className: "draft", hidden: true });
    this.frame = append(this.surface, "div", { className: "corners", hidden: true });
    this.corners = Array.from({ length: 4 }, () => append(this.frame, "i"));
    this.add = button("add");
    this.remove = button("remove");
    this.add.onclick = () => this.#put(added(this.#boxes));
    this.remove.onclick = () => this.#delete(this.#now.at, this.remove);
    button("left").onclick = () => acts.turned(-1);
    button("right").onclick = () => acts.turned(1);
    button("again").onclick = () => acts.reset();
    this.#listen();
  }

  /**
   * May be called at any time; what is under a hand stays there.
   * @param {Now} now
   */
  show(now) {
    const focused = this.#focused();
    const held = this.#boxes[focused] ?? null;
    if (now.url !== this.#now.url) this.#load(now.url);
    this.#now = now;
    if (this.#drag && this.#drag.at >= now.shown.length) this.#letGo();
    this.#paint();
    if (!held) return;
    // The focus goes where its box went.
    const hasMoved = !isSame(held, this.#boxes[focused] ?? null) && isSame(held, this.#boxes[now.at] ?? null);
    if (hasMoved || this.#focused() < 0) this.#focus();
  }

  get #boxes() {
    return this.#now.shown.map(({ box }) => box);
  }

  #load(/** @type {string} */ url) {
    this.#letGo();
    // Over another picture they would be wrong.
    this.surface.classList.add("late");
    if (url) this.image.src = url;
    else this.image.removeAttribute("src");
  }

  #listen() {
    const { surface, image } = this;
    image.onerror = () => surface.classList.remove("late");
    image.onload = () => {
      surface.classList.remove("late");
      this.shot.style.setProperty("--aspect", `${image.naturalWidth / image.naturalHeight || 1}`);
    };
    surface.onpointerdown = (event) => this.#down(event);
    surface.onpointermove = (event) => this.#move(event);
    surface.onpointerup = (event) => this.#up(event);
    surface.onpointercancel = surface.onlostpointercapture = (event) => {
      if (event.pointerId === this.#drag?.id) this.#letGo();
    };
    // A long press must hold the box, not open a menu.
    surface.oncontextmenu = (event) => event.preventDefault();
    surface.onkeydown = (event) => this.#key(event);
  }

  #down(/** @type {PointerEvent} */ event) {
    // One at a time: a second finger does nothing.
    if (this.#drag || event.button !== 0 || !(event.target instanceof HTMLElement)) return;
    const { target, pointerId: id, pointerType, clientX, clientY } = event;
    const corner = this.corners.indexOf(target);
    const at = corner < 0 ? this.#buttons.findIndex((button) => button.contains(target)) : this.#now.at;
    if (at < 0 && this.#isFull()) return;
    try {
      target.setPointerCapture(id);
    } catch {
      // The pointer is gone already; what it says no more is not missed.
    }
    this.#drag = {
      id, at, corner, ...this.#place(event),
      box: this.#boxes[at] ?? null,
      from: { clientX, clientY },
      slop: pointerType === "mouse" ? SLOP.mouse : SLOP.finger,
      isMoving: false,
      to: null,
    };
    // Wherever the focus is.
    addEventListener("keydown", this.#escape, true);
  }

  #move(/** @type {PointerEvent} */ event) {
    const drag = this.#drag;
    if (event.pointerId !== drag?.id) return;
    const way = Math.hypot(event.clientX - drag.from.clientX, event.clientY - drag.from.clientY);
    if (!drag.isMoving && way < drag.slop) return;
    drag.isMoving = true;
    const { x, y } = this.#place(event);
    drag.to = dragged(drag, x, y);
    this.#paint();
  }

  #up(/** @type {PointerEvent} */ event) {
    const drag = this.#drag;
    if (event.pointerId !== drag?.id) return;
    this.#letGo();
    const { at, box, to } = drag;
    if (to && !box) this.#put(to);
    else if (to && !isSame(box, to)) this.#change(at, to);
    else if (box) {
      // Corners reach out of their box, over others.
      const other = drag.corner < 0 || holds(box, drag.x, drag.y) ? -1 : under(this.#boxes, drag.x, drag.y);
      this.#open(other < 0 ? at : other);
      this.#focus();
    }
  }

  /** Whatever it held is where it was. */
  #letGo() {
    this.#drag = null;
    removeEventListener("keydown", this.#escape, true);
    this.#paint();
  }

  #escape = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.#letGo();
    if (this.#focused() < 0) this.#focus();
  };

  #key(/** @type {KeyboardEvent} */ event) {
    const at = this.#focused();
    if (at < 0 || this.#drag || event.ctrlKey || event.metaKey || event.altKey) return;
    const isDelete = event.key === "Delete" || event.key === "Backspace";
    const to = nudged(this.#boxes[at], event.key, event.shiftKey);
    if (!to && !isDelete) return;
    event.preventDefault();
    // A key that is held down deletes one.
    if (isDelete && !event.repeat) this.#delete(at);
    else if (to && !isSame(to, this.#boxes[at])) this.#change(at, to);
  }

  #change(/** @type {number} */ at, /** @type {Box} */ box) {
    const { shown } = this.#now;
    this.#set(shown.filter((_, place) => place !== at), { ...shown[at], box });
  }

  #put(/** @type {Box} */ box) {
    if (!this.#isFull()) this.#set(this.#now.shown, { box, label: "…", name: "being read" });
  }

  /** @param {Shown[]} others @param {Shown} one comes among them as it is read */
  #set(others, one) {
    const at = placeAmong(one.box, others.map(({ box }) => box));
    this.#edit([...others.slice(0, at), one, ...others.slice(at)], at);
    this.#focus();
  }

  /** @param {number} at @param {HTMLButtonElement} [by] keeps the focus as long as it can be pressed */
  #delete(at, by) {
    const shown = this.#now.shown.filter((_, place) => place !== at);
    this.#edit(shown, Math.min(at, shown.length - 1));
    if (!by || by.disabled) this.#focus();
  }

  /** @param {Shown[]} shown @param {number} at */
  #edit(shown, at) {
    // Shown at once: the next key may come before an answer does.
    this.#now = { ...this.#now, shown, at };
    this.#paint();
    this.acts.edited(this.#boxes, at);
  }

  #open(/** @type {number} */ at) {
    if (at === this.#now.at) return;
    this.#now = { ...this.#now, at };
    this.#paint();
    this.acts.opened(at);
  }

  #isFull() {
    return this.#now.shown.length >= this.#now.most;
  }

  /** The box that has the focus; −1: none. */
  #focused() {
    return this.#buttons.findIndex((button) => button.matches(":focus"));
  }

  #focus() {
    (this.#buttons[this.#now.at] ?? this.add).focus({ preventScroll: true });
  }

  #place(/** @type {PointerEvent} */ event) {
    const { left, top, width, height } = this.surface.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  }

  #paint() {
    const { shown, most } = this.#now;
    const isFull = this.#isFull();
    const drag = this.#drag?.isMoving ? this.#drag : null;
    const at = drag && drag.at >= 0 ? drag.at : this.#now.at;
    const boxes = this.#boxes.map((box, place) => (place === drag?.at && drag.to ? drag.to : box));
    while (this.#buttons.length > boxes.length) this.#buttons.pop()?.remove();
    while (this.#buttons.length < boxes.length) this.#make(this.#buttons.length);
    this.#buttons.forEach((button, place) => {
      lay(button, boxes[place], layer(boxes, place));
      const { label, name } = shown[place];
      const isOpen = place === at;
      const look = JSON.stringify([label, name, isOpen, boxes.length]);
      if (button.dataset.look === look) return;
      button.dataset.look = look;
      button.ariaPressed = `${isOpen}`;
      button.ariaLabel = `Digit ${place + 1} of ${boxes.length}: ${name}`;
      find(button, "b", HTMLElement).textContent = label;
    });
    lay(this.frame, boxes[at] ?? null, boxes.length);
    lay(this.draft, drag?.at === -1 ? drag.to : null, boxes.length);
    this.surface.classList.toggle("full", isFull);
    this.add.disabled = isFull;
    this.add.title = isFull ? `There can be ${most} boxes, and no more` : "";
    this.remove.disabled = at < 0;
  }

  #make(/** @type {number} */ place) {
    const button = append(this.surface, "button", { type: "button", className: "box" });
    append(button, "b");
    button.onfocus = () => this.#drag || this.#open(place);
    // After a pointer's click, which has done its work, another box may be in this place.
    button.onclick = ({ detail }) => detail || this.#open(place);
    this.#buttons.push(button);
  }
}

/**
 * An element as large as a box, where it is; hidden where there is none.
 * @param {HTMLElement} element @param {Box | null} box @param {number} order
 */
function lay(element, box, order) {
  const place = box ? JSON.stringify([box, order]) : "";
  element.hidden = !box;
  if (!box || element.dataset.place === place) return;
  element.dataset.place = place;
  const [left, top, right, bottom] = box.map((share) => 100 * share);
  element.style.inset = `${top}% ${100 - right}% ${100 - bottom}% ${left}%`;
  element.style.zIndex = `${order}`;
  element.style.setProperty("--top", `${box[1]}`);
}
