import assert from "node:assert/strict";
import { test } from "node:test";

import { GAP, SPACE, VARIATION, extent, setLines, spell, varied } from "../../ui/explore/board/writing.js";
import { Decoder } from "../../ui/shared/browser/decoder.js";
import { file, golden } from "./golden.mjs";

// Images with ink in columns from..to, each: what a digit's width is measured by.
function images(...inks) {
  const made = new Float32Array(inks.length * 784);
  inks.forEach(([from, to], image) => {
    for (let x = from; x < to; x++) made[image * 784 + 10 * 28 + x] = 1;
  });
  return made;
}

test("the ink's edges are those of what can be seen", () => {
  assert.deepEqual(extent(images([4, 9], [0, 28], [27, 28]), 0), [4, 9]);
  assert.deepEqual(extent(images([4, 9], [0, 28], [27, 28]), 1), [0, 28]);
  assert.deepEqual(extent(images([4, 9], [0, 28], [27, 28]), 2), [27, 28]);
  const faint = images([4, 9]).map((value) => value / 5);
  assert.deepEqual(extent(faint, 0), [9, 19], "bare paper takes the room of a digit");
});

test("a repeat of a digit differs a little, always in the same way", () => {
  const style = [0.5, -1, 2];
  const positions = Array.from({ length: 500 }, (_, position) => varied(style, [0, 2], position));
  assert.deepEqual(style, [0.5, -1, 2]);
  assert.deepEqual(varied(style, [0, 2], 7), positions[7]);
  assert.ok(positions.every(([, asleep]) => asleep === -1));
  for (const dim of [0, 2]) {
    const changes = positions.map((changed) => changed[dim] - style[dim]);
    const mean = changes.reduce((sum, change) => sum + change) / changes.length;
    const spread = Math.sqrt(changes.reduce((sum, change) => sum + change ** 2, 0) / changes.length);
    assert.ok(Math.abs(mean) < 0.05, `mean ${mean}`);
    assert.ok(Math.abs(spread - VARIATION) < 0.04, `spread ${spread}`);
    assert.equal(new Set(changes).size, changes.length);
  }
});

// Or links that were shared would show another writing.
test("the same variation in every version of the app", () => {
  const shared = varied([0, 0, 0, 0], [0, 1, 3], 4).map((value) => value.toFixed(6));
  assert.deepEqual(shared, ["-0.028159", "-0.148950", "0.000000", "0.482331"]);
});

test("without variation a text is written with the ten digits that are there", () => {
  const ten = images(...Array(10).fill([4, 9]));
  const spelled = spell(null, { style: [0], text: "20 26  ", vary: false }, [0], ten);
  assert.deepEqual(spelled, { images: ten, count: 10, glyphs: [2, 0, null, 2, 6] });
});

test("with variation each digit of a text is decoded in a style of its own", () => {
  const model = golden("models").find(({ name }) => name === "silu");
  const decoder = new Decoder(model, file(`${model.name}-decoder.safetensors`), null);
  const [style] = model.styles;
  const spelled = spell(decoder, { style, text: "7 77", vary: true }, [0, 5], null);
  assert.equal(spelled.count, 3);
  assert.deepEqual(spelled.glyphs, [0, null, 1, 2]);
  [0, 2, 3].forEach((position, image) => {
    const alone = decoder.decode([[varied(style, [0, 5], position), 7, 7, 0]]);
    assert.deepEqual(spelled.images.subarray(784 * image, 784 * (image + 1)), alone);
  });
});

// Edges of ink on the page, line by line.
function set(glyphs, inks, width) {
  const { places, lines, width: longest } = setLines({ images: images(...inks), glyphs }, width);
  const edges = Array.from({ length: lines }, () => []);
  for (const { image, left, width: wide, x, line } of places) {
    const [from, to] = inks[image];
    assert.ok(left <= from && to <= left + wide, "all of the ink is taken along");
    edges[line].push([x + from - left, x + to - left]);
  }
  return { edges, longest };
}

test("ink stands beside ink at one distance, a space is wider", () => {
  const { edges, longest } = set([0, 1, null, 0], [[4, 9], [10, 22]], Infinity);
  const [[first, second, third]] = edges;
  assert.deepEqual(first, [GAP, GAP + 5]);
  assert.deepEqual(second, [first[1] + GAP, first[1] + GAP + 12]);
  assert.equal(third[0], second[1] + GAP + SPACE + GAP);
  assert.equal(longest, third[1] + GAP);
});

test("no line is wider than there is room for, and every digit is written once, in order", () => {
  const inks = [[4, 9], [10, 22], [2, 26]];
  for (let width = 30; width < 200; width += 7) {
    const glyphs = Array.from({ length: 24 }, (_, i) => (i % 5 === 4 ? null : (i * 7) % 3));
    const { edges, longest } = set(glyphs, inks, width);
    assert.ok(longest <= width);
    const written = setLines({ images: images(...inks), glyphs }, width).places;
    assert.deepEqual(written.map(({ image }) => image), glyphs.filter((glyph) => glyph !== null));
    for (const line of edges) {
      assert.equal(line[0][0], GAP, "each line begins at the edge, no space before it");
      assert.ok(line.at(-1)[1] + GAP <= width);
      line.slice(1).forEach(([left], i) => assert.ok(left >= line[i][1] + GAP));
    }
  }
});

test("what is wider than the room stands alone on its line", () => {
  const { edges } = set([0, 0], [[0, 28]], 20);
  assert.deepEqual(edges.map((line) => line.length), [1, 1]);
});

test("lines break at spaces, and inside a number only where it is longer than a line", () => {
  const ten = images(...Array(10).fill([4, 9]));
  const digit = 5 + GAP;
  // Room for so many digits; a space takes less than two.
  const lines = (text, most) => {
    const { glyphs } = spell(null, { style: [0], text, vary: false }, [], ten);
    const { places, lines: count } = setLines({ images: ten, glyphs }, GAP + most * digit);
    const written = Array(count).fill("");
    for (const { image, line } of places) written[line] += image;
    return written;
  };
  assert.deepEqual(lines("1984 00000 99", 12), ["198400000", "99"]);
  assert.deepEqual(lines("1984 00000 99", 10), ["1984", "0000099"]);
  assert.deepEqual(lines("49 171 12345678901234", 8), ["49171", "12345678", "901234"]);
  assert.deepEqual(lines("123456  7", 8), ["123456", "7"]);
  assert.deepEqual(lines("       12345", 6), ["12345"], "spaces alone make no line");
});
