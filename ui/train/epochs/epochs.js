// Ten digits for each epoch of a training, and a way to run through them. All epochs are here, so
// nothing that moves asks Python; it hears which epoch is in sight when a hand lets go.

import { component, find, showSettled } from "../../shared/browser/component.js";
import { DIGITS, PIXELS, SIDE } from "../../shared/browser/constants.js";
import { onDensity } from "../../shared/browser/density.js";
import { download } from "../../shared/browser/files.js";
import { InkCanvas, onColor, textColor } from "../../shared/browser/ink.js";
import { unpackInk } from "../../shared/browser/packed.js";
import { keepWhileScrolling } from "../../shared/browser/ranges.js";
import { Repaint } from "../../shared/browser/repaint.js";
import { EpochList } from "./list.js";
import { unpack } from "./packed.js";
import { Player, REST_STEPS } from "./playing.js";
import { boardPicture, film } from "./saving.js";

/** @import { Packed, Sent, Style } from "./packed.js" */
/** @import { Row } from "./saving.js" */
/** @typedef {import("../../shared/browser/component.js").Call<Uint8Array<ArrayBuffer>>} Call */

const TELL_MS = 150; // a burst of arrow keys is one message
const HELD_STEP = 8; // epochs that come before Python is told not to send them again
const SCALE_IN_MOTION = 3;

export default component(
  (/** @type {Call} */ { parentElement }) => new EpochBoard(find(parentElement, ".epochs", HTMLElement)),
);

