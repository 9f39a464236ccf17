import assert from "node:assert/strict";
import { test } from "node:test";

import { InkCanvas } from "../../ui/shared/browser/ink.js";
import { canvas } from "./fakes.mjs";
import { assertClose, floats, golden } from "./golden.mjs";

const INK = [12, 34, 56];
const PIXELS = 784;

const opacities = (shown) => Float32Array.from({ length: shown.length / 4 }, (_, i) => shown[4 * i + 3]);

for (const { scale, images, opacity } of golden("ink")) {
  test(`ink at scale ${scale} is that of ui/shared/ink.py`, () => {
    const [digits, expected] = [floats(images), floats(opacity)];
    const made = canvas();
    new InkCanvas(made, 1, digits.length / PIXELS).paint(digits, { scale, color: INK });
    // Of 255, around a few pixels: left out is what is too faint to be seen by itself.
    assertClose(opacities(made.shown), expected, 8);
  });
}

test("every pixel has the colour of the ink, bare paper too", () => {
  const made = canvas();
  new InkCanvas(made, 1).paint(floats(golden("ink")[0].images), { scale: 2, color: INK });
  for (let i = 0; i < made.shown.length; i += 4) {
    assert.deepEqual([...made.shown.subarray(i, i + 3)], INK);
  }
});

test("digits stand in columns and rows, each as it looks alone", () => {
  const images = floats(golden("ink")[0].images);
  images.fill(1, 6 * PIXELS, 7 * PIXELS); // to its edges
  const [columns, rows, scale] = [5, 2, 3];
  const side = 28 * scale;
  const together = canvas();
  new InkCanvas(together, columns, rows).paint(images, { scale, color: INK, start: 2 });
  assert.deepEqual([together.width, together.height], [columns * side, rows * side]);
  const alone = canvas();
  const ink = new InkCanvas(alone, 1);
  for (let cell = 0; cell < columns * rows; cell++) {
    ink.paint(images, { scale, color: INK, start: 2 + cell });
    const [left, top] = [(cell % columns) * side, Math.floor(cell / columns) * side];
    for (let y = 0; y < side; y++) {
      const from = 4 * ((top + y) * together.width + left);
      const line = together.shown.subarray(from, from + 4 * side);
      assert.deepEqual(line, alone.shown.subarray(4 * y * side, 4 * (y + 1) * side));
    }
  }
});

test("one digit has another colour, and the others have not", () => {
  const images = floats(golden("ink")[0].images);
  const [made, plain] = [canvas(), canvas()];
  const accent = { cell: 3, color: [200, 100, 0] };
  new InkCanvas(made, 2, 2).paint(images, { scale: 2, color: INK, accent });
  new InkCanvas(plain, 2, 2).paint(images, { scale: 2, color: INK });
  assert.deepEqual(opacities(made.shown), opacities(plain.shown));
  for (const [x, y] of [[0, 0], [55, 55], [56, 55], [55, 56], [56, 56], [111, 111]]) {
    const at = 4 * (112 * y + x);
    assert.deepEqual([...made.shown.subarray(at, at + 3)], x > 55 && y > 55 ? accent.color : INK);
  }
});

test("nothing stays of what was painted before", () => {
  const images = floats(golden("ink")[0].images);
  const [made, fresh] = [canvas(), canvas()];
  const ink = new InkCanvas(made, 1);
  for (const start of [0, 1]) ink.paint(images, { scale: 4, color: INK, start });
  new InkCanvas(fresh, 1).paint(images, { scale: 4, color: INK, start: 1 });
  assert.deepEqual(made.shown, fresh.shown);
  ink.paint(images, { scale: 4, color: [255, 255, 255], start: 1 });
  assert.deepEqual([...made.shown.subarray(0, 3)], [255, 255, 255]);
  ink.paint(images, { scale: 2, color: INK, start: 1, count: 0 });
  assert.equal(made.width, 56);
  assert.ok(opacities(made.shown).every((each) => each === 0));
});
