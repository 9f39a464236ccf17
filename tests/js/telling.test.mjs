import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Telling } from "../../ui/draw/desk/telling.js";

function listener() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const said = [];
  const telling = new Telling((content) => said.push(content));
  return { said, telling };
}

test("what was heard is not said again", () => {
  const { said, telling } = listener();
  telling.tell({ image: "a" });
  telling.heard(said[0].turn);
  mock.timers.tick(60_000);
  assert.deepEqual(said.map(({ image }) => image), ["a"]);
});

test("what nobody answers is said again, ever later, and only the last of it", () => {
  const { said, telling } = listener();
  telling.tell({ image: "a" });
  telling.tell({ image: "b" });
  mock.timers.tick(1999);
  assert.equal(said.length, 2);
  mock.timers.tick(1); // 2 s, then 4 s and 8 s later
  mock.timers.tick(4000);
  mock.timers.tick(8000);
  mock.timers.tick(8000);
  assert.deepEqual(said.map(({ image }) => image), ["a", "b", "b", "b", "b", "b"]);
  assert.ok(said[1].turn > said[0].turn);
  assert.equal(said[2].turn, said[1].turn);
});

test("a server that has heard nothing is told", () => {
  const { said, telling } = listener();
  telling.heard(null); // there is nothing to tell yet
  telling.tell({ image: "a" });
  telling.heard(said[0].turn);
  telling.heard(null);
  assert.deepEqual(said[1], said[0]);
});

test("an answer to what was said before is none to the last", () => {
  const { said, telling } = listener();
  telling.tell({ image: "a" });
  telling.tell({ image: "b" });
  telling.heard(said[0].turn);
  assert.equal(said.length, 2);
  mock.timers.tick(2000);
  assert.equal(said.length, 3);
});

test("while there are news to tell, nothing answers them", () => {
  const { said, telling } = listener();
  telling.tell({ image: "a" });
  telling.hasNews = true;
  assert.ok(!telling.heard(said[0].turn));
  telling.tell({ image: "b" });
  assert.ok(telling.heard(said[1].turn));
});

test("a desk that has gone says nothing", () => {
  const { said, telling } = listener();
  telling.tell({ image: "a" });
  telling.stop();
  mock.timers.tick(60_000);
  assert.equal(said.length, 1);
});
