import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Finder } from "../../ui/draw/desk/finder.js";
import { SIDE } from "../../ui/draw/desk/raster.js";

const stroke = (...points) => ({ points, width: 72, erases: false });
const ONE = stroke(150, 300, 150, 700);
const SEVEN = stroke(600, 300, 800, 300, 700, 700);
const BAR = stroke(660, 520, 780, 520);
const drawing = (strokes, more = {}) => ({ strokes, example: null, part: 0, told: null, ...more });
const opened = ({ part, told }) => [part, told];

let finder;
beforeEach(() => {
  finder = new Finder(() => new Float32Array(SIDE * SIDE));
});

test("a stroke that is added to the opened digit, or taken back, leaves it open with what was said of it", () => {
  const right = drawing([ONE, SEVEN], { part: 1, told: 2 });
  const barred = finder.follow(right, drawing([ONE, SEVEN, BAR]));
  assert.deepEqual(opened(barred), [1, 2]);
  assert.deepEqual(opened(finder.follow(barred, drawing([ONE, SEVEN]))), [1, 2]);
  const both = drawing([ONE, SEVEN], { part: -1, told: 4 });
  assert.deepEqual(opened(finder.follow(both, drawing([ONE, SEVEN, BAR]))), [-1, 4]);
});

test("the opened digit is followed where another one is begun on either side of it", () => {
  const seven = drawing([SEVEN], { told: 2 });
  assert.deepEqual(opened(finder.follow(seven, drawing([SEVEN, ONE]))), [1, 2]);
  const one = drawing([ONE], { told: 7 });
  assert.deepEqual(opened(finder.follow(one, drawing([ONE, SEVEN]))), [0, 7]);
});

test("what was said of a digit is not said of another, nor of two that grew into one", () => {
  const right = drawing([ONE, SEVEN], { part: 1, told: 2 });
  const [bridge, rubber] = [stroke(150, 500, 700, 500), { ...stroke(600, 300, 800, 300, 700, 700), width: 150, erases: true }];
  for (const after of [[ONE], [ONE, SEVEN, bridge], [ONE, SEVEN, rubber], [SEVEN], []]) {
    assert.deepEqual(opened(finder.follow(right, drawing(after))), [0, null]);
  }
  assert.deepEqual(opened(finder.follow(right, drawing([ONE, SEVEN], { example: 3 }))), [0, null]);
});

test("what comes back by undo is what was said of it then", () => {
  const blank = drawing([]);
  const one = drawing([ONE], { told: 7 });
  assert.equal(finder.follow(blank, one), one);
  const two = drawing([ONE, SEVEN], { part: 1, told: 2 });
  assert.equal(finder.follow(one, two), two);
});

test("of the digits on the pad those that are left come next, from left to right, and a patch of ink never", () => {
  const patch = { ...stroke(500, 450, 500, 550), width: 400 };
  const two = drawing([ONE, SEVEN]);
  const [left, right] = [0, 1].map((part) => finder.find({ ...two, part }));
  const next = (...done) => finder.next(two, (image) => done.some((each) => each.every((pixel, i) => pixel === image[i])));
  assert.deepEqual([next(), next(left), next(right), next(left, right)], [0, 1, 0, -1]);
  assert.equal(finder.next({ ...two, part: -1 }, () => false), -1);
  assert.equal(finder.next(drawing([]), () => false), -1);
  assert.equal(finder.next(drawing([ONE]), () => true), -1);
  assert.equal(finder.next(drawing([patch]), () => false), -1);
});

test("the digit that is opened is found, and the same object as long as it looks the same", () => {
  const left = finder.find(drawing([ONE, SEVEN]));
  assert.deepEqual([finder.parts, finder.part], [2, 0]);
  assert.deepEqual(left, finder.find(drawing([ONE])));
  const right = finder.find(drawing([ONE, SEVEN], { part: 1 }));
  assert.equal(finder.find(drawing([ONE, SEVEN], { part: 1, told: 2 })), right);
  assert.notDeepEqual(right, left);
  assert.notDeepEqual(finder.find(drawing([ONE, SEVEN], { part: -1 })), right);
  assert.equal(finder.find(drawing([])), "empty");
});

test("what was said of a digit is known when it is opened again, by the pad of another visit too", () => {
  const left = drawing([ONE, SEVEN], { told: 4 });
  assert.equal(finder.turnTo(left, 1), null);
  const later = new Finder(() => new Float32Array(SIDE * SIDE));
  const right = drawing([ONE, SEVEN], { part: 1, told: 2 });
  assert.equal(later.turnTo(right, 0), 4);
  assert.equal(later.turnTo({ ...left, told: null }, -1), null);
  // It was left without a word the last time.
  assert.equal(later.turnTo({ ...left, part: -1 }, 0), null);
  assert.equal(later.turnTo(left, 1), 2);
});
