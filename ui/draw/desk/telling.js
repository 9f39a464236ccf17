// Tells Python something until it has heard it: what is said while the connection is cut, nobody
// hears, and a server that takes over has heard nothing.

/**
 * @typedef {object} Said what the desk says, as ui/draw/desk/__init__.py has it
 * @property {1} v
 * @property {string | null} image that is drawn
 * @property {{ image: string, digit: number } | null} told which digit the one that is read is
 * @property {import("./picture.js").Edit | null} edit
 */

const AGAIN_MS = [2000, 8000]; // without an answer: said again, doubling up to the second

/** @template Content */
export class Telling {
  #turn = Date.now();
  #wait = AGAIN_MS[0];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Content | undefined} what was told last */
  #content;
  hasNews = false; // that wait to be told

  /** @param {(content: Content & { turn: number }) => void} say */
  constructor(say) {
    this.say = say;
  }

  /** @param {Content} content */
  tell(content) {
    this.#content = content;
    this.hasNews = false;
    this.#turn += 1;
    this.#wait = AGAIN_MS[0];
    this.#say();
  }

  /**
   * @param {number | null} turn that Python heard last
   * @returns whether it knows all that there is to tell
   */
  heard(turn) {
    const isLast = turn === this.#turn;
    if (isLast) this.stop();
    else if (this.#content !== undefined && this.#timer === undefined) this.#say();
    return isLast && !this.hasNews;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #say() {
    this.stop();
    if (this.#content === undefined) return;
    this.#timer = setTimeout(() => this.#say(), this.#wait);
    this.#wait = Math.min(2 * this.#wait, AGAIN_MS[1]);
    this.say({ ...this.#content, turn: this.#turn });
  }
}
