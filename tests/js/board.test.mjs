import assert from "node:assert/strict";
import { test } from "node:test";

import { canvas, seeded } from "./fakes.mjs";
import { bytes, floats, golden } from "./golden.mjs";
import { load } from "./load.mjs";
import { readGif } from "./read_gif.mjs";

const SHARED = "shared/browser/";
const BOARD = "explore/board/";

test("a blend is of two digits", async () => {
  const { isBlend } = await load([`${SHARED}constants.js`], ["isBlend"]);
  const blends = [null, 3, 8].map((other) => isBlend({ digit: 3, other }));
  assert.deepEqual(blends, [false, false, true]);
});

test("one promise of a decoder for each model, whoever asks first", async () => {
  const { model } = await load([`${SHARED}models.js`], ["model"]);
  const asked = model("one").decoder;
  model("one").resolve("the first");
  model("two").resolve("the second");
  assert.equal(await asked, "the first");
  assert.equal(await model("two").decoder, "the second");
});

test("the film of a walk shows ten digits in every frame, and has no seam", async () => {
  const scripts = [
    ...["constants", "ink", "decoder", "gif"].map((name) => `${SHARED}${name}.js`),
    ...["wander", "writing", "saving"].map((name) => `${BOARD}${name}.js`),
  ];
  const given = { document: { createElement: canvas }, KERNEL: "", Math: seeded() };
  const { Decoder, makeFile } = await load(scripts, ["Decoder", "makeFile"], given);
  const { packed } = golden("decoders").find(({ name }) => name === "studio");
  const decoder = new Decoder(bytes(packed));
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

test("the pictures beside a slider show its dim from end to end, and nothing else moved", async () => {
  const given = {
    document: { createElement: () => ({ ...canvas(), toBlob() {} }) },
    devicePixelRatio: 2,
  };
  const scripts = [`${SHARED}constants.js`, `${SHARED}ink.js`, `${BOARD}strips.js`];
  const { Xray, XRAY } = await load(scripts, ["Xray", "XRAY"], given);
  const asked = [];
  const decoder = { decode: (rows) => asked.push(...rows) };
  const state = { style: [0.5, -1], digit: 4, other: null, mix: 0 };
  const xray = new Xray();
  xray.show({ clientWidth: 0 }, 1, decoder, state, [0, 0, 0]);
  assert.deepEqual(asked, [], "where it is folded away nothing is decoded");
  xray.show({ clientWidth: 300 }, 1, decoder, state, [0, 0, 0]);
  assert.deepEqual(asked, XRAY.map((value) => [[0.5, value], 4, 4, 0]));
  assert.deepEqual(state.style, [0.5, -1]);
  assert.equal(xray.ink.scale, 4, "600 pixels of a screen for seven pictures of 28");
  asked.length = 0;
  xray.show({ clientWidth: 300 }, 0, decoder, { ...state, other: 9, mix: 0.25 }, [0, 0, 0]);
  assert.deepEqual(asked[0], [[-3, -1], 4, 9, 0.25]);
});
