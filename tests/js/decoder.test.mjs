import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { assertClose, bytes, floats, golden } from "./golden.mjs";
import { load } from "./load.mjs";

const WASM = new URL("../../ui/shared/browser/affine.wasm", import.meta.url);
const KERNEL = readFileSync(WASM).toString("base64");
const SCRIPTS = ["shared/browser/constants.js", "shared/browser/decoder.js"];
const models = golden("decoders");

// What the socket delivers is a view that begins anywhere.
function shifted(content) {
  const view = new Uint8Array(content.length + 3).subarray(3);
  view.set(content);
  return view;
}

const rowsOf = ({ styles, mixtures }) => styles.map((style, row) => [style, ...mixtures[row]]);
const { Decoder } = await load(SCRIPTS, ["Decoder"], { KERNEL });

for (const code of [KERNEL, ""]) {
  const { Decoder, affine } = await load(SCRIPTS, ["Decoder", "affine"], { KERNEL: code });
  const by = code ? "the kernel" : "JavaScript alone";

  for (const model of models) {
    test(`${model.name} decodes by ${by} as the engine does`, () => {
      const decoder = new Decoder(shifted(bytes(model.packed)));
      assert.equal(decoder.affine === affine, !code);
      assert.equal(decoder.header.model, model.hash);
      // More than two batches of rows, the last one not full.
      const images = decoder.decode(rowsOf(model));
      assertClose(images, floats(model.images), 1e-5);
    });
  }
}

test("a browser that cannot compile the kernel decodes without it", async () => {
  const { Decoder, affine } = await load(SCRIPTS, ["Decoder", "affine"], { KERNEL: "AGFzbQ==" });
  const decoder = new Decoder(bytes(models[0].packed));
  assert.equal(decoder.affine, affine);
});

test("images go where they are wanted, and nowhere else", () => {
  const decoder = new Decoder(bytes(models[0].packed));
  const [row] = rowsOf(models[0]);
  const room = new Float32Array(3 * 784).fill(-1);
  assert.equal(decoder.decode([row, row], room), room);
  assert.deepEqual(room.subarray(0, 784), decoder.decode([row]));
  assert.deepEqual(room.subarray(784, 1568), decoder.decode([row]));
  assert.ok(room.subarray(1568).every((value) => value === -1));
});

test("rows that share a style object decode as equal styles do, and no style is remembered", () => {
  for (const model of models.slice(0, 5)) {
    const decoder = new Decoder(bytes(model.packed));
    const style = model.styles[0].slice();
    const decode = (each) => decoder.decode([[each(), 1, 1, 0], [each(), 2, 2, 0]]);
    assert.deepEqual(decode(() => style), decode(() => style.slice()));
    const before = decode(() => style);
    style.fill(3);
    assert.notDeepEqual(decode(() => style), before);
  }
});

test("the weights' component hands its decoder to whoever waits for the model", async () => {
  const scripts = ["constants", "models", "decoder", "weights"].map((n) => `shared/browser/${n}.js`);
  const { component, model } = await load(scripts, ["component", "model"], { KERNEL });
  const [{ hash, packed }] = models;
  const waiting = model(hash).decoder;
  component({ data: "no weights" });
  component({ data: bytes(packed) });
  assert.equal((await waiting).header.model, hash);
  assert.equal(await model(hash).decoder, await waiting);
  assert.notEqual(model("another").decoder, waiting);
});
