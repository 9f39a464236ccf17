import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf } from "../../ui/explore/board/address.js";
import { golden } from "./golden.mjs";

const PLAIN = { style: [0, 0], digit: 3, other: null, mix: 0, text: "", vary: false };

function address(state, href = "http://digits.example/", more = {}) {
  globalThis.location = { href };
  return addressOf({ ...PLAIN, ...state }, { firstDigit: 3, link: "abcd1234", hidden: [], run: "", ...more });
}

for (const { query, state } of golden("addresses")) {
  test(`what Python reads in “${query}” is said by the same address`, () => {
    const url = address(state);
    assert.equal(url.searchParams.get("weights"), query ? "abcd1234" : null);
    url.searchParams.delete("weights");
    assert.equal(url.searchParams.toString(), query);
  });
}

test("an address of something else is replaced, dims of a larger model too", () => {
  const url = address(
    { style: [0, 1.5] },
    "http://digits.example/explore?z1=2&z17=1&digit=9&blend=4&mix=0.5&text=12&vary=1&weights=old#top",
  );
  assert.equal(url.href, "http://digits.example/explore?weights=abcd1234&z2=1.5#top");
});

test("what is not the board's stays, and by itself names no weights", () => {
  const url = address({}, "http://digits.example/?model=article&z1=1&weights=old");
  assert.equal(url.search, "?model=article");
});

test("what is hidden is still so after a look at another page and a reload", () => {
  const hidden = ["pad", "save"];
  const query = address({}, "http://digits.example/", { hidden }).searchParams;
  assert.deepEqual([...query], [["hide", "pad,save"]]);
  assert.equal(address({}, "http://digits.example/?hide=pad%2Csave").search, "");
});

test("an address holds the id of a run, also where its name was taken out, and no other's", () => {
  const run = { run: "2026-a", modelName: "q (2), your run" };
  assert.equal(address({}, "http://digits.example/", run).search, "?run_id=2026-a&model=q+%282%29%2C+your+run");
  assert.equal(address({}, "http://digits.example/?model=article&run_id=2026-a").search, "?model=article");
});

test("without another digit there is no share of it", () => {
  assert.equal(address({ mix: 0.5 }).search, "");
});

test("spaces around a text are nothing that was written", () => {
  assert.equal(address({ text: "  " }).search, "");
  assert.equal(address({ text: " 2026 11 " }).searchParams.get("text"), "2026 11");
});
