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
 * Bytes of weights that are here, and of all of them, 0 where the server does not say.
 * @type {Map<string, { here: number, all: number }>}
 */
const arriving = new Map();

/**
 * Whom to tell of news of weights: who asked last for them.
 * @type {Map<string, () => void>}
 */
const waiting = new Map();

/**
 * How much of these weights is here: " 43 %", or nothing where that is not known.
 * @param {string[]} addresses
 */
export function shareHere(...addresses) {
  const files = addresses.flatMap((address) => arriving.get(address) ?? []);
  if (files.length < addresses.length || files.some(({ all }) => !all)) return "";
  const sum = (/** @type {"here" | "all"} */ name) => files.reduce((total, each) => total + each[name], 0);
  return ` ${Math.floor((100 * sum("here")) / sum("all"))} %`;
}

/**
 * What writes digits. Never fails: a server that is away comes back.
 * @param {Model} model
 * @param {() => void} [news] called back with each part of it that comes, and before one more try
 * @returns {Promise<Decoder>}
 */
export function decoderOf(model, news) {
  return once(model.weights.decoder, news, (tensors, code) => new Decoder(model, tensors, code));
}

/**
 * What reads digits, likewise.
 * @param {Model} model
 * @param {() => void} [news]
 * @returns {Promise<Reader>}
 */
export function readerOf(model, news) {
  return once(model.weights.reader, news, (tensors, code) => new Reader(model, tensors, code));
}

/**
 * @template Network
 * @param {string} address of its weights
 * @param {(() => void) | undefined} news
 * @param {(weights: Map<string, Tensor>, code: WebAssembly.Module | null) => Network} make
 * @returns {Promise<Network>}
 */
function once(address, news, make) {
  if (news) waiting.set(address, news);
  const known = loaded.get(address) ?? patiently(address, make);
  loaded.set(address, known);
  known.then(() => waiting.delete(address));
  return known;
}

/**
 * @template Network
 * @param {string} address
 * @param {(weights: Map<string, Tensor>, code: WebAssembly.Module | null) => Network} make
 * @returns {Promise<Network>}
 */
async function patiently(address, make) {
  for (let wait = AGAIN_MS[0]; ; wait = Math.min(2 * wait, AGAIN_MS[1])) {
    try {
      return make(...(await Promise.all([fetched(address), kernelCode()])));
    } catch {
      waiting.get(address)?.();
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** @param {string} address from the app's root; a whole one in a thread, which knows of no page */
async function fetched(address) {
  const answer = await fetch(new URL(address, globalThis.document?.baseURI));
  if (!answer.ok || !answer.body) throw new Error(`the server says ${answer.status}`);
  // What a proxy compressed is of another length.
  const isWhole = (answer.headers.get("content-encoding") ?? "identity") === "identity";
  const all = isWhole ? Number(answer.headers.get("content-length")) : 0;
  const count = { here: 0, all };
  arriving.set(address, count);
  const counted = new TransformStream({
    transform(/** @type {Uint8Array} */ part, rest) {
      count.here += part.length;
      waiting.get(address)?.();
      rest.enqueue(part);
    },
  });
  return tensors(await new Response(answer.body.pipeThrough(counted)).arrayBuffer());
}
