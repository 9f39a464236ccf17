// What a pointer holds on Explore, and how it lets go.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Hand } from "../../ui/explore/board/hand.js";
import { Editor } from "../../ui/explore/board/state.js";

const window = new EventTarget();
for (const name of ["addEventListener", "removeEventListener"]) globalThis[name] = window[name].bind(window);

// An element that a finger's place across moves a value by, and what is told of that value.
function held() {
  const told = [];
  const events = { interrupt() {}, moved() {}, settled: () => told.push(editor.settled.style[0]) };
  const editor = new Editor({ style: [0], digit: 3, other: null, mix: 0, text: "", vary: false }, events);
  const element = { classList: { add() {}, remove() {} }, setPointerCapture() {}, isConnected: true };
  const follow = ({ clientX }) => (editor.state.style[0] = clientX / 100);
  new Hand(editor).hold(element, { grab() {}, follow });
  return { element, editor, told };
}

const touch = (clientX) => ({
  button: 0, buttons: 1, isPrimary: true, pointerId: 1, pointerType: "touch", clientX, clientY: 0,
  preventDefault() {},
});
const pressAnywhere = (pointerType) =>
  window.dispatchEvent(Object.assign(new Event("pointerdown"), { pointerType }));

test("a finger that stays opens no menu, and one can be opened with nothing held", () => {
  const { element } = held();
  let opened = 0;
  const ask = () => {
    opened++;
    element.oncontextmenu({ preventDefault: () => opened-- });
  };
  element.onpointerdown(touch(5));
  ask();
  assert.equal(opened, 0);
  element.onpointerup(touch(5));
  ask();
  assert.equal(opened, 1);
});

test("what was told of a value that the browser takes back is told anew", () => {
  const { element, editor, told } = held();
  element.onpointerdown(touch(0));
  element.onpointermove(touch(150));
  editor.settle(); // something was done elsewhere
  element.onpointercancel(touch(150));
  assert.deepEqual([editor.state.style, editor.settled.style, told], [[0], [0], [1.5, 0]]);
});

test("a second finger takes back what the first has moved, and neither moves anything after it", () => {
  const { element, editor, told } = held();
  element.onpointerdown(touch(0));
  element.onpointermove(touch(150));
  pressAnywhere("touch");
  element.onpointerdown({ ...touch(10), pointerId: 2, isPrimary: false });
  element.onpointermove(touch(200));
  element.onpointermove({ ...touch(200), pointerId: 2 });
  element.onpointerup(touch(200));
  assert.deepEqual([editor.state.style, told, editor.canUndo], [[0], [], false]);
  element.onpointerdown(touch(0));
  element.onpointerup(touch(100));
  pressAnywhere("touch");
  assert.deepEqual([editor.state.style, told], [[1], [1]]);
});

test("the page that is left under a finger hears nothing of the next one", () => {
  const { element, editor, told } = held();
  element.onpointerdown(touch(0));
  element.onpointermove(touch(150));
  element.isConnected = false;
  pressAnywhere("touch");
  assert.deepEqual([editor.state.style, told], [[1.5], []]);
});

test("a pointer whose release went elsewhere leaves the value where it was pressed last", () => {
  for (const lost of ["onpointermove", "onlostpointercapture"]) {
    const { element, editor, told } = held();
    element.onpointerdown({ ...touch(10), pointerType: "mouse" });
    element.onpointermove({ ...touch(120), pointerType: "mouse" });
    for (const x of [200, 300]) element[lost]({ ...touch(x), pointerType: "mouse", button: -1, buttons: 0 });
    assert.deepEqual([editor.state.style, told], [[1.2], [1.2]]);
    element.onpointerdown({ ...touch(50), pointerType: "mouse" });
    assert.deepEqual(editor.state.style, [0.5], "it can be taken again");
  }
});
