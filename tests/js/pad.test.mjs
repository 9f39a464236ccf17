import assert from "node:assert/strict";
import { test } from "node:test";

import { restore, store } from "../../ui/draw/pad/memory.js";
import { Sender } from "../../ui/draw/pad/sending.js";
import { onGrid, trace } from "../../ui/draw/pad/stroke.js";
import { clock } from "./fakes.mjs";
import { golden } from "./golden.mjs";

const LIMITS = { grid: 1000, margin: 250, widths: [20, 300] };
const { pass } = clock();

test("points lie on the grid, or no farther beside it than the margin", () => {
  const places = (...shares) => shares.map((share) => onGrid(share, LIMITS));
  assert.deepEqual(places(0, 0.5, 1, 0.33349), [0, 500, 1000, 333]);
  assert.deepEqual(places(-0.2, -9, 9), [-200, -250, 1250]);
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

function remember(stored = null) {
  globalThis.sessionStorage = {
    getItem: () => stored,
    setItem: (_, text) => (stored = text),
  };
}

test("a drawing comes back as it was stored", () => {
  remember();
  assert.equal(restore(LIMITS), null);
  for (const drawing of [DRAWING, { strokes: [], example: null }]) {
    store(drawing);
    assert.deepEqual(restore(LIMITS), drawing);
  }
});

test("a browser that stores nothing is no error", () => {
  const refuse = () => {
    throw new Error("no storage here");
  };
  globalThis.sessionStorage = { getItem: refuse, setItem: refuse };
  store(DRAWING);
  assert.equal(restore(LIMITS), null);
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
  test(`${stored} in the browser's memory is no drawing`, () => {
    remember(stored);
    assert.equal(restore(LIMITS), null);
  });
}

// A pad whose pen can be down, and what it has sent when.
function pad() {
  const sent = [];
  const made = { isDown: true, sent };
  made.sender = new Sender({
    send: (penDown, turn) => sent.push({ penDown, turn, at: performance.now() }),
    isDrawing: () => made.isDown,
    changed() {},
  });
  pass(1000);
  return made;
}

const times = (sent) => sent.map(({ at }) => at - sent[0].at);

for (const [answerMs, next] of [[10, 100], [80, 200]]) {
  test(`while the pen is down an answer after ${answerMs} ms makes the next one go at ${next}`, () => {
    const { sender, sent } = pad();
    sender.send(true);
    sender.sendSoon();
    pass(answerMs);
    sender.answered(sent[0].turn);
    pass(1000);
    assert.deepEqual(times(sent), [0, next]);
    assert.ok(sent.every(({ penDown }) => penDown));
  });
}

test("an answer that does not come holds nothing up for longer than a second", () => {
  const { sender, sent } = pad();
  sender.send(true);
  sender.sendSoon();
  sender.answered(sent[0].turn - 1);
  pass(999);
  assert.equal(sent.length, 1);
  pass(1);
  assert.deepEqual(times(sent), [0, 1000]);
});

test("a whole drawing is sent again until it is answered, at last every eight seconds", () => {
  const made = pad();
  const { sender, sent } = made;
  made.isDown = false;
  sender.send(false);
  pass(23_000);
  assert.deepEqual(times(sent), [0, 2000, 6000, 14_000, 22_000]);
  assert.ok(!sender.isSettled);
  sender.answered(sent.at(-1).turn);
  assert.ok(sender.isSettled);
  pass(60_000);
  assert.equal(sent.length, 5);
});

test("a pen that was lifted before its turn sends nothing of its own", () => {
  const made = pad();
  made.sender.send(true);
  made.sender.sendSoon();
  made.isDown = false;
  pass(1000);
  assert.equal(made.sent.length, 1);
});
