// The desk: a digit is drawn, read, and written on as all ten, in one frame of the screen. Tells
// Python when the pen is lifted.

import { component, find, showSettled } from "../../shared/browser/component.js";
import { onColor } from "../../shared/browser/ink.js";
import { ON_ITS_WAY, decoderOf, readerOf, shareHere } from "../../shared/browser/loading.js";
import { Answerer, isAmong, isEqual, isFamiliar } from "./answer.js";
import { Evidence } from "./evidence.js";
import { Finder } from "./finder.js";
import { Follower } from "./follower.js";
import { Pad } from "./pad.js";
import { showParts } from "./parts.js";
import { Picture } from "./picture.js";
import { Samples, StyleRows } from "./posterior.js";
import { MOST_KEPT, packed, restore, store, unpacked } from "./store.js";
import { Taking } from "./taking.js";
import { Telling } from "./telling.js";
import { TenDigits } from "./ten_digits.js";
import { PROBLEMS } from "./words.js";

/**
 * @import { Call } from "../../shared/browser/component.js"
 * @import { Answer, Given } from "./answer.js"
 * @import { StyleDim } from "./posterior.js"
 *
 * @typedef {object} DeskData
 * @property {import("../../shared/browser/reader.js").Model} model
 * @property {string} name of the model
 * @property {StyleDim[]} awake
 * @property {StyleDim[]} asleep
 * @property {"Draw" | "Upload" | "Camera"} way
 * @property {import("./picture.js").PictureData | null} picture that was uploaded or taken
 * @property {string} note what the server has to say of a picture that it cannot read
 * @property {number | null} heard the turn of what the desk said last, as far as Python heard
 */

const REST_MS = 16; // the reading's frame is done by then, and has been shown for one more

export default component((/** @type {Call<DeskData>} */ call) => new Desk(call));

class Desk {
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rest;
  #toldByPython = "";
  #stale = true; // what need not follow the moving pen is to be shown anew
  /** @type {Follower | null} */
  #follower = null;
  /** @type {Answer | null} */
  #answer = null;
  /** @type {Given | null} */
  #given = null;
  /** @type {Given[]} */
  #kept = [];
  /** @type {Finder} */
  #finder = new Finder((example) => this.pad.under(example));
  #weights = "";
  /** @type {Telling<import("./telling.js").Said>} */
  #telling = new Telling((said) => this.call.setStateValue("desk", said));

