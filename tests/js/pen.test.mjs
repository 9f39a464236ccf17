import assert from "node:assert/strict";
import { test } from "node:test";

import { Pen, trace } from "../../ui/draw/desk/pen.js";
import { curve } from "../../ui/draw/desk/raster.js";

// A pad of 100 by 100 pixels, and what a pen on it says.
function pad({ isFull = () => false } = {}) {
  const surface = {
    setPointerCapture: (id) => (surface.held = id),
    releasePointerCapture(id) {
      assert.equal(surface.held, id);
      surface.held = null;
      surface.onlostpointercapture({ pointerId: id, timeStamp: 0 });
    },
    focus() {},
    getBoundingClientRect: () => ({ left: 0, top: 0, width: 100, height: 100 }),
  };
  const said = [];
  const pen = new Pen(surface, {
    isFull,
    tool: () => ({ width: 72, erases: false }),
    moved: () => {},
    drawn: (stroke) => said.push(stroke),
    takeBack: () => said.push("back"),
  });
  const event = (name, x, y, rest = {}) =>
    surface[`onpointer${name}`]?.({
      clientX: x, clientY: y, pointerId: 1, pointerType: "mouse", button: 0, buttons: 1, timeStamp: 0,
      preventDefault() {}, stopPropagation() {}, ...rest,
    });
  return { pen, said, event, lose: (id) => surface.onlostpointercapture({ pointerId: id, timeStamp: 0 }) };
}

const touch = { pointerId: 2, pointerType: "touch" };
const stylus = { pointerId: 3, pointerType: "pen" };

test("a stroke is told once the pen is up, on a grid of 1000", () => {
  const { said, event } = pad();
  event("down", 10, 20);
  event("move", 50, 20);
  event("move", 50.1, 20); // too little to be seen
  event("up", 50, 20);
  assert.deepEqual(said, [{ points: [100, 200, 500, 200], width: 72, erases: false }]);
});

test("the page around hears of no stroke's moves, and of all others", () => {
  const { event } = pad();
  let [moves, kept] = [0, 0];
  const move = () => (moves++, event("move", 50, 20, { stopPropagation: () => kept++ }));
  move();
  event("down", 10, 20);
  move();
  event("up", 50, 20);
  move();
  assert.deepEqual([moves, kept], [3, 1]);
});

test("a stroke may leave the pad by a margin", () => {
  const { said, event } = pad();
  event("down", 50, 50);
  event("move", -500, 500);
  event("up", 0, 0);
  assert.deepEqual(said[0].points, [500, 500, -250, 1250]);
});

test("all points that came since the last frame belong to the stroke", () => {
  const { said, event } = pad();
  event("down", 0, 0);
  const points = [{ clientX: 20, clientY: 0 }, { clientX: 40, clientY: 0 }];
  event("move", 40, 0, { getCoalescedEvents: () => points });
  event("up", 40, 0);
  assert.deepEqual(said[0].points, [0, 0, 200, 0, 400, 0]);
});

test("a second finger draws nothing, nor does another button; a stylus's other end erases", () => {
  const { said, event } = pad();
  event("down", 10, 10, { ...touch, button: 2 });
  event("down", 10, 10);
  event("down", 90, 90, touch);
  event("up", 90, 90, touch);
  event("up", 10, 10);
  event("down", 10, 10, { ...stylus, button: 5 });
  event("up", 10, 10, stylus);
  assert.deepEqual(said.map(({ erases, width }) => [erases, width]), [[false, 72], [true, 108]]);
});

test("where nothing more may be drawn, nothing is", () => {
  const { said, event } = pad({ isFull: () => true });
  event("down", 10, 10);
  event("up", 10, 10);
  assert.deepEqual(said, []);
});

test("a palm that lies on the glass when the stylus comes down is no stroke", () => {
  const { said, event } = pad();
  event("down", 80, 80, touch);
  event("move", 85, 85, touch);
  event("down", 20, 20, stylus);
  event("move", 40, 40, stylus);
  event("up", 40, 40, stylus);
  event("up", 85, 85, touch);
  assert.deepEqual(said.map(({ points }) => points), [[200, 200, 400, 400]]);
});

