import assert from "node:assert/strict";
import { test } from "node:test";

import { Answerer, joined } from "../../ui/draw/desk/answer.js";
import { BARE, checked, packed, restore, store, unpacked } from "../../ui/draw/desk/store.js";
import { report } from "../../ui/draw/desk/taking.js";
import {
  WELCOMES, asleepSaid, corrected, foundSaid, frameSaid, numberSaid, percent, signed, touchingSaid, verdict,
} from "../../ui/draw/desk/words.js";

const image = (shade) => new Float32Array(784).fill(shade);
const probsOf = (shares) => Float64Array.from({ length: 10 }, (_, digit) => shares[digit] ?? 0);
const reading = (shares) => {
  const probs = probsOf(shares);
  return { digit: probs.indexOf(Math.max(...probs)), probs };
};

test("a share never claims certainty", () => {
  assert.deepEqual([1, 0.996, 0.5, 0.004].map(percent), ["> 99\u00a0%", "> 99\u00a0%", "50\u00a0%", "0\u00a0%"]);
});

test("before anything is given the words fit the way to give it", () => {
  assert.match(WELCOMES.Draw, /while you draw/);
  for (const way of ["Upload", "Camera"]) assert.doesNotMatch(WELCOMES[way], /draw|pad/);
});

test("the words follow how sure the model is", () => {
  assert.match(verdict(reading({ 8: 0.97, 3: 0.03 }), true), /sure that this is an 8 \(97\u00a0%\)/);
  assert.match(verdict(reading({ 3: 0.8, 8: 0.2 }), true), /Most likely a 3 \(80\u00a0%\); an 8 comes next with 20\u00a0%/);
  assert.match(verdict(reading({ 0: 0.6, 1: 0.4 }), true), /Perhaps a 0 \(60\u00a0%\), but it might be a 1 \(40\u00a0%\)/);
  assert.match(verdict(reading({ 4: 0.4, 9: 0.35 }), true), /cannot tell: a 4 \(40\u00a0%\) or a 9 \(35\u00a0%\)/);
  assert.match(verdict(reading({ 4: 0.99 }), false), /unlike the digits the model knows/);
});

test("a number is no surer than its least sure digit", () => {
  const sure = reading({ 2: 0.999 });
  assert.match(numberSaid([sure, sure], [], "22"), /^Two digits, .* sure of each \(more than 99\u00a0%\)/);
  assert.match(numberSaid([sure, reading({ 0: 0.97 }), sure], [], "202"), /^Three digits, .* \(97\u00a0% at least\)/);
  assert.match(numberSaid([reading({ 7: 0.6 }), sure], [], "72"), /least sure of the 7 \(60\u00a0%\)/);
  assert.match(numberSaid([sure, reading({ 8: 0.99 })], [8], "28"), /if it is an 8, looks unlike/);
  assert.match(numberSaid([sure, sure], [2, 2], "22"), /Two digits; two look unlike/);
  assert.match(numberSaid(Array(7).fill(sure), [], "2222222"), /^7 digits/);
  assert.match(numberSaid([sure, sure], [], "72"), /^You say 72; the model reads 22\. Two digits, .* sure of each/);
  assert.match(touchingSaid([2, 3]), /^Digit 2 and 3 may be several/);
  assert.equal(touchingSaid([]), "");
  assert.match(frameSaid([3, 12]), /this is frame 3 of 12/);
  assert.equal(frameSaid([1, 12]), "");
  assert.match(foundSaid(32, 24), /^32 digits were found, and the first 24 of them taken; what is much lower .* left out/);
  assert.equal(foundSaid(24, 24), "");
});

test("of the style dims that say little it is told how many there are, be it one", () => {
  assert.equal(asleepSaid(2), "2 more dims say next to nothing and stay near 0 ± 1.");
  assert.equal(asleepSaid(1), "1 more dim says next to nothing and stays near 0 ± 1.");
  assert.equal(asleepSaid(0), "");
});

test("who knows better is told what the model read", () => {
  assert.match(corrected(reading({ 3: 0.9 }), 5), /You say a 5; the model reads a 3 \(90\u00a0%\)/);
  assert.match(corrected(reading({ 3: 0.9 }), 3), /agree/);
});

test("numbers of style have a real sign, and none where they round to nothing", () => {
  assert.deepEqual([0.3, -0.3, 0.001, -0.001].map((value) => signed(value)), ["+0.30", "−0.30", "0.00", "0.00"]);
});

test("an image survives its way through text, in 256 shades", () => {
  const shades = Float32Array.from({ length: 784 }, (_, i) => (i % 256) / 255);
  assert.deepEqual(unpacked(packed(shades)), shades);
});

function withStorage(storage, act) {
  const get = storage instanceof Function ? storage : () => storage;
  Object.defineProperty(globalThis, "sessionStorage", { get, configurable: true });
  try {
    return act();
  } finally {
    delete globalThis.sessionStorage;
  }
}

test("what is on the desk outlives a reload", () => {
  const kept = {};
  const storage = { getItem: (key) => kept[key] ?? null, setItem: (key, value) => (kept[key] = value) };
  const desktop = {
    strokes: [{ points: [1, 2, 3, 4], width: 72, erases: false }],
    example: 7,
    part: 1,
    told: null,
    kept: [{ image: packed(image(0.5)), told: 4 }],
  };
  withStorage(storage, () => {
    assert.deepEqual(restore(), BARE);
    store(desktop);
    assert.deepEqual(restore(), desktop);
  });
});

