import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { decoderOf, readerOf } from "../../ui/shared/browser/loading.js";
import { golden } from "./golden.mjs";

const [model] = golden("models");
const answers = new Map();
const asked = [];

globalThis.document = { baseURI: "http://host/demo/draw" };
// At once: waiting is what is tested, not the time it takes.
globalThis.setTimeout = (act) => queueMicrotask(act);
globalThis.fetch = async (address) => {
  asked.push(String(address));
  const [first, ...later] = answers.get(String(address).split("/").at(-1)) ?? [];
  if (later.length) answers.set(String(address).split("/").at(-1), later);
  if (first === undefined) throw new TypeError("the network is away");
  return first;
};

const content = (part) => {
  const bytes = new Uint8Array(readFileSync(`${process.env.GOLDEN}/${model.name}-${part}.safetensors`));
  return { ok: true, arrayBuffer: async () => bytes.buffer };
};

test("weights are asked for below the app's own address until they come, and then no more", async () => {
  const html = { ok: true, arrayBuffer: async () => new TextEncoder().encode("<html> of a gateway").buffer };
  answers.set("reader.safetensors", [{ ok: false, status: 502 }, html, content("reader")]);
  let late = 0;
  const wanted = [readerOf(model, () => (late += 1)), readerOf(model)];
  const [reader, same] = await Promise.all(wanted);
  assert.equal(reader, same);
  assert.equal(late, 2);
  const address = `http://host/demo/${model.weights.reader}`;
  assert.deepEqual(asked.filter((each) => !each.endsWith(".wasm")), [address, address, address]);
  assert.equal(reader.read(new Float32Array(784)).probs.length, 10);
});

test("without the kernel networks compute by JavaScript", async () => {
  answers.set("decoder.safetensors", [content("decoder")]);
  const decoder = await decoderOf(model);
  assert.equal(decoder.decode([[new Array(model.zDim).fill(0), 3, 3, 0]]).length, 784);
});
