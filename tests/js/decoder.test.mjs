import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Decoder, affine } from "../../ui/shared/browser/decoder.js";
import { model } from "../../ui/shared/browser/models.js";
import component from "../../ui/shared/browser/weights.js";
import { assertClose, bytes, floats, golden } from "./golden.mjs";

const WASM = new URL("../../ui/shared/browser/affine.wasm", import.meta.url);
const KERNEL = readFileSync(WASM).toString("base64");
const models = golden("decoders");

// What the socket delivers is a view that begins anywhere.
function shifted(content) {
  const view = new Uint8Array(content.length + 3).subarray(3);
  view.set(content);
  return view;
}

const rowsOf = ({ styles, mixtures }) => styles.map((style, row) => [style, ...mixtures[row]]);

for (const code of [KERNEL, ""]) {
  const by = code ? "the kernel" : "JavaScript alone";

  for (const each of models) {
    test(`${each.name} decodes by ${by} as the engine does`, () => {
      const decoder = new Decoder(shifted(bytes(each.packed)), code);
      assert.equal(decoder.affine === affine, !code);
      assert.equal(decoder.header.model, each.hash);
      // More than two batches of rows, the last one not full.
      const images = decoder.decode(rowsOf(each));
      assertClose(images, floats(each.images), 1e-5);
    });
  }
}

test("a browser that cannot compile the kernel decodes without it", () => {
  const decoder = new Decoder(bytes(models[0].packed), "AGFzbQ==");
  assert.equal(decoder.affine, affine);
});

test("images go where they are wanted, and nowhere else", () => {
  const decoder = new Decoder(bytes(models[0].packed), KERNEL);
  const [row] = rowsOf(models[0]);
  const room = new Float32Array(3 * 784).fill(-1);
  assert.equal(decoder.decode([row, row], room), room);
  assert.deepEqual(room.subarray(0, 784), decoder.decode([row]));
  assert.deepEqual(room.subarray(784, 1568), decoder.decode([row]));
  assert.ok(room.subarray(1568).every((value) => value === -1));
});

test("rows that share a style object decode as equal styles do, and no style is remembered", () => {
  for (const { packed, styles } of models.slice(0, 5)) {
    const decoder = new Decoder(bytes(packed), KERNEL);
    const style = styles[0].slice();
    const decode = (each) => decoder.decode([[each(), 1, 1, 0], [each(), 2, 2, 0]]);
    assert.deepEqual(decode(() => style), decode(() => style.slice()));
    const before = decode(() => style);
    style.fill(3);
    assert.notDeepEqual(decode(() => style), before);
  }
});

test("the weights' component hands its decoder to whoever waits for the model", async () => {
  globalThis.HTMLElement = class {
    dataset = { kernel: KERNEL };
  };
  const parentElement = { querySelector: () => new globalThis.HTMLElement() };
  const [{ hash, packed }] = models;
  const waiting = model(hash).decoder;
  component({ data: "no weights", parentElement });
  component({ data: bytes(packed), parentElement });
  assert.equal((await waiting).header.model, hash);
  assert.equal(await model(hash).decoder, await waiting);
  assert.notEqual(model("another").decoder, waiting);
});
