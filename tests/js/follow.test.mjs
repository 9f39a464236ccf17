import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const NAME = "draw-pad-answered";

// A page with a clock of its own, on which one fragment follows the pad.
async function page() {
  let [now, number] = [0, 0];
  const timers = new Map();
  const document = new EventTarget();
  const { component } = await load(["draw/pad/follow.js"], ["component"], {
    REST_MS: 300,
    AGAIN_MS: [2000, 8000],
    document,
    setTimeout: (action, wait) => timers.set(++number, { action, at: now + wait }) && number,
    clearTimeout: (timer) => timers.delete(timer),
  });
  const asked = [];
  const parentElement = { querySelector: () => ({ dataset: {} }) };
  const setTriggerValue = () => asked.push(now);
  return {
    asked,
    timers,
    show: (shown) => component({ data: { shown }, parentElement, setTriggerValue }),
    answer(settled) {
      const event = Object.assign(new Event(NAME), { detail: { settled } });
      document.dispatchEvent(event);
    },
    pass(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end);
        if (!due.length) break;
        const [timer, { action, at }] = due.reduce((one, other) => (other[1].at < one[1].at ? other : one));
        timers.delete(timer);
        now = at;
        action();
      }
      now = end;
    },
  };
}

test("what is shown already is not asked for", async () => {
  const { answer, asked, pass, show } = await page();
  show("one");
  answer("one");
  pass(60_000);
  assert.deepEqual(asked, []);
});

test("what has changed is asked for once the pad has come to rest", async () => {
  const { answer, asked, pass, show } = await page();
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

test("a pad that comes back to what is shown asks for nothing", async () => {
  const { answer, asked, pass, show } = await page();
  show("one");
  answer("two");
  answer("one");
  pass(60_000);
  assert.deepEqual(asked, []);
});

test("what was asked for in vain is asked for again, at last every eight seconds", async () => {
  const { answer, asked, pass, show } = await page();
  show("one");
  answer("two");
  pass(30_000);
  assert.deepEqual(asked, [300, 2300, 6300, 14_300, 22_300]);
});

test("an older answer than what was asked for does not end the asking", async () => {
  const { answer, asked, pass, show } = await page();
  show("one");
  answer("three");
  pass(400);
  show("two");
  pass(2000);
  assert.deepEqual(asked, [300, 2300]);
});

test("a page that has been left asks for nothing", async () => {
  const { answer, asked, pass, show, timers } = await page();
  const leave = show("one");
  answer("two");
  leave();
  answer("three");
  pass(60_000);
  assert.deepEqual(asked, []);
  assert.equal(timers.size, 0);
});
