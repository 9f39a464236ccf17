import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMIT } from "../../ui/explore/board/values.js";
import { Walk, loop, normal } from "../../ui/explore/board/wander.js";
import { seeded } from "./fakes.mjs";

Math.random = seeded();

const START = [0.3, -1, 2.5, 0.7];
const DIMS = [0, 2, 3]; // the second one sleeps

const farthest = (one, other) => Math.max(...one.map((value, dim) => Math.abs(value - other[dim])));
const isWithin = (style) => style.every((value) => Math.abs(value) <= LIMIT);

function moments(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
}

test("random styles come from the prior", () => {
  const [mean, variance] = moments(Array.from({ length: 20_000 }, normal));
  assert.ok(Math.abs(mean) < 0.02 && Math.abs(variance - 1) < 0.03, `${mean}, ${variance}`);
});

test("a closed walk begins where it ends, and its last step is like the others", () => {
  for (let turn = 0; turn < 100; turn++) {
    const styles = loop(START, DIMS, 48);
    assert.equal(styles.length, 48);
    assert.deepEqual(styles[0], START);
    const opposite = START.map((value, dim) => (DIMS.includes(dim) ? -value : value));
    assert.ok(farthest(styles[24], opposite) < 1e-12);
    const steps = styles.map((style, step) => farthest(style, styles[(step + 1) % 48]));
    // On a circle no step is longer than the angle times its radius.
    const radius = Math.max(...styles.map((style) => Math.max(...style.map(Math.abs))));
    assert.ok(Math.max(...steps) <= 1.5 * ((2 * Math.PI) / 48) * Math.hypot(radius, LIMIT));
    assert.ok(styles.every((style) => isWithin(style) && style[1] === START[1]));
  }
});

test("where a closed walk leads is as likely as any style", () => {
  const there = Array.from({ length: 3000 }, () => loop([normal()], [0], 8)[3][0]);
  const [mean, variance] = moments(there);
  assert.ok(Math.abs(mean) < 0.06 && Math.abs(variance - 1) < 0.1, `${mean}, ${variance}`);
});

test("a wander begins at the style in sight and never jerks", () => {
  for (let turn = 0; turn < 20; turn++) {
    const walk = new Walk(START, DIMS);
    assert.ok(farthest(walk.at(0), START) < 1e-12);
    let before = START;
    for (let frame = 1; frame < 60 * 60; frame++) {
      const style = walk.at(frame / 60);
      assert.ok(farthest(style, before) < 0.1);
      assert.ok(isWithin(style) && style[1] === START[1]);
      before = style;
    }
  }
  assert.deepEqual(START, [0.3, -1, 2.5, 0.7]);
});

test("a wander forgets where it began, and goes through the prior", () => {
  const later = Array.from({ length: 4000 }, () => new Walk([LIMIT], [0]).at(20)[0]);
  const [mean, variance] = moments(later);
  assert.ok(Math.abs(mean) < 0.06 && Math.abs(variance - 1) < 0.1, `${mean}, ${variance}`);
});
