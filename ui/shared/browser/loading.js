// A model's networks, fetched once for each page view, and again where that fails.

import { Decoder } from "./decoder.js";
import { kernelCode } from "./kernel.js";
import { Reader } from "./reader.js";
import { tensors } from "./safetensors.js";

/**
 * @import { Model } from "./reader.js"
 * @import { Tensor } from "./safetensors.js"
 */

/** What is said while one waits for them. */
export const ON_ITS_WAY = "The model is on its way …";

const AGAIN_MS = [1000, 30_000]; // without weights: asked for again, doubling up to the second

/**
 * What was asked for, by the address of its weights.
 * @type {Map<string, Promise<any>>}
 */
export const loaded = new Map();

/**
 * What writes digits. Never fails: a server that is away comes back.
 * @param {Model} model
 * @param {() => void} [late] called back each time that it takes one more try
 * @returns {Promise<Decoder>}
 */
export function decoderOf(model, late) {
  return once(model.weights.decoder, late, (tensors, code) => new Decoder(model, tensors, code));
}

/**
 * What reads digits, likewise.
 * @param {Model} model
 * @param {() => void} [late]
 * @returns {Promise<Reader>}
 */
export function readerOf(model, late) {
  return once(model.weights.reader, late, (tensors, code) => new Reader(model, tensors, code));
}

/**
 * @template Network
 * @param {string} address of its weights
 * @param {(() => void) | undefined} late
 * @param {(weights: Map<string, Tensor>, code: WebAssembly.Module | null) => Network} make
 * @returns {Promise<Network>}
 */
function once(address, late, make) {
  const known = loaded.get(address) ?? patiently(address, late, make);
  loaded.set(address, known);
  return known;
}

/**
 * @template Network
 * @param {string} address
 * @param {(() => void) | undefined} late
 * @param {(weights: Map<string, Tensor>, code: WebAssembly.Module | null) => Network} make
 * @returns {Promise<Network>}
 */
async function patiently(address, late, make) {
  for (let wait = AGAIN_MS[0]; ; wait = Math.min(2 * wait, AGAIN_MS[1])) {
    try {
      return make(...(await Promise.all([fetched(address), kernelCode()])));
    } catch {
      late?.();
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** @param {string} address from the app's root; a whole one in a thread, which knows of no page */
async function fetched(address) {
  const answer = await fetch(new URL(address, globalThis.document?.baseURI));
  if (!answer.ok) throw new Error(`the server says ${answer.status}`);
  return tensors(await answer.arrayBuffer());
}