test("the dot of a palm that was lifted just before the stylus came is taken back; a stroke is not", () => {
  for (const [to, ms, back] of [[81, 400, true], [81, 4000, false], [20, 400, false]]) {
    const { said, event } = pad();
    event("down", 80, 80, touch);
    event("move", to, 80, touch);
    event("up", to, 80, touch);
    event("down", 20, 20, { ...stylus, timeStamp: ms });
    assert.equal(said.includes("back"), back);
  }
});

test("what draws nothing takes no palm's dot back, which a redo would draw again", () => {
  const { said, event } = pad();
  event("down", 80, 80, touch);
  event("up", 80, 80, touch);
  event("down", 20, 20, { ...stylus, button: 2, timeStamp: 400 });
  assert.ok(!said.includes("back"));
  event("down", 20, 20, { ...stylus, timeStamp: 500 });
  assert.ok(said.includes("back"));
});

test("while a stylus was in use, the hand that holds it does not draw; a finger does later", () => {
  const { said, event } = pad();
  event("down", 20, 20, stylus);
  event("up", 20, 20, stylus);
  event("down", 80, 80, { ...touch, timeStamp: 500 });
  event("up", 80, 80, { ...touch, timeStamp: 600 });
  assert.equal(said.length, 1);
  event("down", 80, 80, { ...touch, timeStamp: 9000 });
  event("up", 80, 80, { ...touch, timeStamp: 9100 });
  assert.equal(said.length, 2);
});

test("a stroke that was cut off goes on where the pointer goes on, and only if it does", () => {
  const { said, event, lose } = pad();
  event("down", 10, 10);
  event("move", 20, 10);
  lose(1);
  event("move", 60, 10, { buttons: 0 });
  assert.equal(said.length, 1);
  event("move", 30, 10);
  event("move", 50, 10);
  event("up", 50, 10);
  assert.deepEqual(said.map(({ points }) => points), [[100, 100, 200, 100], [300, 100, 500, 100]]);
});

test("a mouse whose release was lost draws no longer than its button is pressed", () => {
  const { pen, said, event } = pad();
  event("down", 10, 10);
  event("move", 20, 10);
  for (const x of [40, 60, 80]) event("move", x, 10, { buttons: 0 });
  assert.deepEqual([pen.stroke, pen.surface.held], [null, null]);
  event("move", 70, 10); // pressed elsewhere
  event("down", 10, 50);
  event("up", 10, 50);
  assert.deepEqual(said.map(({ points }) => points), [[100, 100, 200, 100], [100, 500]]);
  // Not every stylus says that it is down.
  event("down", 10, 10, { ...stylus, buttons: 0 });
  event("move", 20, 10, { ...stylus, buttons: 0 });
  assert.deepEqual(pen.stroke.points, [100, 100, 200, 100]);
});

// What a stroke draws, as points along it: four on each bend, as raster.js has them.
function drawn(stroke) {
  const points = [];
  const context = {
    dots: 0,
    beginPath() {},
    stroke() {},
    arc: () => (context.dots += 1),
    moveTo: (x, y) => points.push(x, y),
    lineTo(x, y) {
      if (x !== points.at(-2) || y !== points.at(-1)) points.push(x, y);
    },
    quadraticCurveTo(bendX, bendY, toX, toY) {
      const [fromX, fromY] = points.slice(-2);
      for (const t of [0.25, 0.5, 0.75, 1]) {
        const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
        points.push(a * fromX + b * bendX + c * toX, a * fromY + b * bendY + c * toY);
      }
    },
  };
  trace(context, stroke);
  return { ...context, points };
}

test("what is seen is what is read: one curve, painted and computed", () => {
  for (const points of [[500, 500], [100, 200, 900, 250], [0, 0, 300, 0, 300, 300, -20, 640, 7, 7]]) {
    const shown = drawn({ points, width: 72, erases: false });
    curve(points).forEach((place, i) => assert.ok(Math.abs(place - shown.points[i]) < 1e-9));
    assert.equal(shown.dots, points.length === 2 ? 1 : 0);
  }
});

test("an eraser takes ink away, a pen adds it, as wide as they are", () => {
  const pen = drawn({ points: [0, 0, 9, 9], width: 48, erases: false });
  assert.deepEqual([pen.globalCompositeOperation, pen.lineWidth], ["source-over", 48]);
  const eraser = drawn({ points: [0, 0, 9, 9], width: 100, erases: true });
  assert.deepEqual([eraser.globalCompositeOperation, eraser.lineWidth], ["destination-out", 100]);
});
