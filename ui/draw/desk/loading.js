// A model's weights, fetched once for each page view, and again where that fails.

import { Decoder } from "../../shared/browser/decoder.js";
import { Reader } from "../../shared/browser/reader.js";
import { tensors } from "../../shared/browser/safetensors.js";
import { Answerer } from "./answer.js";

/** @import { Model } from "../../shared/browser/reader.js" */

const AGAIN_MS = [1000, 30_000]; // without weights: asked for again, doubling up to the second

/** @type {Map<string, Promise<Answerer>>} */
const loaded = new Map();

/**
 * The model behind these weights; whoever asks again gets the same one. Never fails: a server that
 * is away comes back.
 * @param {Model} model
 * @param {() => void} late called back each time that it takes one more try
 */
export function load(model, late) {
  const known = loaded.get(model.weights.reader) ?? fetched(model, late);
  loaded.set(model.weights.reader, known);
  return known;
}

/** @param {Model} model @param {() => void} late */
async function fetched(model, late) {
  for (let wait = AGAIN_MS[0]; ; wait = Math.min(2 * wait, AGAIN_MS[1])) {
    try {
      const [reader, decoder] = await Promise.all(
        [model.weights.reader, model.weights.decoder].map(part),
      );
      return new Answerer(new Reader(model, reader), await Decoder.of(model, decoder));
    } catch {
      late();
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** @param {string} address from the app's root */
async function part(address) {
  const answer = await fetch(new URL(address, document.baseURI));
  if (!answer.ok) throw new Error(`the server says ${answer.status}`);
  return tensors(await answer.arrayBuffer());
}
