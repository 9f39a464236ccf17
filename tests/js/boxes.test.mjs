import assert from "node:assert/strict";
import { test } from "node:test";

import {
  LEAST, added, dragged, drawn, holds, isSame, layer, moved, nudged, placeAmong, resized, under,
} from "../../ui/draw/desk/box.js";

const BOX = [0.2, 0.3, 0.4, 0.7];

function isNear(actual, expected) {
  actual.forEach((side, i) => assert.ok(Math.abs(side - expected[i]) < 1e-9, `${actual} is not ${expected}`));
}

function isInside([left, top, right, bottom]) {
  assert.ok(0 <= left && left < right && right <= 1 && 0 <= top && top < bottom && bottom <= 1);
  assert.ok(right - left >= LEAST - 1e-9 && bottom - top >= LEAST - 1e-9);
}

test("a box that is moved keeps its size, and stays in the picture", () => {
  isNear(moved(BOX, 0.1, -0.1), [0.3, 0.2, 0.5, 0.6]);
  isNear(moved(BOX, -9, 9), [0, 0.6, 0.2, 1]);
  isNear(moved(BOX, 9, -9), [0.8, 0, 1, 0.4]);
  assert.deepEqual(moved([0, 0, 1, 1], 0.3, -0.3), [0, 0, 1, 1]);
});

test("each corner moves the two sides that meet in it", () => {
  isNear(resized(BOX, 0, 0.1, 0.1), [0.1, 0.1, 0.4, 0.7]);
  isNear(resized(BOX, 1, 0.5, 0.1), [0.2, 0.1, 0.5, 0.7]);
  isNear(resized(BOX, 2, 0.5, 0.9), [0.2, 0.3, 0.5, 0.9]);
  isNear(resized(BOX, 3, 0.1, 0.9), [0.1, 0.3, 0.4, 0.9]);
});

test("a corner that is dragged past the opposite one flips the box", () => {
  isNear(resized(BOX, 2, 0.1, 0.1), [0.1, 0.1, 0.2, 0.3]);
  isNear(resized(BOX, 0, 0.9, 0.8), [0.4, 0.7, 0.9, 0.8]);
});

test("wherever a corner goes, the box is inside and not too small to be held", () => {
  const places = [-5, 0, 0.01, 0.2, 0.205, 0.3, 0.395, 0.4, 0.7, 0.99, 1, 5];
  for (const box of [BOX, [0, 0, LEAST, LEAST], [1 - LEAST, 1 - LEAST, 1, 1], [0, 0, 1, 1]]) {
    for (const corner of [0, 1, 2, 3]) {
      for (const x of places) for (const y of places) isInside(resized(box, corner, x, y));
    }
  }
});

test("two points in any order are a box; what is too small was not meant", () => {
  for (const points of [[0.1, 0.2, 0.5, 0.6], [0.5, 0.6, 0.1, 0.2], [0.1, 0.6, 0.5, 0.2]]) {
    assert.deepEqual(drawn(...points), [0.1, 0.2, 0.5, 0.6]);
  }
  assert.deepEqual(drawn(0.5, 0.5, 3, -2), [0.5, 0, 1, 0.5]);
  assert.equal(drawn(0.5, 0.5, 0.51, 0.9), null);
  assert.equal(drawn(0.5, 0.5, 0.9, 0.51), null);
});

test("a hand holds a box where it took it", () => {
  const at = { x: 0.25, y: 0.35 };
  isNear(dragged({ box: BOX, corner: -1, ...at }, 0.35, 0.35), [0.3, 0.3, 0.5, 0.7]);
  // Beside the corner: the corner does not jump to the pointer.
  isNear(dragged({ box: BOX, corner: 0, x: 0.19, y: 0.29 }, 0.18, 0.29), [0.19, 0.3, 0.4, 0.7]);
  isNear(dragged({ box: BOX, corner: 2, x: 0.41, y: 0.71 }, 0.51, 0.81), [0.2, 0.3, 0.5, 0.8]);
  assert.deepEqual(dragged({ box: null, corner: -1, ...at }, 0.5, 0.5), [0.25, 0.35, 0.5, 0.5]);
  assert.equal(dragged({ box: null, corner: -1, ...at }, 0.25, 0.5), null);
});

