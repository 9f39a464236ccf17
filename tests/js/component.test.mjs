import assert from "node:assert/strict";
import { test } from "node:test";

import { component, enable, write } from "../../ui/shared/browser/component.js";

/** A component that counts, and a place for it. */
function counted() {
  const counts = { made: 0, updated: 0, disposed: 0 };
  const call = { parentElement: { isConnected: true } };
  const mount = component(() => {
    counts.made += 1;
    return { update: () => (counts.updated += 1), dispose: () => (counts.disposed += 1) };
  });
  return { counts, call, mount };
}

test("what was made outlives the calls, those too that another one overtook", () => {
  const { counts, call, mount } = counted();
  const overtaken = mount(call);
  overtaken(); // before the next call, or after it
  const last = mount(call);
  overtaken();
  assert.deepEqual(counts, { made: 1, updated: 2, disposed: 0 });
  call.parentElement.isConnected = false;
  last();
  overtaken();
  assert.deepEqual(counts, { made: 1, updated: 2, disposed: 1 });
});

test("each place has a component of its own", () => {
  const { counts, call, mount } = counted();
  mount(call);
  mount({ parentElement: { isConnected: true } });
  assert.equal(counts.made, 2);
});

test("where a translator has put an element in the place of text, it stays until there is other text", () => {
  const element = { firstChild: { nodeValue: "" } };
  const translate = (textContent) => Object.assign(element, { textContent, firstChild: { tagName: "FONT" } });
  write(element, "A clear 1");
  translate("Eine klare 1");
  write(element, "A clear 1");
  assert.equal(element.textContent, "Eine klare 1");
  write(element, "A clear 0");
  assert.equal(element.textContent, "A clear 0");
});

test("a button that can no longer be pressed hands its focus on to one that can", () => {
  let focused = null;
  const [undo, redo, clear] = [0, 1, 2].map(() => {
    const button = { disabled: false, matches: () => focused === button, focus: () => button.disabled || (focused = button) };
    return button;
  });
  redo.disabled = true;
  for (const [from, can, to] of [
    [undo, [false, true, false], redo],
    [redo, [true, false, true], undo],
    [clear, [true, false, false], undo],
    [undo, [true, true, true], undo],
    [undo, [false, false, false], undo],
  ]) {
    focused = from;
    enable([undo, redo, clear].map((button, at) => [button, can[at]]));
    assert.equal(focused, to);
    assert.deepEqual([undo, redo, clear].map(({ disabled }) => !disabled), can);
  }
  const pressed = [["Enter", false], ["Enter", true], ["Tab", true]].map(([key, repeat]) => {
    const event = { key, repeat, isStopped: false, preventDefault: () => (event.isStopped = true) };
    undo.onkeydown(event);
    return event.isStopped;
  });
  assert.deepEqual(pressed, [false, true, false]);
});
