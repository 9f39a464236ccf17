import assert from "node:assert/strict";
import { test } from "node:test";

import { unpackInk } from "../../ui/shared/browser/packed.js";
import { isSame, unpack } from "../../ui/train/epochs/packed.js";
import { assertClose, bytes, floats, golden } from "./golden.mjs";

const { packed, ink } = golden("epochs");

test("what Python packed arrives, to half a level of ink", async () => {
  const sent = await unpack(bytes(packed));
  const { numbers, count, running, name } = sent;
  assert.deepEqual({ numbers, count, running, name }, {
    numbers: [1, 2, 5], count: 3, running: true, name: "fünf",
  });
  ink.forEach(([own, fixed], epoch) => {
    assertClose(unpackInk(sent.packed[epoch].own), floats(own), 0.5 / 15 + 0.002);
    assertClose(unpackInk(sent.packed[epoch].fixed), floats(fixed), 0.5 / 15 + 0.002);
  });
});

test("wherever in its memory it arrives", async () => {
  const content = bytes(packed);
  const view = new Uint8Array(content.length + 8).subarray(5, 5 + content.length);
  view.set(content);
  assert.deepEqual(await unpack(view), await unpack(content));
});

test("bare paper is nothing and full ink is one", () => {
  const images = new Float32Array(7840).fill(-1);
  assert.equal(unpackInk(new Uint8Array(3920).fill(0xf0), images), images);
  assert.deepEqual([...images.subarray(0, 4)], [0, 1, 0, 1]);
});

test("digits are the same where every byte is", () => {
  const digits = () => Uint8Array.of(1, 2, 3);
  assert.ok(isSame(digits(), digits()));
  assert.ok(!isSame(digits(), Uint8Array.of(1, 2, 4)));
});
