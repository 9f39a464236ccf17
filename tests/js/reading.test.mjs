import assert from "node:assert/strict";
import { test } from "node:test";

import { Network } from "../../ui/shared/browser/network.js";
import { Reader } from "../../ui/shared/browser/reader.js";
import { combine } from "../../ui/shared/browser/hand.js";
import { KERNEL, assertClose, file, golden } from "./golden.mjs";

const images = file("digits.safetensors").get("images").values;
const COUNT = images.length / 784;
const imageOf = (index) => images.subarray(784 * index, 784 * (index + 1));
const oneHot = (digit) => Array.from({ length: 10 }, (_, each) => Number(each === digit));

for (const { name, ...model } of golden("models")) {
  const reader = new Reader(model, file(`${name}-reader.safetensors`), KERNEL);
  const decoder = new Network(file(`${name}-decoder.safetensors`), "decoder", model.activation, KERNEL);
  const expected = file(`${name}-readings.safetensors`);
  const rows = (key, index) => {
    const { shape, values } = expected.get(key);
    return values.subarray(index * shape[1], (index + 1) * shape[1]);
  };

  test(`${name} reads ${COUNT} digits as the engine does`, () => {
    for (let index = 0; index < COUNT; index++) {
      const image = imageOf(index);
      const reading = reader.read(image);
      const probs = rows("digit_probs", index);
      assert.equal(reading.digit, probs.indexOf(Math.max(...probs)));
      assertClose(reading.probs, probs, 1e-3);
      assertClose(reading.style.mean, rows("style_mean", index), 2e-3);
      assertClose(reading.style.std, rows("style_std", index), 2e-3);
      const logits = decoder.run([...reading.style.mean, ...oneHot(reading.digit)]);
      const shades = logits.map((logit) => 1 / (1 + Math.exp(-logit)));
      assertClose(shades, rows("reconstruction", index), 1 / 255);
      const score = reader.oodScore(reading, image, logits);
      if (!model.calibration) assert.equal(score, null);
      else assert.equal(score > 0, rows("ood_score", index)[0] > 0);
    }
  });

  test(`${name} reads by JavaScript alone as by the kernel`, () => {
    const plain = new Reader(model, file(`${name}-reader.safetensors`), null);
    for (let index = 0; index < 50; index++) {
      const [one, other] = [plain, reader].map((each) => each.read(imageOf(index)));
      assertClose(one.probs, other.probs, 1e-4);
      assertClose(one.style.mean, other.style.mean, 1e-4);
    }
  });

  test(`${name} takes the style by the digit that it is told`, () => {
    for (let index = 0; index < 50; index++) {
      const { style } = reader.read(imageOf(index), index % 10);
      assertClose(style.mean, rows("told_mean", index), 2e-3);
    }
  });
}

test("a hand is combined as in Python", () => {
  for (const { styles, habits, mean, std } of golden("hands")) {
    const hand = combine(styles, habits);
    assertClose(hand.mean, mean, 1e-5);
    assertClose(hand.std, std, 1e-5);
  }
});