  /** @param {Call<DeskData>} call */
  constructor(call) {
    const root = find(call.parentElement, ".desk", HTMLElement);
    this.root = root;
    this.call = call;
    const stored = restore();
    this.#kept = stored.kept.map(({ image, told }) => ({ image: unpacked(image), told }));
    this.picture = new Picture(root, () => this.#changed());
    this.partsRow = find(root, ".parts", HTMLElement);
    this.below = find(root, ".below", HTMLElement);
    this.pad = new Pad(find(root, ".pad", HTMLElement), stored, {
      moved: () => this.#invalidate(),
      changed: () => this.#changed(),
      follow: (before, after) => this.#finder.follow(before, after),
    });
    this.evidence = new Evidence(root, (digit) => this.#tell(digit));
    this.digits = new TenDigits(root, {
      keep: () => this.#keep(),
      drop: (place) => this.#drop(place),
    });
    this.samples = new Samples(root, () => this.#settle());
    this.rows = new StyleRows(root, call.data.awake, call.data.asleep.length);
    this.taking = new Taking(root, () => this.#taken(), (text) => this.#explore(text));
    const look = () => {
      this.pad.look();
      this.evidence.look();
      this.digits.look();
      this.#settle();
    };
    onColor(root, look);
    this.sizes = new ResizeObserver(look);
    // Not the whole desk, whose height follows what it shows.
    for (const each of [this.pad.canvas, this.digits.row]) this.sizes.observe(each);
    root.inert = false; // from now on it can be drawn on
  }

  /** Python has spoken, or the theme has changed. */
  update(/** @type {Call<DeskData>} */ call) {
    this.call = call;
    const { data } = call;
    const isNews = this.picture.take(data.picture, this.#telling.heard(data.heard));
    const told = JSON.stringify({ ...data, heard: null });
    if (told === this.#toldByPython && !isNews) return;
    this.#toldByPython = told;
    if (this.#weights !== data.model.weights.reader) this.#load(data);
    this.pad.root.hidden = data.way !== "Draw";
    this.evidence.greet(data.way);
    this.#settle();
  }

  dispose() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.sizes.disconnect();
    this.pad.dispose();
    this.digits.kept.remove(); // or Chromium keeps it, and all around it, where a button in it went
    this.#telling.stop();
    this.#follower?.stop();
  }

  async #load(/** @type {DeskData} */ data) {
    this.#weights = data.model.weights.reader;
    // What the last model said is not this one's: nobody is to save it under this name.
    this.#follower?.stop();
    [this.#follower, this.#answer] = [null, null];
    this.below.hidden = true;
    this.rows = new StyleRows(this.root, data.awake, data.asleep.length);
    const news = () => this.#settle();
    const networks = await Promise.all([readerOf(data.model, news), decoderOf(data.model, news)]);
    if (this.#weights !== data.model.weights.reader) return; // another model was chosen meanwhile
    this.#follower = new Follower(new Answerer(...networks), data.model, () => this.#invalidate());
    this.#telling.hasNews = true;
    this.#settle();
  }

  #changed() {
    this.#store();
    this.#telling.hasNews = true;
    this.#settle();
    // The next frame is some way off, and finds the answer ready.
    const found = this.#isPicture() || this.pad.isDown() ? null : this.#find();
    if (found instanceof Object) this.#follower?.rest(found, this.#hand());
  }

  #store() {
    store({ ...this.pad.drawing, kept: this.#kept.map(({ image, told }) => ({ image: packed(image), told })) });
  }

  #tell(/** @type {number | null} */ told) {
    if (this.#isPicture()) this.picture.tell(told);
    else this.pad.say(this.pad.drawing.part, told);
    const found = this.#find();
    if (found instanceof Object) this.#kept = this.#kept.map((each) => (isEqual(each.image, found.image) ? found : each));
    this.#changed();
  }

  #keep() {
    if (!this.#given || this.#kept.length >= MOST_KEPT) return;
    this.#kept = [...this.#kept, this.#given];
    const next = this.#isPicture() ? -1 : this.#finder.next(this.pad.drawing, (each) => isAmong(each, this.#kept));
    if (next >= 0) this.pad.say(next, this.#finder.turnTo(this.pad.drawing, next));
    if (next >= 0 || this.#isPicture()) this.#changed();
    else this.pad.clear();
  }

  #drop(/** @type {number} */ place) {
    this.#kept = this.#kept.filter((_, at) => at !== place);
    this.#changed();
  }

  #taken() {
    const { name, awake, asleep, way } = this.call.data;
    const dims = [...awake, ...asleep];
    return this.#answer && { answer: this.#answer, given: this.#given, source: way, name, dims };
  }

  #explore(/** @type {string} */ text) {
    if (!this.#answer) return;
    const { digits, style } = this.#answer;
    this.call.setTriggerValue("explore", { style: Array.from(style.mean), digit: digits.at(-1) ?? 0, text });
  }

  /** Not the drawing is read, which is out of sight then, but a picture, where there is one yet. */
  #isPicture() {
    return this.call.data.way !== "Draw";
  }

  /** The digits beside the one that is read that tell of the same hand. */
  #hand() {
    return this.#isPicture() ? this.picture.handWith(this.#kept) : this.#kept;
  }

  #settle() {
    this.#stale = true;
    this.#invalidate();
  }

  #invalidate() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      // The page has been left; without style there is no colour.
      if (this.root.isConnected) this.#show();
    });
    clearTimeout(this.#rest); // or what is asked for now would pass for shown
    showSettled(this.root, false);
  }

  #show() {
    const note = this.call.data.way === "Draw" ? "" : this.call.data.note;
    const found = note ? null : this.#find();
    this.#given = found instanceof Object ? found : null;
    const isDown = this.pad.isDown();
    if (!this.#follower) {
      const { reader, decoder } = this.call.data.model.weights;
      const said = note || (found === null ? "" : ON_ITS_WAY);
      this.evidence.showNothing(said, false, note ? "" : shareHere(reader, decoder));
    } else {
      const [given, hand] = [this.#given, this.#hand()];
      const answer = given && isDown ? this.#follower.follow(given, hand) : this.#follower.rest(given, hand);
      this.#answer = answer;
      if (given && answer) this.evidence.show(answer, !isDown, !(this.#isPicture() && this.picture.isNumber));
      else if (!given) {
        // The first dot of a stroke is a speck; to say so while the pen is down is to nag.
        const problem = typeof found === "string" && !isDown ? PROBLEMS[found] : "";
        const isKept = this.#kept.length > 0 && !this.#isPicture();
        this.evidence.showNothing(note || problem, isKept);
      }
      if (answer) this.#showDigits(answer, isDown || this.#stale);
    }
    this.picture.show(this.#follower?.own ?? null, this.#answer);
    this.#showParts();
    // From when this frame is done, which may take long: the next stroke is not to wait for it.
    const rest = () => (this.#rest = setTimeout(() => this.#showRest(), REST_MS));
    if (this.#stale && !isDown) this.#rest = setTimeout(rest);
    this.#showSettled();
  }

  /** Coarsely until all has come to rest: the reading is sooner on the screen. */
  #showDigits(/** @type {Answer} */ answer, /** @type {boolean} */ moving) {
    const digit = answer.given?.told ?? (isFamiliar(answer.score) ? answer.reading?.digit : null);
    this.digits.show(answer, digit ?? null, moving);
  }

  #showSettled() {
    const isShown = !this.#frame && (!this.#stale || this.pad.isDown());
    showSettled(this.root, isShown && this.#follower?.isAsked === false && this.picture.isAnswered);
  }

  /** What need not follow the moving pen: once the reading is on the screen. */
  #showRest() {
    const [follower, answer] = [this.#follower, this.#answer];
    if (!follower || !answer || !this.root.isConnected) return;
    this.#stale = false;
    this.#showDigits(answer, false);
    const canKeep = this.#given !== null && !isAmong(this.#given.image, this.#kept);
    const kept = this.#kept.map((each) => each.told ?? follower.own.read(each).digit);
    this.digits.showKept(this.#kept, kept, { canKeep, several: answer.digits.length > 1 });
    this.below.hidden = !answer.digits.length;
    this.samples.show(answer.reading, this.#given?.told ?? null, follower.own.decoder);
    this.rows.show(answer.style);
    this.taking.show(answer.reading !== null);
    if (this.#telling.hasNews) this.#tellPython();
    this.#showSettled();
  }

  /**
   * The digit that is read; or why there is none.
   * @returns {Given | keyof typeof PROBLEMS | null}
   */
  #find() {
    return this.#isPicture() ? this.picture.given : this.#findDrawn();
  }

  /** @returns {Given | keyof typeof PROBLEMS | null} */
  #findDrawn() {
    if (this.pad.isBlank()) return null;
    const drawing = this.#finder.follow(this.pad.drawing, this.pad.shown());
    const image = this.#finder.find(drawing);
    return typeof image === "string" ? image : { image, told: drawing.told };
  }

  /** Which of the digits that stand apart is read. */
  #showParts() {
    const { parts, part } = this.#finder;
    const several = !this.#isPicture() && !this.pad.isBlank() && (parts > 1 || part < 0);
    showParts(this.partsRow, several, parts, part, (other) => {
      this.pad.say(other, this.#finder.turnTo(this.pad.drawing, other));
      this.#changed();
    });
  }

  /** Other pages look at what is drawn here too. */
  #tellPython() {
    const found = this.#findDrawn();
    const drawn = found instanceof Object ? found : null;
    const read = this.#given ?? drawn; // the drawing is what they look at while a picture is awaited
    const told = read && read.told !== null ? { image: packed(read.image), digit: read.told } : null;
    this.#telling.tell({ v: 1, image: drawn && packed(drawn.image), told, edit: this.picture.edit });
  }
}
