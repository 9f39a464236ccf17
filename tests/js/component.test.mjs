import assert from "node:assert/strict";
import { test } from "node:test";

import { component } from "../../ui/shared/browser/component.js";

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
