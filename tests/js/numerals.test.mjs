import assert from "node:assert/strict";
import { test } from "node:test";

import { digitOf, plainDigits } from "../../ui/shared/browser/numerals.js";

test("every decimal digit that there is has the value of its place in its script, and all else stays", () => {
  assert.equal(plainDigits("٢0𝟚𝟞 a ½ ² x"), "2026 a ½ ² x");
  for (let code = 0, count = 0; code <= 0x10ffff; code++) {
    const text = String.fromCodePoint(code);
    if (/\p{Nd}/u.test(text)) assert.equal(plainDigits(text), `${count++ % 10}`, code.toString(16));
    else assert.equal(count % 10, 0);
  }
});

test("a key is a digit by what it types, or else by its place in the upper row", () => {
  const of = (key, code, shiftKey = false) => digitOf({ key, code, shiftKey });
  assert.equal(of("7", "Digit7"), 7);
  assert.equal(of("0", "Numpad0"), 0);
  assert.equal(of("٧", "Digit7"), 7);
  assert.equal(of("۰", "Digit0"), 0);
  assert.equal(of("à", "Digit0"), 0, "French");
  assert.equal(of("1", "Digit1", true), 1, "French, with Shift");
  assert.equal(of("!", "Digit1", true), null);
  for (const [key, code] of [["q", "KeyQ"], ["F1", "F1"], ["Enter", "Enter"], ["End", "Numpad1"]]) {
    assert.equal(of(key, code), null, key);
  }
});
