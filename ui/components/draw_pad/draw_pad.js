// A drawing pad. Strokes are kept as whole numbers on a grid, so that they mean the same at every
// size and on every screen; what Python gets is the list of strokes, never a picture.

const SEND_EVERY_MS = 200;

// The function below is called again whenever data or theme change; a pad outlives those calls.
const pads = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let pad = pads.get(parentElement);
  if (!pad) {
    pad = new Pad(parentElement.querySelector(".pad"), data);
    pads.set(parentElement, pad);
  }
  pad.send = (drawing) => setStateValue("drawing", drawing);
  pad.paint();
  return () => {
    pad.dispose();
    pads.delete(parentElement);
  };
}

class Pad {
  constructor(root, { strokes, grid, margin, maxStrokes, maxPoints, pen }) {
    Object.assign(this, { root, grid, margin, maxStrokes, maxPoints, pen });
    // Never changed in place: undo and redo are earlier and later lists.
    this.strokes = strokes;
    this.past = strokes.map((_, count) => strokes.slice(0, count));
    this.future = [];
    this.stroke = null;
    this.pointer = null;
    this.timer = 0;
    this.frame = 0;
    this.build();
    this.sizes = new ResizeObserver(() => this.paint());
    this.sizes.observe(this.canvas);
    this.refresh();
  }

  build() {
    const make = (tag, props = {}, parent = this.root) =>
      parent.appendChild(Object.assign(document.createElement(tag), props));
    const paper = make("div", { className: "paper" });
    this.canvas = make("canvas", {}, paper);
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Drawing pad for one digit");
    this.hint = make("div", { className: "hint", textContent: "Draw a digit here" }, paper);
    const tools = make("div", { className: "tools" });
    const button = (textContent, onclick) =>
      make("button", { type: "button", textContent, onclick }, tools);
    this.undoButton = button("Undo", () => this.undo());
    this.redoButton = button("Redo", () => this.redo());
    this.clearButton = button("Clear", () => this.clear());
    this.status = make("span", { className: "status" }, tools);
    this.status.setAttribute("role", "status");

    this.canvas.onpointerdown = (event) => this.down(event);
    this.canvas.onpointermove = (event) => this.move(event);
    this.canvas.onpointerup = (event) => this.up(event);
    this.canvas.onpointercancel = (event) => this.up(event);
    this.canvas.onlostpointercapture = (event) => this.up(event);
    // A long press must draw, not open a menu.
    this.canvas.oncontextmenu = (event) => event.preventDefault();
    this.root.onkeydown = (event) => this.key(event);
  }

  dispose() {
    this.sizes.disconnect();
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
  }

  down(event) {
    // One pen at a time: a second finger, or the palm, draws nothing.
    if (this.stroke || event.button !== 0 || this.isFull()) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.stroke = [];
    this.add(event);
    this.refresh();
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.add(each);
    this.paint();
    this.timer ||= setTimeout(() => this.report(true), SEND_EVERY_MS);
  }

  up(event) {
    if (event.pointerId !== this.pointer) return;
    const stroke = this.stroke;
    this.pointer = this.stroke = null;
    this.change([...this.strokes, stroke]);
  }

  add(event) {
    const box = this.canvas.getBoundingClientRect();
    const place = (share) =>
      Math.round(Math.min(Math.max(share * this.grid, -this.margin), this.grid + this.margin));
    const x = place((event.clientX - box.left) / box.width);
    const y = place((event.clientY - box.top) / box.height);
    const [lastX, lastY] = this.stroke.slice(-2);
    // Steps too small to be seen would only make the message longer.
    if (this.stroke.length && Math.hypot(x - lastX, y - lastY) < 4) return;
    if (!this.isFull()) this.stroke.push(x, y);
  }

  isFull() {
    const numbers = this.all().reduce((sum, stroke) => sum + stroke.length, 0);
    return this.strokes.length >= this.maxStrokes || numbers >= 2 * this.maxPoints;
  }

  all() {
    return this.stroke ? [...this.strokes, this.stroke] : this.strokes;
  }

  change(strokes) {
    this.past.push(this.strokes);
    this.future = [];
    this.show(strokes);
  }

  undo() {
    if (this.stroke || !this.past.length) return;
    this.future.push(this.strokes);
    this.show(this.past.pop());
  }

  redo() {
    if (this.stroke || !this.future.length) return;
    this.past.push(this.strokes);
    this.show(this.future.pop());
  }

  clear() {
    if (!this.stroke && this.strokes.length) this.change([]);
  }

  show(strokes) {
    this.strokes = strokes;
    this.refresh();
    this.report(false);
  }

  key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    if (event.shiftKey) this.redo();
    else this.undo();
  }

  report(penDown) {
    clearTimeout(this.timer);
    this.timer = 0;
    if (penDown && !this.stroke) return;
    this.send({ strokes: this.all().map((stroke) => [...stroke]), penDown });
  }

  refresh() {
    const empty = !this.all().length;
    this.hint.hidden = !empty;
    this.undoButton.disabled = !this.past.length;
    this.redoButton.disabled = !this.future.length;
    this.clearButton.disabled = empty;
    this.status.textContent = this.isFull() ? "The pad is full" : "";
    this.paint();
  }

  paint() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.ink();
    });
  }

  ink() {
    const { width, height } = this.canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const context = this.canvas.getContext("2d");
    context.scale(this.canvas.width / this.grid, this.canvas.height / this.grid);
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = this.pen * this.grid;
    context.strokeStyle = getComputedStyle(this.canvas).color;
    for (const stroke of this.all()) this.trace(context, stroke);
  }

  // A curve through the middles between the pen's points; Python inks the same one.
  trace(context, stroke) {
    const [x, y] = stroke;
    const end = stroke.length - 2;
    context.beginPath();
    context.moveTo(x, y);
    for (let i = 2; i < end; i += 2) {
      const last = i + 2 === end;
      const toX = last ? stroke[end] : (stroke[i] + stroke[i + 2]) / 2;
      const toY = last ? stroke[end + 1] : (stroke[i + 1] + stroke[i + 3]) / 2;
      context.quadraticCurveTo(stroke[i], stroke[i + 1], toX, toY);
    }
    context.lineTo(stroke[end], stroke[end + 1]);
    context.stroke();
  }
}
