import assert from "node:assert/strict";
import { test } from "node:test";

import { fileName, makeFile } from "../../ui/explore/board/saving.js";
import { Editor, isBlend } from "../../ui/explore/board/state.js";
import { StripPainter, VALUES } from "../../ui/explore/board/strips.js";
import { Decoder } from "../../ui/shared/browser/decoder.js";
import { canvas, seeded } from "./fakes.mjs";
import { file, golden } from "./golden.mjs";
import { readGif } from "./read_gif.mjs";

Math.random = seeded();
globalThis.devicePixelRatio = 2;
const encoding = [];
globalThis.document = {
  createElement: () => ({ ...canvas(), toBlob: (done) => encoding.push(done) }),
};
URL.createObjectURL = (blob) => `blob:${blob}`;
const revoked = [];
URL.revokeObjectURL = (address) => revoked.push(address);

test("a blend is of two digits", () => {
  const blends = [null, 3, 8].map((other) => isBlend({ digit: 3, other }));
  assert.deepEqual(blends, [false, false, true]);
});

test("the film of a walk shows ten digits in every frame, and has no seam", async () => {
  const studio = golden("models").find(({ name }) => name === "studio");
  const decoder = new Decoder(studio, file("studio-decoder.safetensors"), null);
  const state = { style: new Array(decoder.zDim).fill(0), digit: 3, other: null, mix: 0 };
  const blob = await makeFile("walk", 1, { decoder, state, awake: [...state.style.keys()] });
  const film = readGif(new Uint8Array(await blob.arrayBuffer()));
  assert.deepEqual([film.width, film.height, film.loops], [140, 56, 0]);
  assert.ok(film.frames.every(({ delay }) => delay === 6));
  const frames = film.frames.map(({ pixels }) => pixels);
  assert.equal(frames.length, 48);
  for (let digit = 0; digit < 10; digit++) {
    const cell = (_, i) => Math.floor((i % 140) / 28) + 5 * Math.floor(i / 140 / 28) === digit;
    assert.ok(frames.every((frame) => frame.filter(cell).some((grey) => grey > 24)));
  }
  const steps = frames.map((frame, number) => {
    const next = frames[(number + 1) % 48];
    return frame.reduce((sum, grey, i) => sum + Math.abs(grey - next[i]), 0);
  });
  const middle = [...steps].sort((one, other) => one - other)[24];
  assert.ok(Math.min(...steps) > 0);
  assert.ok(steps.at(-1) < 2 * middle, `${steps}`);
});

test("what is written is saved in the lines in which the page shows it", async () => {
  const state = { style: [0], text: "20 26", vary: false };
  const images = new Float32Array(11 * 784); // bare paper, which takes the room of a digit
  const sizes = [];
  const { createElement } = globalThis.document;
  globalThis.document.createElement = () => {
    const made = { ...canvas(), toBlob: (done) => done(sizes.push([made.width, made.height])) };
    return made;
  };
  for (const lineWidth of [100, 30]) await makeFile("writing", 2, { state, awake: [], images, lineWidth });
  globalThis.document.createElement = createElement;
  assert.deepEqual(sizes, [[132, 52], [55, 104]]);
});

test("the pictures beside a slider show its dim from end to end, and nothing else moved", () => {
  const asked = [];
  const decoder = { decode: (rows) => asked.push(...rows) };
  const state = { style: [0.5, -1], digit: 4, other: null, mix: 0 };
  const strip = new StripPainter();
  strip.show({ clientWidth: 0 }, 1, decoder, state, [0, 0, 0]);
  assert.deepEqual(asked, [], "where it is folded away nothing is decoded");
  strip.show({ clientWidth: 300 }, 1, decoder, state, [0, 0, 0]);
  assert.deepEqual(asked, VALUES.map((value) => [[0.5, value], 4, 4, 0]));
  assert.deepEqual(state.style, [0.5, -1]);
  assert.equal(strip.ink.scale, 4, "600 pixels of a screen for seven pictures of 28");
  asked.length = 0;
  strip.show({ clientWidth: 300 }, 0, decoder, { ...state, other: 9, mix: 0.25 }, [0, 0, 0]);
  assert.deepEqual(asked[0], [[-3, -1], 4, 9, 0.25]);
});

