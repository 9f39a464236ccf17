import assert from "node:assert/strict";
import { test } from "node:test";

import { golden } from "./golden.mjs";
import { load } from "./load.mjs";

const GIVEN = { GRID: 1000, MARGIN: 250, WIDTHS: [20, 300] };
const { onGrid, trace } = await load(["draw/pad/stroke.js"], ["onGrid", "trace"], GIVEN);

test("points lie on the grid, or no farther beside it than the margin", () => {
  assert.deepEqual([0, 0.5, 1, 0.33349].map(onGrid), [0, 500, 1000, 333]);
  assert.deepEqual([-0.2, -9, 9].map(onGrid), [-200, -250, 1250]);
});

// What a stroke draws, as points along it: four on each curve, as ui/draw/pad/strokes.py
// has them.
function drawn(stroke) {
  const points = [];
  const context = {
    dots: 0,
    beginPath() {},
    stroke() {},
    arc: () => (context.dots += 1),
    moveTo: (x, y) => points.push([x, y]),
    lineTo(x, y) {
      const [lastX, lastY] = points.at(-1);
      if (x !== lastX || y !== lastY) points.push([x, y]);
    },
    quadraticCurveTo(bendX, bendY, toX, toY) {
      const [fromX, fromY] = points.at(-1);
      for (const t of [0.25, 0.5, 0.75, 1]) {
        const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
        points.push([a * fromX + b * bendX + c * toX, a * fromY + b * bendY + c * toY]);
      }
    },
  };
  trace(context, stroke);
  return { ...context, points };
}

for (const { points, curve } of golden("strokes")) {
  test(`a stroke of ${points.length / 2} points is the curve that Python inks`, () => {
    const { points: shown, dots } = drawn({ points, width: 72, erases: false });
    assert.equal(shown.length, curve.length);
    shown.flat().forEach((place, i) => assert.ok(Math.abs(place - curve.flat()[i]) < 1e-9));
    assert.equal(dots, points.length === 2 ? 1 : 0);
  });
}

test("an eraser takes ink away, a pen adds it, as wide as they are", () => {
  const points = [0, 0, 9, 9];
  const pen = drawn({ points, width: 48, erases: false });
  assert.deepEqual([pen.globalCompositeOperation, pen.lineWidth], ["source-over", 48]);
  const eraser = drawn({ points, width: 100, erases: true });
  assert.deepEqual([eraser.globalCompositeOperation, eraser.lineWidth], ["destination-out", 100]);
});

const STROKE = { points: [1, 2, 3, 4], width: 72, erases: false };
const DRAWING = { strokes: [STROKE, { ...STROKE, erases: true }], example: 4 };

async function memory(stored = null) {
  const sessionStorage = {
    getItem: () => stored,
    setItem: (_, text) => (stored = text),
  };
  const scripts = ["shared/browser/constants.js", "draw/pad/memory.js"];
  return load(scripts, ["restore", "store"], { ...GIVEN, sessionStorage });
}

test("a drawing comes back as it was stored", async () => {
  const { restore, store } = await memory();
  assert.equal(restore(), null);
  for (const drawing of [DRAWING, { strokes: [], example: null }]) {
    store(drawing);
    assert.deepEqual(restore(), drawing);
  }
});

test("a browser that stores nothing is no error", async () => {
  const refuse = () => {
    throw new Error("no storage here");
  };
  const sessionStorage = { getItem: refuse, setItem: refuse };
  const scripts = ["shared/browser/constants.js", "draw/pad/memory.js"];
  const { restore, store } = await load(scripts, ["restore", "store"], { ...GIVEN, sessionStorage });
  store(DRAWING);
  assert.equal(restore(), null);
});

const NONSENSE = [
  "{", "7", "null", "[]", '{"strokes": 3}', '{"strokes": [{"points": "x"}]}', '{"strokes": []}',
  ...[
    { points: [] }, { points: [1] }, { points: [1, 2, 3] }, { points: [1, 1251] }, { points: [1, 0.5] },
    { points: [1, null] }, { width: 0 }, { width: 19 }, { width: 301 }, { width: "72" }, { erases: 1 },
  ].map((change) => JSON.stringify({ strokes: [{ ...STROKE, ...change }], example: null })),
  ...[10, -1, 0.5, "4"].map((example) => JSON.stringify({ strokes: [STROKE], example })),
];

for (const stored of NONSENSE) {
  test(`${stored} in the browser's memory is no drawing`, async () => {
    const { restore } = await memory(stored);
    assert.equal(restore(), null);
  });
}
