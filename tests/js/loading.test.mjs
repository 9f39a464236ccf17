import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { decoderOf, loaded, readerOf, shareHere } from "../../ui/shared/browser/loading.js";
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

const bytes = (part) => new Uint8Array(readFileSync(`${process.env.GOLDEN}/${model.name}-${part}.safetensors`));
const content = (part) => new Response(bytes(part));

test("weights are asked for below the app's own address until they come, and then no more", async () => {
  const gateway = new Response("", { status: 502 });
  answers.set("reader.safetensors", [gateway, new Response("<html> of a gateway"), content("reader")]);
  const wanted = [readerOf(model), readerOf(model)];
  const [reader, same] = await Promise.all(wanted);
  assert.equal(reader, same);
  const address = `http://host/demo/${model.weights.reader}`;
  assert.deepEqual(asked.filter((each) => !each.endsWith(".wasm")), [address, address, address]);
  assert.equal(reader.read(new Float32Array(784)).probs.length, 10);
});

test("without the kernel networks compute by JavaScript", async () => {
  answers.set("decoder.safetensors", [content("decoder")]);
  const decoder = await decoderOf(model);
  assert.equal(decoder.decode([[new Array(model.zDim).fill(0), 3, 3, 0]]).length, 784);
});

test("how much of a model is here is told to who asked last, with each part that comes", async () => {
  const all = bytes("decoder");
  const halves = [all.slice(0, all.length / 2), all.slice(all.length / 2)];
  const { decoder, reader } = model.weights;
  const shares = async (headers) => {
    loaded.clear();
    answers.set("decoder.safetensors", [new Response(ReadableStream.from(halves), { headers })]);
    const told = [];
    decoderOf(model, () => assert.fail("a page that was left"));
    await decoderOf(model, () => told.push(shareHere(decoder)));
    return told;
  };
  const length = { "content-encoding": "identity", "content-length": `${all.length}` };
  assert.deepEqual(await shares({}), ["", ""]);
  assert.deepEqual(await shares({ ...length, "content-encoding": "gzip" }), ["", ""]);
  assert.deepEqual(await shares(length), [" 50 %", " 100 %"]);
  assert.equal(shareHere(decoder, "of what nothing is here yet"), "");
  loaded.clear();
  const rest = bytes("reader");
  answers.set("reader.safetensors", [new Response(rest, { headers: { "content-length": `${rest.length}` } })]);
  await readerOf(model);
  assert.equal(shareHere(decoder, reader), " 100 %");
});