test("a strip is there once its picture shows it; one that is ready late shows nothing", async () => {
  const decoder = { decode() {} };
  const state = { style: [0], digit: 4, other: null, mix: 0 };
  const strip = new StripPainter();
  encoding.length = 0;
  const decoded = [];
  const picture = { clientWidth: 300, src: "", decode: async () => decoded.push(picture.src) };
  const both = [1, 2].map(() => strip.show(picture, 0, decoder, state, [0, 0, 0]));
  encoding[1]("second");
  await both[1];
  encoding[0]("first");
  await both[0];
  assert.deepEqual([picture.src, decoded], ["blob:second", ["blob:second"]]);
});

test("a strip whose board is gone holds no picture, not even one that is ready late", async () => {
  const strip = new StripPainter();
  const picture = { clientWidth: 300, src: "blob:shown" };
  encoding.length = revoked.length = 0;
  const late = strip.show(picture, 0, { decode() {} }, { style: [0], digit: 4 }, [0, 0, 0]);
  strip.forget(picture);
  encoding[0]("late");
  await late;
  assert.deepEqual([picture.src, revoked], ["blob:shown", ["blob:shown"]]);
});

test("each kind of file has a name, but for a writing of nothing", () => {
  const state = { digit: 4, text: " 20 26 " };
  const names = ["digit", "ten", "writing", "walk"].map((kind) => fileName(kind, state));
  assert.deepEqual(names, ["4.png", "ten digits.png", "20 26.png", "walk.gif"]);
  assert.equal(fileName("writing", { ...state, text: "  " }), null);
});

function editor() {
  const heard = [];
  const hear = (name) => () => heard.push(name);
  const events = { interrupt: hear("interrupt"), moved: hear("moved"), settled: hear("settled") };
  const state = { style: [0, 0], digit: 3, other: null, mix: 0, text: "", vary: false };
  return { heard, editor: new Editor(state, events) };
}

test("what a hand moves is one step of undo, from where it took hold to where it let go", () => {
  const { heard, editor: board } = editor();
  for (const value of [1, 2, 3]) board.move(({ style }) => (style[1] = value));
  assert.deepEqual([board.settled.style, board.canUndo], [[0, 0], false]);
  board.settle();
  board.settle();
  assert.deepEqual(heard.filter((name) => name === "settled"), ["settled"]);
  assert.deepEqual([board.state.style, board.settled.style], [[0, 3], [0, 3]]);
  board.travel("undo");
  assert.deepEqual([board.state.style, board.canUndo, board.canRedo], [[0, 0], false, true]);
  board.travel("redo");
  assert.deepEqual(board.state.style, [0, 3]);
});

test("what is let go of is kept to a hundredth, also in the midst of a walk", () => {
  const { editor: board } = editor();
  board.state.style = [0.123456, -1e-9];
  board.settle();
  assert.deepEqual([board.settled.style, board.state.style], [[0.12, 0], [0.12, 0]]);
});

test("undo while a hand still holds something goes back to before", () => {
  const { editor: board } = editor();
  board.change((state) => (state.digit = 7));
  board.move(({ style }) => (style[0] = 2));
  board.travel("undo");
  assert.deepEqual([board.state.digit, board.state.style], [7, [0, 0]]);
});

test("whatever moves by itself is interrupted before something else changes", () => {
  const { heard, editor: board } = editor();
  board.change(() => heard.push("change"));
  assert.deepEqual(heard, ["interrupt", "change", "moved"]);
  board.change((state) => (state.digit = 1));
  assert.equal(heard.at(-1), "settled");
});