test("in a browser that stores nothing the desk outlives a look at another page", () => {
  const refuse = () => {
    throw new Error("denied");
  };
  for (const [told, storage] of [[7, { getItem: refuse, setItem: refuse }], [8, refuse]]) {
    withStorage(storage, () => {
      store({ ...BARE, told });
      assert.deepEqual(restore(), { ...BARE, told });
    });
  }
});

test("of what others stored in its place, only what is in order is taken", () => {
  const stroke = { points: [0, 0], width: 72, erases: false };
  for (const found of [null, 7, "x", [], {}, { strokes: {} }, { strokes: [null] }]) {
    assert.deepEqual(checked(found), BARE);
  }
  for (const bad of [
    { ...stroke, points: [] },
    { ...stroke, points: [1] },
    { ...stroke, points: [0, 2000] },
    { ...stroke, points: [0, 0.5] },
    { ...stroke, width: "72" },
    { ...stroke, erases: 1 },
  ]) {
    assert.deepEqual(checked({ strokes: [stroke, bad] }).strokes, []);
  }
  const good = { image: packed(image(1)), told: 3 };
  const kept = [good, { image: "AAAA", told: 3 }, { ...good, told: 10 }, { image: "%", told: null }, null];
  assert.deepEqual(checked({ kept, example: 12, part: "1", told: "3" }), { ...BARE, kept: [good] });
  assert.equal(checked({ kept: Array(9).fill(good) }).kept.length, 6);
});

// A model that reads the shade of an image as its style, and says of each how it was asked.
function answerer() {
  const asked = [];
  const reader = {
    model: { zDim: 2 },
    calibration: null,
    read(pixels, told) {
      asked.push(told);
      const style = { mean: Float64Array.of(pixels[0], told ?? -1), std: Float64Array.of(0.5, 0.5) };
      return { digit: 3, probs: probsOf({ 3: 1 }), style, energy: 1 };
    },
    oodScore: () => -2,
  };
  const decoder = {
    decode: (rows) => Float32Array.from({ length: 784 * rows.length }, (_, i) => rows[Math.floor(i / 784)][1]),
    logits: () => new Float32Array(784),
  };
  return { asked, answerer: new Answerer(reader, decoder) };
}

test("without a digit the ten stand in the middle of the prior", () => {
  const { style, digits, reading, ten } = answerer().answerer.answer(null, []);
  assert.deepEqual([[...style.mean], [...style.std], digits, reading], [[0, 0], [1, 1], [], null]);
  assert.equal(ten.length, 7840);
});

test("a hand is made of all digits kept and the one on the pad, each as it was said to be", () => {
  const kept = { image: image(0.2), told: 5 };
  const { digits, redrawing, style } = answerer().answerer.answer({ image: image(1), told: null }, [kept]);
  assert.deepEqual(digits, [5, 3]);
  assert.equal(redrawing[0], 3);
  // Two posteriors of precision 4, the prior's counted once: (0.2 · 4 + 1 · 4) / 7.
  assert.ok(Math.abs(style.mean[0] - 4.8 / 7) < 1e-6);
});

test("the digit on the pad counts once where it was kept already", () => {
  const shade = image(1);
  const { digits } = answerer().answerer.answer({ image: shade.slice(), told: null }, [{ image: shade, told: 3 }]);
  assert.deepEqual(digits, [3]);
});

test("a kept digit that is on the pad again stands last, and is what is said of it there", () => {
  const shade = image(1);
  const kept = [{ image: shade, told: 3 }, { image: image(0.2), told: 5 }];
  assert.deepEqual(answerer().answerer.answer({ image: shade.slice(), told: 7 }, kept).digits, [5, 7]);
});

test("a kept digit of a picture is one of its digits", () => {
  const [two, five, other] = [0.2, 0.5, 0.9].map((shade) => ({ image: image(shade), told: null }));
  assert.deepEqual(joined([{ ...two, told: 3 }, other], [five, two]), [other, five, two]);
});

test("an image is read once for each word on what it is", () => {
  const { asked, answerer: one } = answerer();
  const shade = image(1);
  for (const told of [null, null, 7, null, 7]) one.answer({ image: shade, told }, []);
  assert.deepEqual(asked, [null, 7]);
});

test("the same question has the same answer, another digit or another hand has not", () => {
  const { answerer: one } = answerer();
  const [current, kept] = [{ image: image(1), told: null }, []];
  const answer = one.answer(current, kept);
  assert.equal(one.answer({ ...current }, kept), answer);
  assert.notEqual(one.answer({ ...current, told: 7 }, kept), answer);
  assert.notEqual(one.answer({ ...current, image: image(0.5) }, kept), answer);
  assert.notEqual(one.answer(current, [{ image: image(0.2), told: 5 }]), answer);
  assert.equal(one.answer(null, kept).reading, null);
});

test("nobody says that an image is unlike a digit where its writer contradicts the model", () => {
  const { answerer: one } = answerer();
  assert.equal(one.answer({ image: image(1), told: null }, []).score, -2);
  assert.equal(one.answer({ image: image(1), told: 7 }, []).score, null);
});

test("the report holds what is shown, by the names of the dims", () => {
  const given = { image: image(1), told: 5 };
  const answer = answerer().answerer.answer(given, []);
  const dims = [{ dim: 1, name: "slant" }, { dim: 0, name: "style 2" }];
  const told = report({ answer, given, source: "Draw", name: "studio", dims });
  assert.deepEqual([told.model, told.digit, told.told, told.is_familiar], ["studio", 3, 5, null]);
  assert.deepEqual(told.style[0], { dim: 2, name: "slant", mean: 5, std: 0.5 });
  assert.deepEqual(told.hand.digits, [5]);
});
