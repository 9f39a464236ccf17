// Decoders by the hash of their weights, for two components: whichever asks first makes the promise,
// the one with the weights keeps it. Each component has a script of its own, so they meet globally.

/** @import { Decoder } from "./decoder.js" */
/** @typedef {{decoder: Promise<Decoder>, resolve: (decoder: Decoder) => void}} Model */

/**
 * @param {string} hash
 * @returns {Model}
 */
export function model(hash) {
  const page = /** @type {{styleBoardModels?: Map<string, Model>}} */ (globalThis);
  const models = (page.styleBoardModels ??= new Map());
  let entry = models.get(hash);
  if (!entry) {
    /** @type {Model["resolve"]} */
    let resolve = () => {};
    entry = { decoder: new Promise((keep) => (resolve = keep)), resolve };
    models.set(hash, entry);
  }
  return entry;
}
