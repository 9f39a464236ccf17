import assert from "node:assert/strict";
import { test } from "node:test";

import component from "../../ui/draw/pad/follow.js";
import { clock } from "./fakes.mjs";

// A page with a clock of its own, on which one fragment follows the pad.
function page() {
  const time = clock();
  globalThis.document = new EventTarget();
  globalThis.HTMLElement = class {
    dataset = {};
  };
  const asked = [];
  const parentElement = { querySelector: () => new globalThis.HTMLElement() };
  const setTriggerValue = () => asked.push(time.now);
  return {
    ...time,
    asked,
    show: (shown) => component({ data: { shown }, parentElement, setTriggerValue }),
    answer(settled) {
      const event = new Event("draw-pad-answered");
      globalThis.document.dispatchEvent(Object.assign(event, { detail: { settled } }));
    },
  };
}

test("what is shown already is not asked for", () => {
  const { answer, asked, pass, show } = page();
  show("one");
  answer("one");
  pass(60_000);
  assert.deepEqual(asked, []);
});

test("what has changed is asked for once the pad has come to rest", () => {
  const { answer, asked, pass, show } = page();
  show("one");
  for (const settled of ["two", "three", "four"]) {
    answer(settled);
    pass(200);
  }
  assert.deepEqual(asked, []);
  pass(100);
  assert.deepEqual(asked, [700]);
  show("four");
  pass(60_000);
  assert.deepEqual(asked, [700]);
});

test("a pad that comes back to what is shown asks for nothing", () => {
  const { answer, asked, pass, show } = page();
  show("one");
  answer("two");
  answer("one");
  pass(60_000);
  assert.deepEqual(asked, []);
});

test("what was asked for in vain is asked for again, at last every eight seconds", () => {
  const { answer, asked, pass, show } = page();
  show("one");
  answer("two");
  pass(30_000);
  assert.deepEqual(asked, [300, 2300, 6300, 14_300, 22_300]);
});

test("an older answer than what was asked for does not end the asking", () => {
  const { answer, asked, pass, show } = page();
  show("one");
  answer("three");
  pass(400);
  show("two");
  pass(2000);
  assert.deepEqual(asked, [300, 2300]);
});

test("a page that has been left asks for nothing", () => {
  const { answer, asked, pass, show, timers } = page();
  const leave = show("one");
  answer("two");
  leave();
  answer("three");
  pass(60_000);
  assert.deepEqual(asked, []);
  assert.equal(timers.size, 0);
});
