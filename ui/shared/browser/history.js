const STEPS = 200;

/**
 * What was, is and will be again: undo and redo. The values are never changed in place.
 * @template Value
 */
export class History {
  /** @type {Value[]} */
  #future = [];
  #past;

  /**
   * @param {Value} now
   * @param {Value[]} past the oldest first
   */
  constructor(now, past = []) {
    this.now = now;
    this.#past = past;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** @param {Value} next */
  put(next) {
    this.#past = [...this.#past, this.now].slice(-STEPS);
    this.#future = [];
    this.now = next;
  }

  /** Whether there was something to go back to. */
  undo() {
    return this.#travel(this.#past, this.#future);
  }

  redo() {
    return this.#travel(this.#future, this.#past);
  }

  /**
   * @param {Value[]} from
   * @param {Value[]} to
   */
  #travel(from, to) {
    if (!from.length) return false;
    to.push(this.now);
    this.now = /** @type {Value} */ (from.pop());
    return true;
  }
}

/**
 * What Ctrl or ⌘ with Z, and with Shift too, asks for. Where the letters are not Latin ones the key
 * counts that is Z where they are; where they are, it may be another letter's.
 * @param {KeyboardEvent} event
 * @returns {"undo" | "redo" | null}
 */
export function undoShortcut({ ctrlKey, metaKey, shiftKey, key, code }) {
  const isZ = /[a-z]/i.test(key) ? key.toLowerCase() === "z" : code === "KeyZ";
  if (!(ctrlKey || metaKey) || !isZ) return null;
  return shiftKey ? "redo" : "undo";
}
