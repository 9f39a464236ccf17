// Ten digits for each epoch of a training, and a way to run through them. All epochs are here, so
// nothing that moves asks Python; it hears which epoch is in sight when a hand lets go.

const STEP_MS = 1000 / 6; // of the film
const CALM_STEP_MS = 1000; // where motion is to be reduced
const REST_STEPS = 6; // for which the film stays on the newest epoch
const TELL_MS = 150; // a burst of arrow keys is one message
const FINE_MS = 120; // without a change: time for finer ink
const SCALE_IN_MOTION = 3;
const HELD_STEP = 8; // epochs that come before Python is told not to send them again
const ROW_SCALES = [2, 4];
const ROWS_BUDGET_MS = 6; // of a frame, for small rows
const PLAY = "M4 2.5v11l9.5-5.5z";
const PAUSE = "M4 2.5h3v11h-3zM9 2.5h3v11h-3z";

// The function below is called again whenever data or theme change; a board outlives those calls.
const boards = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let board = boards.get(parentElement);
  if (!board) {
    board = new Board(parentElement.querySelector(".epochs"));
    boards.set(parentElement, board);
  }
  board.tellPython = (number) => setStateValue("epoch", number);
  board.tellHeld = (numbers) => setStateValue("held", numbers);
  board.take(data);
  board.look();
  return () => {
    board.dispose();
    boards.delete(parentElement);
  };
}