test("arrows move a box, with Shift its lower right corner; no other key does", () => {
  isNear(nudged(BOX, "ArrowLeft", false), [0.19, 0.3, 0.39, 0.7]);
  isNear(nudged(BOX, "ArrowDown", false), [0.2, 0.31, 0.4, 0.71]);
  isNear(nudged(BOX, "ArrowRight", true), [0.2, 0.3, 0.41, 0.7]);
  isNear(nudged(BOX, "ArrowUp", true), [0.2, 0.3, 0.4, 0.69]);
  for (const key of ["a", "7", "Enter", "constructor"]) assert.equal(nudged(BOX, key, false), null);
});

test("keys make a box as small as it may be, and do not flip it", () => {
  let box = BOX;
  for (let i = 0; i < 99; i++) box = nudged(nudged(box, "ArrowLeft", true), "ArrowUp", true);
  isNear(box, [0.2, 0.3, 0.2 + LEAST, 0.3 + LEAST]);
});

test("the first box that is added stands in the middle", () => {
  isNear(added([]), [0.35, 0.35, 0.65, 0.65]);
});

test("another box is as large as the others, and covers none where there is room", () => {
  const boxes = [BOX];
  for (let i = 0; i < 4; i++) {
    const box = added(boxes);
    isInside(box);
    isNear([box[2] - box[0], box[3] - box[1]], [0.2, 0.4]);
    for (const other of boxes) {
      const width = Math.min(box[2], other[2]) - Math.max(box[0], other[0]);
      const height = Math.min(box[3], other[3]) - Math.max(box[1], other[1]);
      assert.ok(width < 1e-9 || height < 1e-9);
    }
    boxes.push(box);
  }
  isInside(added([[0, 0, 1, 1]]));
});

test("of boxes over one another the smallest is meant, and lies on top", () => {
  const boxes = [[0.2, 0.2, 0.4, 0.4], [0, 0, 1, 1], [0, 0, 0.5, 0.5]];
  assert.deepEqual([under(boxes, 0.3, 0.3), under(boxes, 0.45, 0.1), under(boxes, 0.9, 0.9)], [0, 2, 1]);
  assert.equal(under([BOX], 0.9, 0.9), -1);
  assert.deepEqual(boxes.map((_, at) => layer(boxes, at)), [2, 0, 1]);
  assert.ok(holds(BOX, 0.2, 0.7) && !holds(BOX, 0.2, 0.71));
});

test("boxes are the same by their sides", () => {
  assert.ok(isSame(BOX, [...BOX]) && isSame(null, null));
  assert.ok(!isSame(BOX, [0.2, 0.3, 0.4, 0.71]) && !isSame(BOX, null) && !isSame(null, BOX));
});

// A sheet of digits that lies aslant, by the share that a line falls from one digit to the next.
const sheet = (lines, columns, slope) =>
  Array.from({ length: lines * columns }, (_, place) => {
    const [line, column] = [Math.floor(place / columns), place % columns];
    const [left, top] = [0.1 * column - slope * line, 0.05 + 0.15 * line + slope * column];
    return [left + 0.2, top, left + 0.26, top + 0.1];
  });

test("a box that is drawn is read where it stands, be it on a sheet that lies aslant", () => {
  for (const boxes of [sheet(1, 3, 0), sheet(4, 1, 0), sheet(3, 4, 0), sheet(3, 7, 0.03), sheet(3, 7, -0.005)]) {
    boxes.forEach((box, place) => assert.equal(placeAmong(box, boxes.toSpliced(place, 1)), place));
  }
  assert.equal(placeAmong(BOX, []), 0);
  assert.equal(placeAmong([0.4, 0.9, 0.5, 1], sheet(3, 4, 0)), 12);
});
