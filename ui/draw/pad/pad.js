// A drawing pad. Strokes are kept as whole numbers on a grid, so that they mean the same at every
// size and on every screen; what Python gets is the list of strokes, never a picture.

const SEND_EVERY_MS = 100; // while the pen is down, at most
const PACE = 2.5; // answer times between two drawings: a busy server hears less of pens that are down
const PATIENCE_MS = 1000; // how long an answer may take before the next drawing is sent anyway
const ERASER = 1.5; // pens
const KEPT = 200; // steps of undo
const BLANK = { strokes: [], example: null };

const examples = Float32Array.from(atob(EXAMPLES), (byte) => byte.charCodeAt(0) / 255);

// The function below is called again whenever data or theme change; a pad outlives those calls.
const pads = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let pad = pads.get(parentElement);
  if (!pad) {
    pad = new Pad(parentElement.querySelector(".pad"), data);
    pads.set(parentElement, pad);
  }
  pad.tellPython = (drawing) => setStateValue("drawing", drawing);
  pad.update(data);
  return () => {
    pad.dispose();
    pads.delete(parentElement);
  };
}

class Pad {
  constructor(root, { start, wipes }) {
    this.root = root;
    this.wipes = wipes;
    const stored = restore();
    // Never changed in place: undo and redo are earlier and later drawings.
    this.drawing = stored ?? start;
    this.past = this.drawing.strokes.map((_, count) => ({
      ...this.drawing,
      strokes: this.drawing.strokes.slice(0, count),
    }));
    this.future = [];
    this.width = PENS[1];
    this.erasing = false;
    this.stroke = null;
    this.pointer = null;
    this.turn = Date.now();
    this.sent = { turn: 0, at: 0 };
    this.awaiting = false;
    this.answerMs = 0;
    this.againMs = AGAIN_MS[0];
    this.timer = 0;
    this.frame = 0;
    this.under = new InkCanvas(document.createElement("canvas"), 1);
    this.build();
    onColor(this.root, () => this.paint());
    this.sizes = new ResizeObserver(() => this.paint());
    this.sizes.observe(this.canvas);
    this.answer = ({ detail }) => this.answered(detail.turn);
    document.addEventListener("draw-pad-answered", this.answer);
    this.untold = stored !== null && JSON.stringify(stored) !== JSON.stringify(start);
  }

  build() {
    const make = (tag, props = {}, parent = this.root) =>
      parent.appendChild(Object.assign(document.createElement(tag), props));
    const label = (element, text) => {
      element.setAttribute("aria-label", text);
      element.title = text;
      return element;
    };
    const paper = make("div", { className: "paper" });
    this.canvas = make("canvas", { className: "sheet" }, paper);
    this.context = this.canvas.getContext("2d");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Drawing pad for one digit");
    this.hint = make("div", { className: "hint", textContent: "Draw a digit here" }, paper);
    this.status = make("div", { className: "status" }, paper);
    this.status.setAttribute("role", "status");

    const tools = make("div", { className: "tools" });
    const pens = make("fieldset", { className: "pens" }, tools);
    pens.setAttribute("aria-label", "Pen");
    this.penInputs = ["Thin pen", "Medium pen", "Thick pen"].map((text, index) => {
      const around = make("label", { title: text }, pens);
      const input = make("input", { type: "radio", name: "pen", value: PENS[index] }, around);
      input.setAttribute("aria-label", text);
      input.onchange = () => this.usePen(PENS[index]);
      make("i", {}, around).style.setProperty("--width", `${PENS[index] / 7}px`);
      return input;
    });
    const button = (props, onclick, parent = tools) =>
      make("button", { type: "button", ...props, onclick }, parent);
    this.eraserButton = button({ textContent: "Eraser" }, () => this.erase(!this.erasing));
    make("span", { className: "gap" }, tools);
    const icon = (path) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
    const back = icon("M9 5 4 10l5 5M4 10h10a6 6 0 0 1 0 12h-3");
    this.undoButton = label(button({ className: "icon", innerHTML: back }, () => this.undo()), "Undo");
    const forth = icon("m15 5 5 5-5 5M20 10H10a6 6 0 0 0 0 12h3");
    this.redoButton = label(button({ className: "icon", innerHTML: forth }, () => this.redo()), "Redo");
    this.clearButton = button({ textContent: "Clear" }, () => this.clear());

    const shelf = make("div", { className: "examples" });
    shelf.setAttribute("role", "group");
    shelf.setAttribute("aria-label", "Or take a digit that somebody wrote");
    this.shelf = new InkCanvas(make("canvas", {}, shelf), 10);
    for (let digit = 0; digit < 10; digit++) {
      label(button({}, () => this.take(digit), shelf), `Take a written ${digit}`);
    }

    this.canvas.onpointerdown = (event) => this.down(event);
    this.canvas.onpointermove = (event) => this.move(event);
    this.canvas.onpointerup = (event) => this.up(event);
    this.canvas.onpointercancel = (event) => this.up(event);
    this.canvas.onlostpointercapture = (event) => this.up(event);
    // A long press must draw, not open a menu.
    this.canvas.oncontextmenu = (event) => event.preventDefault();
    this.root.onkeydown = (event) => this.key(event);
  }

