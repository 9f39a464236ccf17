import assert from "node:assert/strict";
import { test } from "node:test";

import {
  rounded, settable, shareAt, shareOfTrack, signed, stepOf, valueAt, valueOnTrack,
} from "../../ui/explore/board/values.js";

test("a value stands where the hand that sets it is", () => {
  for (let value = -3; value <= 3; value += 0.25) {
    assert.ok(Math.abs(valueAt(shareAt(value)) - value) < 1e-12);
    assert.ok(Math.abs(valueOnTrack(shareOfTrack(value)) - value) < 1e-12);
  }
  assert.deepEqual([0, 0.5, 1].map(valueAt), [-3, 0, 3]);
});

test("each whole value of a track is in the middle of one of its seven pictures", () => {
  [-3, -2, -1, 0, 1, 2, 3].forEach((value, picture) => {
    assert.ok(Math.abs(shareOfTrack(value) - (picture + 0.5) / 7) < 1e-12);
  });
});

test("values are kept to a hundredth, and nothing is a nothing less than nothing", () => {
  assert.deepEqual([0.126, -2.994, 1e-9].map(rounded), [0.13, -2.99, 0]);
  assert.ok(Object.is(rounded(-0.001), 0));
  assert.deepEqual([3.001, -7, 0.126].map(settable), [3, -3, 0.13]);
});

test("arrow keys step along their axis, by half a unit with Shift", () => {
  assert.deepEqual(stepOf({ key: "ArrowLeft" }), { across: -0.1, up: 0 });
  assert.deepEqual(stepOf({ key: "ArrowUp", shiftKey: true }), { across: 0, up: 0.5 });
  assert.deepEqual(stepOf({ key: "Enter" }), { across: 0, up: 0 });
});

test("an arrow key with Alt, Ctrl or Cmd is the browser's", () => {
  for (const held of ["altKey", "ctrlKey", "metaKey"]) {
    assert.deepEqual(stepOf({ key: "ArrowLeft", [held]: true }), { across: 0, up: 0 });
  }
});

test("values are said with their sign", () => {
  assert.deepEqual([1.5, -0.25, 0, -0].map(signed), ["+1.50", "−0.25", "0.00", "0.00"]);
});
