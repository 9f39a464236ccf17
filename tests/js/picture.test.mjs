import assert from "node:assert/strict";
import { test } from "node:test";

import { inBoxes } from "../../ui/draw/desk/picture.js";

const [LEFT, RIGHT, OTHER] = [[0, 0, 0.4, 1], [0.6, 0, 1, 1], [0.6, 0.1, 1, 1]];
const digit = (box, told) => ({ box, image: new Float32Array(784), told, touching: true });
const unread = (box, told) => ({ box, image: undefined, told, touching: false });

test("a box that is moved is read again, and its digit is what was said of it; a new one is nobody's", () => {
  const digits = [digit(LEFT, null), digit(RIGHT, 7)];
  assert.deepEqual(inBoxes([LEFT, OTHER], digits), [digits[0], unread(OTHER, 7)]);
  assert.deepEqual(inBoxes([LEFT, RIGHT, OTHER], digits), [...digits, unread(OTHER, null)]);
  assert.deepEqual(inBoxes([RIGHT], digits), [digits[1]]);
  // Past the other, and now read before it.
  assert.deepEqual(inBoxes([OTHER, LEFT], digits), [unread(OTHER, 7), digits[0]]);
});