class Board {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.rows = []; // {number, own, fixed, element, pictures}
    this.index = -1; // of the row in sight; the last one is followed as epochs arrive
    this.style = "own";
    this.told = null;
    this.digits = new Map(); // of all epochs that came, by number
    this.toldHeld = 0; // how many of them Python knows of
    this.turn = this.taken = 0; // of what was sent last, and what is shown
    this.images = new Float32Array(DIGITS.length * PIXELS);
    this.large = new InkCanvas(this.find(".large"), 10);
    this.small = new InkCanvas(document.createElement("canvas"), 10);
    this.scrubber = this.find(".scrubber");
    this.list = this.find(".list");
    this.listen();
  }

  dispose() {
    this.disposed = true;
    this.stop();
    clearTimeout(this.telling);
    clearTimeout(this.resting);
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.rowsFrame);
    this.sizes.disconnect();
  }

  listen() {
    this.scrubber.oninput = () => this.go(Number(this.scrubber.value));
    this.scrubber.onchange = () => this.tell();
    // What was about to be told waits as well while a hand is on it.
    this.scrubber.onpointerdown = () => (this.held = true);
    this.scrubber.onpointerup = this.scrubber.onpointercancel = () => {
      this.held = false;
      this.tell();
    };
    this.find(".play").onclick = () => (this.playing ? this.stop() : this.play());
    this.find(".latest").onclick = () => this.choose(this.last);
    for (const radio of this.root.querySelectorAll("[name=style]")) {
      radio.onchange = () => this.setStyle(radio.value);
    }
    this.list.onclick = ({ target }) => {
      const element = target.closest(".row");
      if (element) this.choose(this.rows.findIndex((row) => row.element === element));
    };
    this.list.onkeydown = (event) => {
      const to = { ArrowUp: this.index - 1, ArrowDown: this.index + 1, Home: 0, End: this.last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.choose(Math.min(Math.max(to, 0), this.last));
    };
    this.find(".picture").onclick = () => this.save("board.png", () => boardPicture(this.kept()));
    this.find(".film").onclick = () => this.save("film.gif", () => film(this.kept(), REST_STEPS));
    onColor(this.root, () => this.look());
    this.sizes = new ResizeObserver(() => this.look());
    this.sizes.observe(this.root);
  }

  get last() {
    return this.rows.length - 1;
  }

  // ---- what arrives

  async take(data) {
    const turn = ++this.turn;
    this.showSettled();
    const sent = await unpack(data, this.digits);
    // A later one may be unpacked sooner.
    if (this.disposed || turn !== this.turn) return;
    const lacks = !sent.packed.every(Boolean);
    if (lacks || (sent.running && this.digits.size >= this.toldHeld + HELD_STEP)) {
      this.toldHeld = this.digits.size;
      this.tellHeld([...this.digits.keys()]);
    }
    if (lacks) return; // what is missing comes with the next one
    this.taken = turn;
    const seen = this.rows[this.index]?.number;
    this.mark(this.rows[this.index], false);
    if (this.name !== undefined && this.name !== sent.name) this.stop();
    const follow = (this.index === this.last && !this.playing) || this.name !== sent.name;
    Object.assign(this, { name: sent.name, running: sent.running });
    this.setRows(sent);
    this.find(".all").hidden = !this.rows.length;
    this.find(".empty").hidden = this.rows.length > 0;
    this.find(".empty").textContent = this.running
      ? "The first ten digits appear here when the first epoch is done."
      : "No epoch was finished: there are no digits to show.";
    const thinned = this.find(".thinned");
    thinned.hidden = sent.count === this.rows.length;
    thinned.textContent = `${this.rows.length} of ${sent.count} epochs, evenly chosen`;
    if (!this.rows.length) {
      this.index = -1;
      this.stop();
      return this.tell();
    }
    this.scrubber.max = this.last;
    this.scrubber.disabled = this.find(".play").disabled = !this.last;
    this.show(follow ? this.last : this.nearest(seen));
    if (this.rows[this.index].number === seen) return;
    this.keepInView();
    if (!this.playing) this.tell();
  }

  // Rows that are there already stay as they are.
  setRows({ numbers, packed }) {
    const known = new Map(this.rows.map((row) => [row.number, row]));
    this.rows = numbers.map((number, i) => {
      const row = known.get(number);
      const { own, fixed } = packed[i];
      if (!row || !isSame(row.own, own) || !isSame(row.fixed, fixed)) {
        return { number, own, fixed, element: this.rowElement(number), pictures: {} };
      }
      known.delete(number);
      return row;
    });
    for (const { element } of known.values()) element.remove();
    this.rows.forEach(({ element }, i) => {
      if (this.list.children[i] !== element) this.list.insertBefore(element, this.list.children[i]);
    });
    this.paintRows();
  }

  rowElement(number) {
    const element = Object.assign(document.createElement("div"), { className: "row" });
    element.id = `epoch-${number}`;
    element.setAttribute("role", "option");
    element.setAttribute("aria-label", `epoch ${number}`);
    const label = element.appendChild(document.createElement("span"));
    label.textContent = number;
    element.appendChild(document.createElement("i"));
    return element;
  }

  nearest(number) {
    const distances = this.rows.map((row) => Math.abs(row.number - number));
    return distances.indexOf(Math.min(...distances));
  }

  // ---- which epoch is in sight

  go(index) {
    if (index === this.index) return;
    this.mark(this.rows[this.index], false);
    this.show(index);
    this.keepInView();
  }

  show(index) {
    this.index = index;
    this.mark(this.rows[index], true);
    const { number } = this.rows[index];
    const said = sayEpoch(number, this.rows[this.last].number);
    this.scrubber.value = index;
    this.scrubber.setAttribute("aria-valuetext", said);
    this.find(".label").textContent = said;
    this.find(".large").setAttribute("aria-label", `The ten digits of ${said}`);
    this.find(".latest").hidden = !this.running || index === this.last;
    this.list.setAttribute("aria-activedescendant", `epoch-${number}`);
    this.invalidate();
  }

  mark(row, on) {
    row?.element.setAttribute("aria-selected", on);
  }

  // Scrolls the list alone: the page stays where it is.
  keepInView() {
    const { offsetTop, offsetHeight } = this.rows[this.index].element;
    const { scrollTop, clientHeight } = this.list;
    if (offsetTop < scrollTop) this.list.scrollTop = offsetTop;
    const below = offsetTop + offsetHeight - clientHeight;
    if (below > scrollTop) this.list.scrollTop = below;
  }

  choose(index) {
    this.stop();
    this.go(index);
    this.tell();
  }

  tell() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      this.telling = 0;
      this.showSettled();
      if (this.held || this.playing) return; // letting go and stopping tell as well
      const number = this.index === this.last ? null : this.rows[this.index].number;
      if (number === this.told) return;
      this.told = number;
      this.tellPython(number);
    }, TELL_MS);
    this.showSettled();
  }

  // ---- the film

  play() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const rest = calm ? 1 : REST_STEPS;
    let rested = 0;
    if (this.index === this.last) this.go(0);
    this.playing = setInterval(() => {
      if (document.hidden) return;
      if (this.index < this.last) return this.go(this.index + 1);
      rested += 1;
      if (rested < rest) return;
      rested = 0;
      this.go(0);
    }, calm ? CALM_STEP_MS : STEP_MS);
    this.showPlaying();
  }

  stop() {
    if (!this.playing) return;
    clearInterval(this.playing);
    this.playing = 0;
    this.showPlaying();
    if (!this.disposed) this.tell();
  }

  showPlaying() {
    const label = this.playing ? "Pause" : "Play";
    const button = this.find(".play");
    button.setAttribute("aria-label", label);
    button.title = label;
    button.querySelector("path").setAttribute("d", this.playing ? PAUSE : PLAY);
  }

  // ---- what is seen

  setStyle(style) {
    this.style = style;
    this.invalidate();
    this.paintRows();
  }

  // Theme or size changed, or it is the first time.
  look() {
    this.showPlaying();
    this.rest();
    this.paintRows();
  }

  invalidate() {
    this.moving = true;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), FINE_MS);
    this.frame ||= requestAnimationFrame(() => this.paint());
    this.showSettled();
  }

  rest() {
    this.moving = false;
    clearTimeout(this.resting);
    this.resting = 0;
    this.frame ||= requestAnimationFrame(() => this.paint());
    this.showSettled();
  }

  // Says in the page whether all that has arrived or was asked for is in sight, and told.
  showSettled() {
    const awaits = this.frame || this.rowsFrame || this.resting || this.telling || this.playing;
    const settled = String(!awaits && this.taken === this.turn);
    if (this.root.dataset.settled !== settled) this.root.dataset.settled = settled;
  }

  paint() {
    this.frame = 0;
    this.paintLarge();
    this.showSettled();
  }

  paintLarge() {
    const { canvas } = this.large;
    const finest = Math.ceil((canvas.clientWidth * devicePixelRatio) / 10 / SIDE);
    if (!this.rows[this.index] || !finest) return;
    const scale = this.moving ? Math.min(finest, SCALE_IN_MOTION) : finest;
    const color = getComputedStyle(canvas).color.match(/\d+/g).slice(0, 3).map(Number);
    this.large.paint(inkOf(this.rows[this.index][this.style], this.images), { scale, color });
  }

  // Each row is painted once in either style, some in each frame, those in sight first.
  paintRows() {
    const [coarse, fine] = ROW_SCALES;
    this.rowScale = devicePixelRatio > 1.5 ? fine : coarse;
    cancelAnimationFrame(this.rowsFrame);
    const key = `${this.style} ${this.rowScale}`;
    const waiting = this.rows.filter((row) => row.shown !== key);
    const distance = (row) => Math.abs(this.rows.indexOf(row) - this.index);
    waiting.sort((one, other) => distance(one) - distance(other));
    const paintSome = () => {
      const start = performance.now();
      while (waiting.length && performance.now() - start < ROWS_BUDGET_MS) {
        this.paintRow(waiting.shift(), key);
      }
      this.rowsFrame = waiting.length ? requestAnimationFrame(paintSome) : 0;
      this.showSettled();
    };
    this.rowsFrame = requestAnimationFrame(paintSome);
    this.showSettled();
  }

  paintRow(row, key) {
    row.shown = key;
    if (!row.pictures[key]) {
      this.small.paint(inkOf(row[this.style]), { scale: this.rowScale, color: BLACK });
      row.pictures[key] = `url(${this.small.canvas.toDataURL()})`;
    }
    row.element.lastChild.style.setProperty("--digits", row.pictures[key]);
  }

  // ---- files

  kept() {
    return this.rows.map((row) => ({ number: row.number, digits: row[this.style] }));
  }

  async save(what, make) {
    this.say("One moment…");
    // Two frames: the message is on the screen before the work begins.
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await make());
    link.download = `${this.name} ${what}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.say(`Saved ${link.download}`);
  }

  say(text) {
    this.find(".said").textContent = text;
  }
}
