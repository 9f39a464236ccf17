// A model's networks, fetched once for each page view, and again where that fails.

import { Decoder } from "./decoder.js";
import { kernelCode } from "./kernel.js";
import { Reader } from "./reader.js";
import { tensors } from "./safetensors.js";

/** @import { Model } from "./reader.js" */

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
  const { decoder } = model.weights;
  return once(decoder, late, async () => Decoder.of(model, await fetched(decoder)));
}

/**
 * What reads digits, likewise.
 * @param {Model} model
 * @param {() => void} [late]
 * @returns {Promise<Reader>}
 */
export function readerOf(model, late) {
  const { reader } = model.weights;
  return once(reader, late, async () => {
    const [tensors, code] = await Promise.all([fetched(reader), kernelCode()]);
    return new Reader(model, tensors, code);
  });
}

/**
 * @template Network
 * @param {string} address
 * @param {(() => void) | undefined} late
 * @param {() => Promise<Network>} make
 */
function once(address, late, make) {
  const known = loaded.get(address) ?? patiently(make, late);
  loaded.set(address, known);
  return known;
}

/**
 * @template Network
 * @param {() => Promise<Network>} make
 * @param {() => void} [late]
 * @returns {Promise<Network>}
 */
async function patiently(make, late) {
  for (let wait = AGAIN_MS[0]; ; wait = Math.min(2 * wait, AGAIN_MS[1])) {
    try {
      return await make();
    } catch {
      late?.();
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** @param {string} address from the app's root */
async function fetched(address) {
  const answer = await fetch(new URL(address, document.baseURI));
  if (!answer.ok) throw new Error(`the server says ${answer.status}`);
  return tensors(await answer.arrayBuffer());
}
