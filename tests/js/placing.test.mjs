import assert from "node:assert/strict";
import { test } from "node:test";

import { place } from "../../ui/draw/desk/place.js";
import { SIDE, curve, rasterize } from "../../ui/draw/desk/raster.js";
import { assertClose, floats, golden } from "./golden.mjs";

for (const { name, ink, placed } of golden("placed")) {
  test(`${name} is placed as in Python`, () => {
    const found = place(floats(ink), SIDE);
    if (["empty", "speck", "solid"].includes(placed)) assert.equal(found, placed);
    else assertClose(found, floats(placed), 1 / 255 + 1e-6);
  });
}

const line = (...points) => ({ points, width: 72, erases: false });
const total = (ink) => ink.reduce((a, b) => a + b, 0);

test("a dot covers as many pixels as its circle does", () => {
  const radius = (72 / 1000) * 98;
  assert.ok(Math.abs(total(rasterize([line(500, 500)])) - Math.PI * radius ** 2) < 1);
});

test("a line covers its length and two half circles, at any slant", () => {
  for (const [dx, dy] of [[400, 0], [0, 400], [240, 320], [-320, 240]]) {
    const radius = (72 / 1000) * 98;
    const area = total(rasterize([line(500, 500, 500 + dx, 500 + dy)]));
    assert.ok(Math.abs(area - Math.PI * radius ** 2 - 400 * 0.196 * 2 * radius) < 2, `${area}`);
  }
});

test("the eraser takes away what lay under it, and nothing that comes later", () => {
  const rubbed = { ...line(500, 300, 500, 700), width: 300, erases: true };
  const across = line(300, 500, 700, 500);
  const centre = SIDE * (SIDE / 2) + SIDE / 2;
  assert.equal(rasterize([across, rubbed])[centre], 0);
  assert.equal(rasterize([rubbed, across])[centre], 1);
});

test("ink outside the pad is cut, not wrapped", () => {
  assert.equal(total(rasterize([line(-250, -250, -200, -250)])), 0);
  const half = total(rasterize([line(1040, 500)]));
  assert.ok(half > 0 && half < total(rasterize([line(500, 500)])));
});

test("a curve goes through the middles between its points", () => {
  const path = curve([0, 0, 100, 0, 100, 100, 200, 100]);
  assert.deepEqual(path.slice(0, 2), [0, 0]);
  assert.deepEqual(path.slice(-2), [200, 100]);
  assert.ok(path.some((x, i) => i % 2 === 0 && x === 100 && path[i + 1] === 50));
});
