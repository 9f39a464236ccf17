import { find, prefersReducedMotion } from "../../shared/browser/component.js";

export const REST_STEPS = 6; // for which the film stays on the newest epoch

const STEP_MS = 1000 / 6;
const CALM_STEP_MS = 1000; // where motion is to be reduced
const SIGNS = { Play: "M4 2.5v11l9.5-5.5z", Pause: "M4 2.5h3v11h-3zM9 2.5h3v11h-3z" };

/** The button that plays the film of the epochs, over and over. */
export class Player {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #playing;

  /**
   * @param {HTMLButtonElement} button
   * @param {{isLast: () => boolean, next: () => void, first: () => void, stopped: () => void}} film
   */
  constructor(button, film) {
    this.button = button;
    this.film = film;
    button.onclick = () => (this.isOn ? this.stop() : this.play());
    this.#show();
  }

  get isOn() {
    return this.#playing !== undefined;
  }

  play() {
    const { film } = this;
    const calm = prefersReducedMotion();
    let rested = 0;
    if (film.isLast()) film.first();
    const step = () => {
      if (document.hidden) return;
      if (!film.isLast()) return film.next();
      rested = (rested + 1) % (calm ? 1 : REST_STEPS);
      if (!rested) film.first();
    };
    this.#playing = setInterval(step, calm ? CALM_STEP_MS : STEP_MS);
    this.#show();
  }

  stop() {
    if (!this.isOn) return;
    this.halt();
    this.#show();
    this.film.stopped();
  }

  /** Without a word: the board goes. */
  halt() {
    clearInterval(this.#playing);
    this.#playing = undefined;
  }

  #show() {
    const label = this.isOn ? "Pause" : "Play";
    this.button.ariaLabel = this.button.title = label;
    find(this.button, "path", SVGPathElement).setAttribute("d", SIGNS[label]);
  }
}
