const REST_MS = 120; // without a change: time for finer ink

/** When something is painted: once a frame, coarse while it moves and fine once it has come to rest. */
export class Repaint {
  moving = false;
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resting;

  /**
   * @param {() => void} paint
   * @param {() => void} changed is called when `isBusy` may have
   */
  constructor(paint, changed) {
    this.paint = paint;
    this.changed = changed;
  }

  /** Whether something is yet to be painted, or painted finer. */
  get isBusy() {
    return this.#frame !== 0 || this.#resting !== undefined;
  }

  soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.paint();
      this.changed();
    });
    this.changed();
  }

  move() {
    this.moving = true;
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.rest(), REST_MS);
    this.soon();
  }

  rest() {
    this.moving = false;
    clearTimeout(this.#resting);
    this.#resting = undefined;
    this.soon();
  }

  stop() {
    clearTimeout(this.#resting);
    cancelAnimationFrame(this.#frame);
  }
}
