import assert from "node:assert/strict";
import { test } from "node:test";

import { Decoder, affine } from "../../ui/shared/browser/decoder.js";
import { logistic } from "../../ui/shared/browser/network.js";
import { KERNEL, assertClose, file, floats, golden } from "./golden.mjs";

const models = golden("models").map((model) => ({ ...model, tensors: file(`${model.name}-decoder.safetensors`) }));

const rowsOf = ({ styles, mixtures }) => styles.map((style, row) => [style, ...mixtures[row]]);

for (const code of [KERNEL, null]) {
  const by = code ? "the kernel" : "JavaScript alone";

  for (const model of models) {
    // float16 weights, where a model is large, move a pixel by less than a shade of 255.
    const most = model.halves ? 1 / 255 : 1e-5;
    test(`${model.name} decodes by ${by} as the engine does`, () => {
      const decoder = new Decoder(model, model.tensors, code);
      assert.equal(decoder.affine === affine, !code);
      // More than two batches of rows, the last one not full.
      assertClose(decoder.decode(rowsOf(model)), floats(model.images), most);
    });
  }
}

test("a kernel that is another program is not used", async () => {
  const empty = await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  assert.equal(new Decoder(models[0], models[0].tensors, empty).affine, affine);
});

test("images go where they are wanted, and nowhere else", () => {
  const decoder = new Decoder(models[0], models[0].tensors, KERNEL);
  const [row] = rowsOf(models[0]);
  const room = new Float32Array(3 * 784).fill(-1);
  assert.equal(decoder.decode([row, row], room), room);
  assert.deepEqual(room.subarray(0, 784), decoder.decode([row]));
  assert.deepEqual(room.subarray(784, 1568), decoder.decode([row]));
  assert.ok(room.subarray(1568).every((value) => value === -1));
});

test("rows that share a style object decode as equal styles do, and no style is remembered", () => {
  for (const model of models.filter(({ name, activation }) => name === activation)) {
    const decoder = new Decoder(model, model.tensors, KERNEL);
    const style = model.styles[0].slice();
    const decode = (each) => decoder.decode([[each(), 1, 1, 0], [each(), 2, 2, 0]]);
    assert.deepEqual(decode(() => style), decode(() => style.slice()));
    const before = decode(() => style);
    style.fill(3);
    assert.notDeepEqual(decode(() => style), before);
  }
});

test("any digit dims are decoded, a blend of two among them", () => {
  for (const model of models.filter(({ name, activation }) => name === activation)) {
    const decoder = new Decoder(model, model.tensors, KERNEL);
    const [style] = model.styles;
    const dims = Array.from({ length: 10 }, (_, digit) => ({ 2: 0.25, 7: 0.75 })[digit] ?? 0);
    assertClose(decoder.mixed(style, dims), decoder.decode([[style, 7, 2, 0.25]]), 1e-5);
  }
});

test("the logistic function is exact to a millionth, and has an answer for anything", () => {
  for (let x = -20; x <= 20; x += 0.001) {
    assert.ok(Math.abs(logistic(x) - 1 / (1 + Math.exp(-x))) < 1e-6, `at ${x}`);
  }
  assert.deepEqual([-Infinity, -16, 16, Infinity, NaN].map(logistic), [0, 0, 1, 1, 0]);
});

test("the logits are those of the images that were decoded last", () => {
  const decoder = new Decoder(models[0], models[0].tensors, KERNEL);
  const rows = rowsOf(models[0]).slice(0, 3);
  const images = decoder.decode(rows);
  const shades = decoder.logits(2).map((logit) => 1 / (1 + Math.exp(-logit)));
  assertClose(shades, images.subarray(2 * 784, 3 * 784), 1e-6);
});
