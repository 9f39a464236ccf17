import assert from "node:assert/strict";
import { test } from "node:test";

import { alone, apart, place } from "../../ui/draw/desk/place.js";
import { Raster, SIDE, curve, rasterize } from "../../ui/draw/desk/raster.js";
import { seeded } from "./fakes.mjs";
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

test("a drawing that grows point by point, is undone or lies on an example has the ink of a fresh one", () => {
  const raster = new Raster();
  const under = () => new Float32Array(SIDE * SIDE).fill(0.25);
  const random = seeded();
  const check = (...strokes) => {
    assert.deepEqual(raster.draw({ strokes, example: null }, under), rasterize(strokes));
    const over = rasterize(strokes, under());
    if (random() < 0.1) assert.deepEqual(raster.draw({ strokes, example: 3 }, under), over);
  };
  check();
  const done = [];
  for (const erases of [false, true, false]) {
    const stroke = { ...line(), erases };
    for (let point = 0; point < 12; point++) {
      stroke.points.push(Math.round(1000 * random()), Math.round(1000 * random()));
      if (random() < 0.7) check(...done, stroke);
    }
    done.push(stroke);
  }
  check(...done);
  check(done[0]);
  check(done[0], done[2]);
});

const inkOf = (...strokes) => rasterize(strokes.map((points) => line(...points)));

test("digits that stand side by side are taken apart, from left to right", () => {
  const one = [250, 300, 250, 750];
  const seven = [600, 300, 800, 300, 700, 750];
  const ink = inkOf(one, seven);
  const digits = apart(ink, SIDE).map((digit) => place(alone(ink, SIDE, digit), SIDE));
  assert.deepEqual(digits, [one, seven].map((points) => place(inkOf(points), SIDE)));
  assert.equal(apart(inkOf([150, 300, 150, 700], [450, 300, 450, 700], [800, 300, 800, 700]), SIDE).length, 3);
});

test("one digit stays one: a bar that stands apart, a dot beside it, two strokes of a 4", () => {
  const five = [[600, 300, 350, 300, 350, 500, 600, 550, 600, 750, 350, 750], [720, 290, 800, 290]];
  const four = [[400, 250, 350, 550, 700, 550], [600, 250, 600, 800]];
  const specks = [[300, 500], [600, 500]];
  for (const strokes of [five, four, [[300, 300, 300, 700], [600, 700]], [[500, 500]], specks]) {
    assert.equal(apart(inkOf(...strokes), SIDE).length, 1);
  }
  assert.deepEqual(apart(inkOf(), SIDE), []);
});
