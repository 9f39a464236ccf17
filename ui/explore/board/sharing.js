// What leaves the board: the address, links and files.

import { append, find } from "../../shared/browser/component.js";
import { download } from "../../shared/browser/files.js";
import { addressOf } from "./address.js";
import { fileName, makeFile, sizeOf } from "./saving.js";

/** @import { Painter } from "./painting.js" */
/** @import { Kind } from "./saving.js" */
/** @import { BoardData } from "./state.js" */

const SIZES = [1, 2, 4, 8, 16];
const SIZE = 8;

export class Sharing {
  /**
   * @param {HTMLElement} root
   * @param {BoardData} data
   * @param {Painter} painter
   */
  constructor(root, data, painter) {
    this.data = data;
    this.painter = painter;
    this.editor = painter.editor;
    this.kind = find(root, "#what", HTMLSelectElement);
    this.size = find(root, "#size", HTMLSelectElement);
    this.said = find(root, ".said", HTMLElement);
    for (const size of SIZES) append(this.size, "option", { value: `${size}`, textContent: `${size}×` });
    this.size.value = `${SIZE}`;
    find(root, ".download", HTMLElement).onclick = () => this.save();
    find(root, ".link", HTMLElement).onclick = () => this.copyLink();
  }

  /** Another model with the same weights may be shown by now: the board stays. @param {BoardData} data */
  update(data) {
    const isSame = data.run === this.data.run && data.modelName === this.data.modelName;
    this.data = data;
    if (!isSame) this.showAddress();
  }

  async save() {
    const { decoder, images, awake, lineWidth } = this.painter;
    const { state } = this.editor;
    const kind = /** @type {Kind} */ (this.kind.value);
    const name = fileName(kind, state);
    if (!name) return this.#say("Write a number first.");
    if (!decoder) return;
    const asked = Number(this.size.value);
    const size = sizeOf(kind, asked);
    download(await makeFile(kind, size, { decoder, state, awake, images, lineWidth }), name);
    this.#say(`Saved ${name}${size < asked ? ` at ${size}×, as large as a walk can be` : ""}`);
  }

  showAddress() {
    const { href } = addressOf(this.editor.passing, this.data);
    if (href !== location.href) history.replaceState(history.state, "", href);
  }

  async copyLink() {
    this.editor.settle();
    const url = addressOf(this.editor.state, this.data);
    url.searchParams.set("model", this.data.modelName);
    url.searchParams.set("weights", this.data.link);
    try {
      await navigator.clipboard.writeText(url.href);
      this.#say("Link copied: it opens exactly this.");
    } catch {
      // There is no clipboard in another page's frame, nor without a secure connection.
      if (window !== window.top) return this.#offer(url.href);
      history.replaceState(history.state, "", url.href);
      this.#say("Copy the address from the address bar: it opens exactly this.");
    }
  }

  /** @param {string} href for where the address bar is another page's */
  #offer(href) {
    this.#say("");
    append(this.said, "a", { href, target: "_blank", textContent: "Open this in a tab of its own" });
  }

  /** @param {string} text */
  #say(text) {
    this.said.textContent = text;
  }
}
