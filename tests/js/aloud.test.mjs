import assert from "node:assert/strict";
import { mock, test } from "node:test";

// Of the clock that the sentences go by hardly a moment passes here.
mock.timers.enable({ apis: ["setTimeout"] });
const heard = [];
const region = { style: {}, set textContent(text) { heard.push(text); } };
globalThis.document = { createElement: () => region, body: { append() {} } };
const { default: aloud } = await import("../../ui/shared/browser/aloud.js");

const shows = (place, said) => aloud({ parentElement: {}, data: { place, said } });
const after = (milliseconds) => {
  mock.timers.tick(milliseconds);
  return heard.splice(0);
};

test("each sentence is told in its turn, and once, but for the first page's name", () => {
  shows("page", "Explore");
  assert.deepEqual(after(10_000), []);
  shows("page", "Inside");
  shows("stop", "An image is 784 numbers");
  assert.deepEqual(after(0), ["Inside"]);
  assert.deepEqual(after(10_000), ["An image is 784 numbers"]);
  // Another page, and back: as a place of another element.
  shows("page", "Map");
  shows("page", "Inside");
  shows("stop", "An image is 784 numbers");
  assert.deepEqual(after(10_000), ["Map", "Inside"]);
  shows("picked", "A digit 7");
  shows("picked", "");
  shows("picked", "A digit 7");
  assert.deepEqual(after(10_000), ["A digit 7", "A digit 7"]);
});
