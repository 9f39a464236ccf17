import assert from "node:assert/strict";
import { test } from "node:test";

import { History, undoShortcut } from "../../ui/shared/browser/history.js";

test("undo and redo go back and forth, and no farther than there is something", () => {
  const history = new History("a", ["start"]);
  history.put("b");
  assert.deepEqual([history.undo(), history.now], [true, "a"]);
  assert.deepEqual([history.redo(), history.now], [true, "b"]);
  assert.deepEqual([history.redo(), history.now], [false, "b"]);
  assert.deepEqual([history.undo(), history.undo(), history.undo()], [true, true, false]);
  assert.equal(history.now, "start");
});

test("what was undone is gone once something else is done", () => {
  const history = new History(1);
  history.put(2);
  history.undo();
  assert.ok(history.canRedo);
  history.put(3);
  assert.ok(!history.canRedo);
  history.undo();
  assert.equal(history.now, 1);
});

test("two hundred steps are kept", () => {
  const history = new History(0);
  for (let value = 1; value <= 300; value++) history.put(value);
  while (history.undo());
  assert.equal(history.now, 100);
});

test("Ctrl or ⌘ with Z undoes, with Shift it does again", () => {
  assert.equal(undoShortcut({ ctrlKey: true, key: "z" }), "undo");
  assert.equal(undoShortcut({ metaKey: true, shiftKey: true, key: "Z" }), "redo");
  assert.equal(undoShortcut({ key: "z" }), null);
  assert.equal(undoShortcut({ ctrlKey: true, key: "y" }), null);
});

test("the key that is Z on a Latin keyboard undoes on others too, unless it is another Latin letter", () => {
  assert.equal(undoShortcut({ ctrlKey: true, key: "я", code: "KeyZ" }), "undo");
  assert.equal(undoShortcut({ ctrlKey: true, shiftKey: true, key: "Я", code: "KeyZ" }), "redo");
  assert.equal(undoShortcut({ ctrlKey: true, key: "y", code: "KeyZ" }), null);
  assert.equal(undoShortcut({ ctrlKey: true, key: "z", code: "KeyY" }), "undo");
});