  // Python has spoken, or the theme has changed.
  update({ wipes }) {
    if (wipes !== this.wipes) {
      this.wipes = wipes;
      this.clear();
    }
    if (this.untold) {
      this.untold = false;
      this.send(false);
    }
    this.refresh();
  }

  dispose() {
    this.sizes.disconnect();
    document.removeEventListener("draw-pad-answered", this.answer);
    clearTimeout(this.timer);
    clearTimeout(this.again);
    cancelAnimationFrame(this.frame);
  }

  down(event) {
    // One pen at a time: a second finger, or the palm, draws nothing. Button 5 is a pen's other end.
    if (this.stroke || ![0, 5].includes(event.button) || this.isFull()) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    const erases = this.erasing || event.button === 5;
    this.stroke = { points: [], width: Math.round(this.width * (erases ? ERASER : 1)), erases };
    this.add(event);
    this.refresh();
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.add(each);
    this.paint();
    this.sendSoon();
  }

  up(event) {
    if (event.pointerId !== this.pointer) return;
    const { stroke } = this;
    this.pointer = this.stroke = null;
    this.change({ ...this.drawing, strokes: [...this.drawing.strokes, stroke] });
  }

  add(event) {
    const { points } = this.stroke;
    const box = this.canvas.getBoundingClientRect();
    const x = onGrid((event.clientX - box.left) / box.width);
    const y = onGrid((event.clientY - box.top) / box.height);
    const [lastX, lastY] = points.slice(-2);
    // Steps too small to be seen would only make the message longer.
    if (points.length && Math.hypot(x - lastX, y - lastY) < 4) return;
    if (!this.isFull()) points.push(x, y);
  }

  isFull() {
    const numbers = this.all().reduce((sum, { points }) => sum + points.length, 0);
    return this.drawing.strokes.length >= MAX_STROKES || numbers >= 2 * MAX_POINTS;
  }

  all() {
    return this.stroke ? [...this.drawing.strokes, this.stroke] : this.drawing.strokes;
  }

  isBlank() {
    return !this.all().length && this.drawing.example === null;
  }

  usePen(width) {
    this.width = width;
    this.erase(false);
  }

  erase(on) {
    this.erasing = on;
    this.refresh();
  }

  take(example) {
    if (!this.stroke) this.change({ strokes: [], example });
  }

  change(drawing) {
    this.past = [...this.past, this.drawing].slice(-KEPT);
    this.future = [];
    this.show(drawing);
  }

  undo() {
    if (this.stroke || !this.past.length) return;
    this.future.push(this.drawing);
    this.show(this.past.pop());
  }

  redo() {
    if (this.stroke || !this.future.length) return;
    this.past.push(this.drawing);
    this.show(this.future.pop());
  }

