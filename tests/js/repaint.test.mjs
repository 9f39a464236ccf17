import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Repaint } from "../../ui/shared/browser/repaint.js";

mock.timers.enable({ apis: ["setTimeout"] });
let frames, painted, repaint;

beforeEach(() => {
  [frames, painted] = [[], []];
  globalThis.requestAnimationFrame = (paint) => frames.push(paint);
  globalThis.cancelAnimationFrame = (frame) => delete frames[frame - 1];
  repaint = new Repaint(() => painted.push(repaint.moving), () => {});
});

const nextFrame = () => frames.splice(0).forEach((paint) => paint());

test("however much changes, it is painted once a frame", () => {
  for (let change = 0; change < 5; change++) repaint.soon();
  nextFrame();
  nextFrame();
  assert.deepEqual(painted, [false]);
  repaint.soon();
  nextFrame();
  assert.equal(painted.length, 2);
});

test("what moves is painted coarsely, and finely a moment after the last move", () => {
  for (let move = 0; move < 3; move++) {
    repaint.move();
    nextFrame();
    mock.timers.tick(100);
  }
  assert.deepEqual(painted, [true, true, true]);
  assert.ok(repaint.isBusy);
  mock.timers.tick(20);
  nextFrame();
  assert.deepEqual(painted.slice(3), [false]);
  assert.ok(!repaint.isBusy);
});

test("once stopped, nothing is painted any more", () => {
  repaint.move();
  repaint.stop();
  mock.timers.tick(1000);
  nextFrame();
  assert.deepEqual(painted, []);
});
