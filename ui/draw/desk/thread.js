// The thread that answers the desk: first it is given a model, then one question after another.

import { decoderOf, readerOf } from "../../shared/browser/loading.js";
import { Answerer } from "./answer.js";

/**
 * @import { Model } from "../../shared/browser/reader.js"
 * @import { Given } from "./answer.js"
 */

/** @type {Answerer} */
let answerer;
/** @type {Given[]} */
let known = [];

/** @param {MessageEvent<{ model: Model } & { given: Given, hand: Given[] | null }>} event */
async function hear({ data: { model, given, hand } }) {
  if (model) {
    answerer = new Answerer(...(await Promise.all([readerOf(model), decoderOf(model)])));
    postMessage(null);
    return;
  }
  known = hand ?? known; // the same list as before is not sent again
  postMessage(answerer.answer(given, known));
}

globalThis.onmessage = hear;

export default hear;