  clear() {
    this.erasing = false;
    if (!this.stroke && !this.isBlank()) this.change(BLANK);
  }

  show(drawing) {
    this.drawing = drawing;
    store(drawing);
    this.refresh();
    this.send(false);
  }

  key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    if (event.shiftKey) this.redo();
    else this.undo();
  }

  // While the pen is down: once the last drawing was answered, and not too often.
  sendSoon() {
    if (this.timer) return;
    const since = performance.now() - this.sent.at;
    const pause = Math.max(SEND_EVERY_MS, PACE * this.answerMs);
    const wait = (this.awaiting ? PATIENCE_MS : pause) - since;
    this.timer = setTimeout(() => {
      this.timer = 0;
      if (this.stroke) this.send(true);
    }, Math.max(wait, 0));
    this.showSettled();
  }

  answered(turn) {
    if (!this.awaiting || turn !== this.sent.turn) return;
    this.awaiting = false;
    this.showSettled();
    this.answerMs = performance.now() - this.sent.at;
    clearTimeout(this.again);
    this.againMs = AGAIN_MS[0];
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = 0;
    this.sendSoon();
  }

  send(penDown) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.turn += 1;
    this.awaiting = true;
    this.sent = { turn: this.turn, at: performance.now() };
    const strokes = this.all().map((stroke) => ({ ...stroke, points: [...stroke.points] }));
    this.showSettled();
    this.tellPython({ strokes, example: this.drawing.example, penDown, turn: this.turn });
    clearTimeout(this.again);
    if (penDown) return;
    // What is said while the connection is cut, nobody hears.
    this.again = setTimeout(() => this.stroke || this.send(false), this.againMs);
    this.againMs = Math.min(2 * this.againMs, AGAIN_MS[1]);
  }

  refresh() {
    const blank = this.isBlank();
    this.hint.hidden = !blank;
    this.undoButton.disabled = !this.past.length;
    this.redoButton.disabled = !this.future.length;
    this.clearButton.disabled = blank;
    this.eraserButton.disabled = blank && !this.erasing;
    this.eraserButton.setAttribute("aria-pressed", this.erasing);
    this.root.classList.toggle("erasing", this.erasing);
    for (const input of this.penInputs) input.checked = Number(input.value) === this.width;
    this.status.textContent = this.isFull() ? "The pad is full: undo or clear." : "";
    this.paint();
  }

  paint() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.root.isConnected) return; // the page has been left; without style there is no colour
      this.ink();
      this.inkExamples();
      this.showSettled();
    });
    this.showSettled();
  }

  // Says in the page whether all that was drawn is in sight, and answered.
  showSettled() {
    const settled = String(!this.frame && !this.timer && !this.awaiting);
    if (this.root.dataset.settled !== settled) this.root.dataset.settled = settled;
  }

  ink() {
    const { canvas, context } = this;
    const { width, height } = canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== across) canvas.width = across;
    if (canvas.height !== down) canvas.height = down;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, across, down);
    if (this.drawing.example !== null) {
      this.inkOnce(this.under, Math.ceil(across / SIDE), this.drawing.example);
      context.drawImage(this.under.canvas, 0, 0, across, down);
    }
    context.scale(across / GRID, down / GRID);
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = getComputedStyle(canvas).color;
    for (const stroke of this.all()) trace(context, stroke);
    context.globalCompositeOperation = "source-over";
  }

  inkExamples() {
    const cell = this.shelf.canvas.getBoundingClientRect().width / this.shelf.columns;
    this.inkOnce(this.shelf, Math.ceil((cell * (window.devicePixelRatio || 1)) / SIDE), 0);
  }

  // Examples from `start` on, if they do not look like that already.
  inkOnce(ink, scale, start) {
    const color = this.color();
    const look = [scale, start, ...color].join();
    if (scale < 1 || ink.look === look) return;
    ink.look = look;
    ink.paint(examples, { scale, color, start });
  }

  color() {
    return getComputedStyle(this.canvas).color.match(/\d+/g).slice(0, 3).map(Number);
  }
}
