// The board: one style, ten digits, and everything that moves them. Decodes on every frame in which
// something changed; tells Python when a hand lets go.

const IN_MOTION = { hero: 4, row: 2 }; // enlargement while something moves; finer at rest
const REST_MS = 120; // without a change: time for finer ink and the strips
const READ_MS = 80; // between two numbers beside a slider that moves
const TELL_MS = 150; // a burst of clicks is one message
const XRAY_BUDGET_MS = 6; // of a frame, for the strips beside the sliders
const SIZES = [1, 2, 4, 8, 16];
const KEPT = 200; // steps of undo
const GRIP = 8; // pixels beside a thumb that take hold of it
const TYPED_INTO =
  "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable=true]";

// The function below is called again whenever data or theme change; a board outlives those calls.
const boards = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let board = boards.get(parentElement);
  if (!board) {
    board = new Board(parentElement.querySelector(".board"), data);
    boards.set(parentElement, board);
  }
  board.tellPython = (state) => setStateValue("state", state);
  board.themeChanged();
  return () => {
    board.dispose();
    boards.delete(parentElement);
  };
}

class Board {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.dims = [...data.awake, ...data.asleep];
    this.awake = data.awake.map(({ dim }) => dim);
    this.state = { ...data.start, style: [...data.start.style] };
    this.settled = this.snapshot();
    this.past = [];
    this.future = [];
    this.axes = this.awake.length > 1 ? this.awake.slice(0, 2) : [this.dims[0].dim, this.dims[0].dim];
    this.strips = new Map();
    this.stale = new Set();
    this.images = new Float32Array(11 * PIXELS);
    this.timers = {};
    this.readAt = 0;
    this.find = (selector) => root.querySelector(selector);
    this.hero = new InkCanvas(this.find(".hero"), 1);
    this.row = new InkCanvas(this.find(".row canvas"), 10);
    this.scribe = new Scribe();
    this.xray = new Xray();
    this.axisLines = [...root.querySelectorAll(".axis")];
    this.build();
    this.listen();
    this.showState();
    model(data.model).decoder.then((decoder) => {
      this.decoder = decoder;
      root.setAttribute("aria-busy", "false");
      this.showAddress();
      this.refreshStrips();
      this.rest();
    });
  }

  dispose() {
    this.disposed = true;
    this.stopWandering();
    Object.values(this.timers).forEach(clearTimeout);
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.stripsFrame);
    this.sizes.disconnect();
    removeEventListener("keydown", this.onkey);
  }

  // ---- what stands on the page

  build() {
    for (const part of this.data.hidden) this.root.classList.add(`no-${part}`);
    const make = (tag, props, parent) =>
      parent.appendChild(Object.assign(document.createElement(tag), props));
    this.choices = DIGITS.map((digit) => {
      const button = make("button", { type: "button", textContent: digit }, this.find(".choices"));
      button.setAttribute("role", "radio");
      button.setAttribute("aria-label", digit);
      button.onclick = () => this.choose(digit);
      return button;
    });
    make("option", { value: "", textContent: "no other" }, this.find("#other"));
    for (const digit of DIGITS) make("option", { value: digit, textContent: digit }, this.find("#other"));
    for (const size of SIZES) make("option", { value: size, textContent: `${size}×` }, this.find("#size"));
    this.find("#size").value = 8;
    for (const { dim, name } of this.dims) {
      for (const select of this.root.querySelectorAll(".axis select")) {
        make("option", { value: dim, textContent: name }, select);
      }
    }
    this.data.awake.forEach((dim) => this.buildDim(dim, this.find(".dims.awake"), make));
    this.data.asleep.forEach((dim) => this.buildDim(dim, this.find(".asleep .dims"), make));
    this.find(".asleep").hidden = !this.data.asleep.length;
    this.find(".asleep summary").textContent =
      `${this.data.asleep.length} more that this model hardly uses`;
  }

  buildDim({ dim, name, low, high, note }, list, make) {
    const id = `dim-${dim}`;
    const line = make("div", { className: "dim", title: note }, list);
    make("label", { htmlFor: id, textContent: name }, line);
    const track = make("div", { className: "track" }, line);
    // A picture, not a canvas: the browser composes every canvas anew in every frame.
    const strip = make("img", { className: "strip", alt: "", draggable: false }, track);
    const input = make("input", { id, type: "range", min: -LIMIT, max: LIMIT, step: 0.01 }, track);
    const thumb = make("i", { className: "thumb" }, track);
    const output = make("output", { htmlFor: id }, line);
    this.listenToTrack(track, input, dim);
    input.oninput = () => this.move(() => (this.state.style[dim] = Number(input.value)));
    input.onchange = () => this.settle();
    track.ondblclick = () => this.change(() => (this.state.style[dim] = 0));
    input.onkeydown = (event) => {
      const step = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.nudge(dim, event.shiftKey ? 5 * step : step);
    };
    this.strips.set(dim, { strip, input, thumb, output, low, high });
  }

  listen() {
    const on = (selector, event, handler) => (this.find(selector)[`on${event}`] = handler);
    on(".random", "click", () => this.change(() => this.randomize()));
    on(".reset", "click", () => this.change(() => this.state.style.fill(0)));
    on(".undo", "click", () => this.travel(this.past, this.future));
    on(".redo", "click", () => this.travel(this.future, this.past));
    on(".wander", "click", () => (this.walk ? this.stopWandering() : this.wander()));
    on("#other", "change", ({ target }) =>
      this.change(() => {
        this.state.other = target.value === "" ? null : Number(target.value);
        this.state.mix = this.state.other === null ? 0 : this.state.mix || 0.5;
      }),
    );
    on("#mix", "input", ({ target }) => this.move(() => (this.state.mix = Number(target.value))));
    on("#mix", "change", () => this.settle());
    on("#text", "input", ({ target }) => {
      target.value = target.value.replace(/[^0-9 ]/g, "");
      this.move(() => (this.state.text = target.value));
    });
    on("#text", "change", () => this.settle());
    on("#vary", "change", ({ target }) => this.change(() => (this.state.vary = target.checked)));
    on(".download", "click", () => this.save());
    on(".link", "click", () => this.copyLink());
    const [across, up] = this.axisLines.map((line) => line.querySelector("select"));
    across.onchange = () => this.setAxes(Number(across.value), this.axes[1]);
    up.onchange = () => this.setAxes(this.axes[0], Number(up.value));
    this.find(".choices").onkeydown = (event) => {
      const step = { ArrowLeft: 9, ArrowUp: 9, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.choose((this.state.digit + step) % 10);
      this.choices[this.state.digit].focus();
    };
    this.listenToPad();
    this.onkey = (event) => this.key(event);
    addEventListener("keydown", this.onkey);
    onColor(this.root, () => this.themeChanged());
    this.sizes = new ResizeObserver(() => this.rest());
    this.sizes.observe(this.root);
  }

  // The browser's own slider lays out its thumb anew in every frame: hands move this one, and the
  // keyboard and screen readers have the browser's.
  listenToTrack(track, input, dim) {
    let box, grip;
    const under = ({ clientX }) => valueOnTrack((clientX - box.left) / box.width);
    this.listenToHand(track, {
      grab: (event) => {
        box = track.getBoundingClientRect();
        const value = this.state.style[dim];
        const off = event.clientX - box.left - shareOfTrack(value) * box.width;
        grip = Math.abs(off) <= GRIP ? under(event) - value : 0;
        input.focus({ preventScroll: true });
      },
      follow: (event) => (this.state.style[dim] = rounded(clamped(under(event) - grip))),
    });
  }

  listenToPad() {
    const pad = this.find(".pad");
    let box;
    this.listenToHand(pad, {
      grab: () => {
        box = pad.getBoundingClientRect();
        pad.focus({ preventScroll: true });
      },
      follow: ({ clientX, clientY }) => {
        const shares = [(clientX - box.left) / box.width, 1 - (clientY - box.top) / box.height];
        this.axes.forEach((dim, i) => (this.state.style[dim] = rounded(clamped(valueAt(shares[i])))));
      },
    });
    pad.ondblclick = () => this.change(() => this.axes.forEach((dim) => (this.state.style[dim] = 0)));
    pad.onkeydown = (event) => {
      const [axis, step] =
        { ArrowLeft: [0, -0.1], ArrowRight: [0, 0.1], ArrowDown: [1, -0.1], ArrowUp: [1, 0.1] }[event.key] ?? [];
      if (!step || this.hides("pad")) return;
      event.preventDefault();
      this.nudge(this.axes[axis], event.shiftKey ? 5 * step : step);
    };
  }

  // One pointer at a time holds an element, wherever it goes.
  listenToHand(element, { grab, follow }) {
    const move = (event) => this.move(() => follow(event));
    element.onpointerdown = (event) => {
      if (event.button !== 0 || this.pointer !== undefined) return;
      event.preventDefault(); // or each move comes twice, once as a mouse's
      element.setPointerCapture(event.pointerId);
      this.pointer = event.pointerId;
      element.classList.add("held");
      grab(event);
      move(event);
    };
    element.onpointermove = (event) => event.pointerId === this.pointer && move(event);
    element.onpointerup = element.onpointercancel = (event) => {
      if (event.pointerId !== this.pointer) return;
      this.pointer = undefined;
      element.classList.remove("held");
      this.settle();
    };
  }

  key(event) {
    if (event.defaultPrevented || !this.root.isConnected) return;
    const target = event.composedPath()[0];
    if (target instanceof HTMLElement && target.matches(TYPED_INTO)) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      if (event.shiftKey) this.travel(this.future, this.past);
      else this.travel(this.past, this.future);
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && /^[0-9]$/.test(event.key)) {
      this.choose(Number(event.key));
    }
  }

  hides(part) {
    return this.data.hidden.includes(part);
  }

  // ---- changes

  // While a hand moves something: digits follow, nothing else happens yet.
  move(change) {
    if (this.walk) this.stopWandering();
    change();
    this.invalidate();
  }

  // The hand let go: undo can come back here, the address and Python hear of it.
  settle() {
    const now = this.snapshot();
    if (now === this.settled) return;
    this.past.push(this.settled);
    if (this.past.length > KEPT) this.past.shift();
    this.future = [];
    this.settled = now;
    this.announce();
  }

  change(change) {
    this.move(change);
    this.settle();
  }

  nudge(dim, step) {
    this.move(() => (this.state.style[dim] = rounded(clamped(this.state.style[dim] + step))));
    this.later("settle", 300, () => this.settle());
  }

  choose(digit) {
    this.change(() => (this.state.digit = digit));
  }

  randomize() {
    for (const dim of this.awake) this.state.style[dim] = rounded(clamped(normal()));
  }

  travel(from, to) {
    this.settle();
    if (!from.length) return;
    this.stopWandering();
    to.push(this.settled);
    this.settled = from.pop();
    this.state = JSON.parse(this.settled);
    this.invalidate();
    this.announce();
  }

  snapshot() {
    return JSON.stringify(this.state);
  }

  announce() {
    this.later("tell", TELL_MS, () => {
      this.showAddress();
      this.tellPython(JSON.parse(this.settled));
    });
  }

  later(name, milliseconds, action) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(() => {
      delete this.timers[name];
      action();
      this.showSettled();
    }, milliseconds);
    this.showSettled();
  }

  setAxes(across, up) {
    this.axes = [across, up];
    this.invalidate();
  }

  // ---- wandering

  wander() {
    this.settle();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.walk = new Walk([...this.state.style], this.awake);
    this.find(".wander").setAttribute("aria-pressed", "true");
    let seconds = 0;
    let last = performance.now();
    const step = () => {
      if (!this.walk) return;
      const now = performance.now();
      // A hidden tab gets no frames: what passed meanwhile does not count.
      seconds += Math.min((now - last) / 1000, calm ? 4 : 0.1);
      last = now;
      this.state.style = this.walk.at(seconds);
      this.invalidate();
      schedule();
    };
    // Without motion: another style every few seconds.
    const schedule = () => {
      if (calm) this.later("walk", 3000, () => (document.hidden ? schedule() : step()));
      else this.walking = requestAnimationFrame(step);
    };
    schedule();
  }

  stopWandering() {
    if (!this.walk) return;
    this.walk = null;
    cancelAnimationFrame(this.walking);
    clearTimeout(this.timers.walk);
    delete this.timers.walk;
    this.state.style = this.state.style.map(rounded);
    this.find(".wander").setAttribute("aria-pressed", "false");
    if (!this.disposed) this.settle();
  }

  // ---- what is seen

  // Touches only what changed: this runs on every frame.
  showState() {
    const { style, digit, other, mix, text, vary } = this.state;
    const now = performance.now();
    // Nobody reads sixty numbers a second, and each makes the page lay out its text again.
    const readable = !this.moving || now - this.readAt > READ_MS;
    if (readable) this.readAt = now;
    for (const [dim, part] of this.strips) {
      const { input, thumb, output, low, high } = part;
      if (part.at !== style[dim]) {
        part.at = style[dim];
        thumb.style.transform = `translateX(${100 * shareOfTrack(part.at)}cqw)`;
      }
      if (!readable || part.read === style[dim]) continue;
      part.read = style[dim];
      if (Number(input.value) !== style[dim]) input.value = style[dim];
      const value = signed(style[dim]);
      output.textContent = value;
      const side = style[dim] < 0 ? low : high;
      input.setAttribute("aria-valuetext", side && style[dim] ? `${value}, ${side}` : value);
    }
    this.showAxes();
    const rest = JSON.stringify([digit, other, mix, text, vary, this.past.length, this.future.length]);
    if (rest === this.shown) return;
    this.shown = rest;
    this.choices.forEach((button, each) => {
      button.setAttribute("aria-checked", each === digit);
      button.tabIndex = each === digit ? 0 : -1;
    });
    const blended = isBlend(this.state);
    this.find("#other").value = other ?? "";
    const slider = this.find("#mix");
    slider.hidden = this.find(".blend output").hidden = !blended;
    slider.value = mix;
    slider.setAttribute("aria-label", `Share of ${other} in the blend`);
    this.find(".blend output").textContent = `${Math.round(100 * mix)} %`;
    if (this.find("#text").value !== text) this.find("#text").value = text;
    this.find("#vary").checked = vary;
    this.find(".written").setAttribute("aria-label", text ? `${text}, in handwriting` : "");
    const name = blended ? `A blend of ${digit} and ${other}` : `A handwritten ${digit}`;
    this.find(".hero").setAttribute("aria-label", name);
    this.find(".undo").disabled = !this.past.length;
    this.find(".redo").disabled = !this.future.length;
  }

  showAxes() {
    const [x, y] = this.axes.map((dim) => this.state.style[dim]);
    const shown = `${this.axes} ${x} ${y}`;
    if (shown === this.shownAxes) return;
    this.shownAxes = shown;
    const names = this.axes.map((axis, index) => {
      const { name, low, high } = this.dims.find(({ dim }) => dim === axis);
      const line = this.axisLines[index];
      line.querySelector("select").value = axis;
      setText(line.querySelector(".low"), low || "−3");
      setText(line.querySelector(".high"), high || "+3");
      return `${name} ${signed(this.state.style[axis])}`;
    });
    const pad = this.find(".pad");
    const place = `translate(${100 * shareAt(x)}cqw, ${100 * (1 - shareAt(y))}cqh)`;
    this.find(".dot").style.transform = this.find(".cross").style.transform = place;
    pad.setAttribute("aria-label", `Two style dims at once, by arrow keys: ${names.join(", ")}`);
  }

  themeChanged() {
    // A canvas knows the resolved colour; custom properties may hold any notation.
    const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const resolve = (property) => {
      probe.fillStyle = getComputedStyle(this.root).getPropertyValue(property).trim();
      probe.fillRect(0, 0, 1, 1);
      return [...probe.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    };
    this.ink = resolve("--st-text-color");
    const paper = resolve("--st-background-color");
    this.quietInk = this.ink.map((part, i) => Math.round((part + paper[i]) / 2));
    this.refreshStrips();
    this.rest();
  }

  invalidate() {
    this.moving = true;
    this.later("rest", REST_MS, () => this.rest());
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  rest() {
    this.moving = false;
    this.frame ||= requestAnimationFrame(() => this.paint());
    this.showSettled();
  }

  // Says in the page whether all that was asked for is in sight, and told.
  showSettled() {
    const awaits = this.frame || this.stripsFrame || this.walk || Object.keys(this.timers).length;
    const settled = String(Boolean(this.decoder && !awaits));
    if (this.root.dataset.settled !== settled) this.root.dataset.settled = settled;
  }

  paint() {
    this.frame = 0;
    this.showState();
    if (!this.decoder || !this.ink || !this.root.isConnected) return;
    const { style, digit, other, mix } = this.state;
    const rows = DIGITS.map((each) => [style, each, each, 0]);
    const blended = isBlend(this.state);
    if (blended) rows.push([style, digit, other, mix]);
    this.decoder.decode(rows, this.images);
    const scale = this.moving ? IN_MOTION : { hero: this.finest(".hero", 1), row: this.finest(".row", 10) };
    this.row.paint(this.images, { scale: scale.row, color: this.ink });
    this.hero.paint(this.images, { scale: scale.hero, color: this.ink, start: blended ? 10 : digit });
    this.paintWriting();
    if (!this.moving) this.paintStrips();
    this.showSettled();
  }

  // The enlargement at which a pixel of the canvas is a pixel of the screen.
  finest(selector, digits) {
    const width = this.find(selector).clientWidth * devicePixelRatio;
    return Math.min(Math.max(Math.ceil(width / digits / SIDE), 2), 20);
  }

  refreshStrips() {
    for (const { dim } of this.dims) this.stale.add(dim);
  }

  // The X-rays that no longer show this style and digit, some in each frame.
  paintStrips() {
    const now = this.snapshot();
    if (now !== this.seen) this.refreshStrips();
    this.seen = now;
    const start = performance.now();
    for (const dim of this.stale) {
      this.xray.show(this.strips.get(dim).strip, dim, this.decoder, this.state, this.quietInk);
      this.stale.delete(dim);
      if (performance.now() - start > XRAY_BUDGET_MS) break;
    }
    if (!this.stale.size) return;
    // A handle of its own: a repaint that is asked for meanwhile must not be taken for this.
    this.stripsFrame ||= requestAnimationFrame(() => {
      this.stripsFrame = 0;
      if (!this.moving) this.paintStrips();
      this.showSettled();
    });
  }

  paintWriting() {
    const box = this.find(".written");
    box.hidden = !this.state.text.trim() || this.hides("write");
    if (box.hidden) return;
    const spelled = spell(this.decoder, this.state, this.awake, this.images);
    const side = Math.min(84, Math.max(56, box.clientWidth / 10));
    const width = (box.clientWidth / side) * SIDE;
    const set = setLines(spelled, width);
    const scale = this.moving ? IN_MOTION.row : Math.ceil((side * devicePixelRatio) / SIDE);
    const canvas = box.querySelector("canvas");
    this.scribe.draw(canvas, spelled, set, { scale, color: this.ink, width, row: this.row });
    canvas.style.height = `${(set.lines * side * LINE) / SIDE}px`;
  }

  // ---- saving and sharing

  async save() {
    const what = this.find("#what").value;
    const { digit, text } = this.state;
    if (what === "writing" && !text.trim()) return this.say("Write a number first.");
    const name = { digit: `${digit}.png`, ten: "ten digits.png", writing: `${text.trim()}.png`, walk: "walk.gif" };
    const blob = await makeFile(what, Number(this.find("#size").value), this);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name[what];
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.say(`Saved ${link.download}`);
  }

  showAddress() {
    const { href } = addressOf(this.state, this.data);
    if (href !== location.href) history.replaceState(history.state, "", href);
  }

  async copyLink() {
    this.settle();
    const url = addressOf(this.state, this.data);
    url.searchParams.set("model", this.data.modelName);
    url.searchParams.set("weights", this.data.model);
    try {
      await navigator.clipboard.writeText(url.href);
      this.say("Link copied: it opens exactly this.");
    } catch {
      // Without a secure connection there is no clipboard; the address bar says the same.
      history.replaceState(history.state, "", url.href);
      this.say("Copy the address from the address bar: it opens exactly this.");
    }
  }

  say(text) {
    this.find(".said").textContent = text;
  }
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
