import assert from "node:assert/strict";
import { test } from "node:test";

import { MOST_TEXT, leftOutSaid, numberField, sifted } from "../../ui/shared/browser/number_field.js";

test("digits are digits whatever keyboard typed them; all else is left out", () => {
  assert.deepEqual(sifted(" 20 26 "), { number: " 20 26 ", leftOut: [] });
  assert.deepEqual(sifted("1.5x٣"), { number: "153", leftOut: [".", "x"] });
  assert.deepEqual(sifted("1".repeat(MOST_TEXT) + "23"), { number: "1".repeat(MOST_TEXT), leftOut: ["2", "3"] });
});

test("what was left out is named, each once, and no more than can be read", () => {
  assert.equal(leftOutSaid([]), "");
  assert.equal(leftOutSaid([".", "."]), "Digits and spaces only, 24 at most. Left out: “.”");
  assert.match(leftOutSaid(["+", "(", ")"]), /: “\+” “\(” “\)”$/);
  assert.match(leftOutSaid([..."abcdefgh"]), /“e” and more$/);
});

// An input without a browser: writing its value throws the caret to the end.
class Field extends EventTarget {
  #value = "";
  selectionStart = 0;
  get value() {
    return this.#value;
  }
  set value(text) {
    this.#value = text;
    this.selectionStart = text.length;
  }
  setSelectionRange(start) {
    this.selectionStart = start;
  }
  type(text) {
    for (const each of text) {
      const caret = this.selectionStart;
      this.value = this.value.slice(0, caret) + each + this.value.slice(caret);
      this.selectionStart = caret + 1;
      this.dispatchEvent(new Event("input"));
    }
  }
}

test("a field keeps what can be written, and says what it left out until typing begins anew", () => {
  const field = new Field();
  const note = { textContent: "" };
  const heard = [];
  numberField(field, note, (number) => heard.push(number));
  field.onfocus();
  field.type("01.02");
  assert.deepEqual([field.value, heard.at(-1)], ["0102", "0102"]);
  assert.match(note.textContent, /“\.”/);
  field.onfocus();
  assert.ok(note.textContent);
  field.type("6");
  assert.equal(note.textContent, "");
  // An input method shows what it has so far, and may take it back.
  field.value += "２";
  field.dispatchEvent(Object.assign(new Event("input"), { isComposing: true }));
  assert.equal(field.value, "01026２");
  field.dispatchEvent(new Event("compositionend"));
  assert.equal(field.value, "010262");
});

test("the caret stays where one types, whatever is left out", () => {
  const field = new Field();
  numberField(field, {});
  field.type("1234");
  field.setSelectionRange(2);
  field.type("x9");
  assert.deepEqual([field.value, field.selectionStart], ["12934", 3]);
  field.value = "1".repeat(MOST_TEXT);
  field.setSelectionRange(1);
  field.type("2");
  assert.deepEqual([field.value, field.selectionStart], ["12" + "1".repeat(MOST_TEXT - 2), 2]);
});