class EpochBoard {
  /** @type {Sent | null} what is on the board */
  #sent = null;
  #index = -1; // of the epoch in sight; the last one is followed as epochs arrive
  /** @type {Style} */
  #style = "own";
  /** @type {number | null} the epoch that Python knows of */
  #told = null;
  /** @type {Map<number, Packed>} digits of all epochs that came, by number */
  #digits = new Map();
  #toldHeld = 0; // how many of them Python knows of
  /** @type {Call["setStateValue"]} */
  #tellPython = () => {};
  #arrived = 0; // boards that were sent
  #taken = 0; // the last of them that is shown
  #held = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #telling;
  #disposed = false;
  #images = new Float32Array(DIGITS.length * PIXELS);

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.scrubber = find(root, ".scrubber", HTMLInputElement);
    this.label = find(root, ".label", HTMLElement);
    this.latest = find(root, ".latest", HTMLButtonElement);
    this.said = find(root, ".said", HTMLElement);
    this.large = new InkCanvas(find(root, ".large", HTMLCanvasElement), 10);
    this.repaint = new Repaint(() => this.#paint(), () => this.#showSettled());
    this.list = new EpochList(find(root, ".list", HTMLElement), {
      chosen: (index) => this.#choose(index),
      painted: () => this.#showSettled(),
    });
    this.player = new Player(find(root, ".play", HTMLButtonElement), {
      isLast: () => this.#index === this.list.last,
      next: () => this.#go(this.#index + 1),
      first: () => this.#go(0),
      stopped: () => this.#tell(),
    });
    this.#listen();
    onColor(root, () => this.#look());
    this.sizes = new ResizeObserver(() => this.#look());
    this.sizes.observe(root);
    this.unwatch = onDensity(() => this.#look());
  }

  /** @param {Call} call */
  update({ data, setStateValue }) {
    this.#tellPython = setStateValue;
    this.#take(data);
    this.#look();
  }

  dispose() {
    this.#disposed = true;
    this.player.halt();
    this.list.stop();
    clearTimeout(this.#telling);
    this.repaint.stop();
    this.sizes.disconnect();
    this.unwatch();
  }

  #listen() {
    const { scrubber, list } = this;
    keepWhileScrolling(scrubber);
    scrubber.oninput = () => this.#go(Number(scrubber.value));
    scrubber.onchange = () => this.#tell();
    // What was about to be told waits as well while a hand is on it.
    scrubber.onpointerdown = ({ button }) => (this.#held = button === 0); // a menu takes the release
    scrubber.onpointerup = scrubber.onpointercancel = scrubber.onlostpointercapture = () => {
      this.#held = false;
      this.#tell();
    };
    this.latest.onclick = () => this.#choose(list.last);
    for (const radio of this.root.querySelectorAll("input")) {
      if (radio.type === "radio") radio.onchange = () => this.#setStyle(radio.value);
    }
    list.root.onkeydown = (event) => {
      const index = this.#index;
      const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: list.last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.#choose(Math.min(Math.max(to, 0), list.last));
    };
    const picture = find(this.root, ".picture", HTMLButtonElement);
    picture.onclick = () => this.#save("board.png", boardPicture);
    const button = find(this.root, ".film", HTMLButtonElement);
    button.onclick = () => this.#save("film.gif", (rows) => film(rows, REST_STEPS));
  }

  // ---- what arrives

  /** @param {Call["data"]} data */
  async #take(data) {
    const turn = ++this.#arrived;
    this.#showSettled();
    const sent = await unpack(data, this.#digits);
    // A later one may be unpacked sooner.
    if (this.#disposed || turn !== this.#arrived) return;
    const lacks = !sent.packed.every(Boolean);
    if (lacks || (sent.running && this.#digits.size >= this.#toldHeld + HELD_STEP)) {
      this.#toldHeld = this.#digits.size;
      this.#tellPython("held", [...this.#digits.keys()]);
    }
    if (lacks) return; // what is missing comes with the next one
    this.#taken = turn;
    const { list, player } = this;
    const seen = list.epochs[this.#index]?.number;
    const isAnother = this.#sent?.name !== sent.name;
    if (this.#sent && isAnother) player.stop();
    const follow = isAnother || (this.#index === list.last && !player.isOn);
    this.#sent = sent;
    list.take(sent);
    find(this.root, ".all", HTMLElement).hidden = false;
    const thinned = find(this.root, ".thinned", HTMLElement);
    thinned.hidden = sent.count === sent.numbers.length;
    thinned.textContent = `${sent.numbers.length} of ${sent.count} epochs, evenly chosen`;
    this.scrubber.max = `${list.last}`;
    this.scrubber.disabled = player.button.disabled = !list.last;
    this.#show(follow || seen === undefined ? list.last : list.nearest(seen));
    list.paint(this.#style, this.#index);
    if (list.epochs[this.#index].number === seen) return;
    list.keepInView(this.#index);
    if (!player.isOn) this.#tell();
  }

  // ---- which epoch is in sight

  /** @param {number} index */
  #go(index) {
    if (index === this.#index) return;
    this.#show(index);
    this.list.keepInView(index);
  }

  /** @param {number} index */
  #show(index) {
    const { list, scrubber } = this;
    this.#index = index;
    list.mark(index);
    const said = `epoch ${list.epochs[index].number}`;
    scrubber.value = `${index}`;
    scrubber.ariaValueText = said;
    this.label.textContent = said;
    this.large.canvas.ariaLabel = `The ten digits of ${said}`;
    this.latest.hidden = !this.#sent?.running || index === list.last;
    this.repaint.move();
  }

  /** @param {number} index */
  #choose(index) {
    this.player.stop();
    this.#go(index);
    this.#tell();
  }

  #tell() {
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      this.#showSettled();
      if (this.#held || this.player.isOn) return; // letting go and stopping tell as well
      const { epochs, last } = this.list;
      const number = this.#index === last ? null : epochs[this.#index].number;
      if (number === this.#told) return;
      this.#told = number;
      this.#tellPython("epoch", number);
    }, TELL_MS);
    this.#showSettled();
  }

  // ---- what is seen

  /** @param {string} style */
  #setStyle(style) {
    this.#style = style === "fixed" ? "fixed" : "own";
    this.repaint.move();
    this.list.paint(this.#style, this.#index);
  }

  /** Theme or size changed, or it is the first time. */
  #look() {
    this.repaint.rest();
    this.list.paint(this.#style, this.#index);
  }

  #showSettled() {
    const { repaint, list, player } = this;
    const awaits = repaint.isBusy || list.isBusy || this.#telling || player.isOn;
    showSettled(this.root, !awaits && this.#taken === this.#arrived);
  }

  #paint() {
    const { canvas } = this.large;
    const finest = Math.ceil((canvas.clientWidth * devicePixelRatio) / 10 / SIDE);
    const epoch = this.list.epochs[this.#index];
    if (epoch && finest) {
      const scale = this.repaint.moving ? Math.min(finest, SCALE_IN_MOTION) : finest;
      const images = unpackInk(epoch[this.#style], this.#images);
      this.large.paint(images, { scale, color: textColor(canvas) });
    }
  }

  // ---- files

  /**
   * @param {string} what
   * @param {(rows: Row[]) => Blob | Promise<Blob>} make
   */
  async #save(what, make) {
    this.said.textContent = "One moment…";
    // Two frames: the message is on the screen before the work begins.
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    const rows = this.list.epochs.map((epoch) => ({ number: epoch.number, digits: epoch[this.#style] }));
    const name = `${this.#sent?.name} ${what}`;
    download(await make(rows), name);
    this.said.textContent = `Saved ${name}`;
  }
}
