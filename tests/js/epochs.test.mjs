import assert from "node:assert/strict";
import { test } from "node:test";

import { unpackInk } from "../../ui/shared/browser/packed.js";
import { isSame, unpack } from "../../ui/train/epochs/packed.js";
import { assertClose, bytes, floats, golden } from "./golden.mjs";

const { packed, ink } = golden("epochs");
const [first, second] = packed.map(bytes);

test("what Python packed arrives, to half a level of ink, and stays for the next board", async () => {
  const held = new Map();
  assert.equal((await unpack(first, held)).packed.length, 2);
  const { numbers, sent, count, running, name, packed } = await unpack(second, held);
  assert.deepEqual({ numbers, sent, count, running, name }, {
    numbers: [1, 2, 5], sent: [5], count: 3, running: true, name: "fünf",
  });
  assert.deepEqual([...held.keys()], numbers);
  ink.forEach(([own, fixed], epoch) => {
    assertClose(unpackInk(packed[epoch].own), floats(own), 0.5 / 15 + 0.002);
    assertClose(unpackInk(packed[epoch].fixed), floats(fixed), 0.5 / 15 + 0.002);
  });
});

test("what never came is missing", async () => {
  const { packed } = await unpack(second, new Map());
  assert.deepEqual(packed.map(Boolean), [false, false, true]);
});

test("wherever in its memory it arrives", async () => {
  const view = new Uint8Array(first.length + 8).subarray(5, 5 + first.length);
  view.set(first);
  assert.deepEqual(await unpack(view, new Map()), await unpack(first, new Map()));
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
