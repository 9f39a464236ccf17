// Explore's pad: two style dims under one pointer.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Hand } from "../../ui/explore/board/hand.js";
import { Plane } from "../../ui/explore/board/plane.js";
import { Editor } from "../../ui/explore/board/state.js";

class Element {
  style = {};
  classList = { add() {}, remove() {} };
  constructor(found = {}) {
    this.querySelector = (selector) => found[selector];
    this.querySelectorAll = (selector) => found[selector];
  }
  append() {}
  focus() {}
  addEventListener() {}
  setPointerCapture() {}
  top = 0;
  getBoundingClientRect() {
    return { left: 0, top: this.top, width: 100, height: 100 };
  }
}
globalThis.HTMLElement = globalThis.HTMLSelectElement = Element;
globalThis.document = { createElement: () => new Element() };
globalThis.removeEventListener = () => {};

const press = (clientX, clientY) => ({
  button: 0, buttons: 1, isPrimary: true, pointerId: 1, pointerType: "mouse", clientX, clientY,
  preventDefault() {},
});

// The pad of a model whose dims are awake, as many as named, and asleep.
function pad(awake, asleep) {
  const dims = Array.from({ length: awake + asleep }, (_, dim) => ({ dim, name: `dim ${dim}` }));
  const state = { style: dims.map(() => 0), digit: 3, other: null, mix: 0, text: "", vary: false };
  const editor = new Editor(state, { interrupt() {}, moved() {}, settled() {} });
  const dot = new Element();
  const surface = new Element({ span: [dot] });
  const line = () =>
    new Element({ select: new Element(), ".low": new Element(), ".high": new Element() });
  const lines = [line(), line()];
  const root = new Element({ ".pad": surface, ".axis": lines });
  const data = { awake: dims.slice(0, awake), asleep: dims.slice(awake), hidden: [] };
  const plane = new Plane(root, data, editor, new Hand(editor), { nudge() {}, turned() {} });
  const after = (x, y) => {
    surface.onpointerdown(press(x, y));
    surface.onpointerup(press(x, y));
    plane.show(editor.state.style);
    return [editor.state.style, dot.style.transform];
  };
  return { surface, editor, after, selects: lines.map(({ querySelector }) => querySelector("select")) };
}

test("across and up move the first two dims, those that are awake before the others", () => {
  for (const [awake, asleep] of [[3, 0], [2, 1], [1, 2], [0, 3]]) {
    const there = "translate(75cqw, 100cqh)";
    assert.deepEqual(pad(awake, asleep).after(75, 100), [[1.5, -3, 0], there], `${awake} awake`);
  }
});

test("the only dim goes across, and the dot stays at mid height", () => {
  assert.deepEqual(pad(1, 0).after(75, 100), [[1.5], "translate(75cqw, 50cqh)"]);
});

test("so does a dim that is chosen for both axes", () => {
  const { after, selects } = pad(2, 0);
  selects[1].value = "0";
  selects[1].onchange();
  assert.deepEqual(after(0, 10), [[-3, 0], "translate(0cqw, 50cqh)"]);
});

test("it follows the pointer over a page that is scrolled meanwhile", () => {
  const { surface, editor } = pad(2, 0);
  surface.onpointerdown(press(50, 50));
  surface.top = -50;
  surface.onpointermove(press(75, 0));
  assert.deepEqual(editor.state.style, [1.5, 0]);
});
