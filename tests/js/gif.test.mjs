import assert from "node:assert/strict";
import { test } from "node:test";

import { gif } from "../../ui/shared/browser/gif.js";
import { seeded } from "./fakes.mjs";
import { readGif } from "./read_gif.mjs";

const random = seeded();

async function film(frames, width, height, milliseconds = 60) {
  const blob = gif(frames, width, height, milliseconds);
  assert.equal(blob.type, "image/gif");
  return readGif(new Uint8Array(await blob.arrayBuffer()));
}

// What a reader sees, as darkness.
function seen({ palette, frames }) {
  return frames.map(({ pixels }) => pixels.map((pixel) => 255 - palette[pixel][0]));
}

function assertSame(read, frames) {
  for (const [number, shown] of seen(read).entries()) {
    assert.equal(shown.length, frames[number].length);
    // Half of a step of 32 greys, and of the rounding of the palette.
    assert.ok(shown.every((darkness, i) => Math.abs(darkness - frames[number][i]) <= 4.7));
  }
  assert.equal(read.rest, 0);
}

test("a film loops for ever, in full frames, at its pace", async () => {
  const frames = [Uint8Array.of(0, 255, 128, 8, 250, 0), Uint8Array.of(1, 2, 3, 4, 5, 6)];
  const read = await film(frames, 3, 2, 170);
  assertSame(read, frames);
  assert.equal(read.signature, "GIF89a");
  assert.deepEqual([read.width, read.height, read.loops], [3, 2, 0]);
  assert.deepEqual(read.frames.map(({ delay }) => delay), [17, 17]);
  for (const { place } of read.frames) assert.deepEqual(place, [0, 0, 3, 2]);
  // Every colour is a grey, and white paper and black ink are among them.
  assert.ok(read.palette.every(([red, green, blue]) => red === green && green === blue));
  assert.equal(seen(read)[0][0], 0);
  assert.equal(seen(read)[0][1], 255);
});

// The last code of a frame may be wider than the one before it.
test("noise of every length", async () => {
  for (let length = 1; length < 600; length++) {
    const frame = Uint8Array.from({ length }, () => 256 * random());
    assertSame(await film([frame], length, 1), [frame]);
  }
});

test("stripes and slopes", async () => {
  for (const look of [(i) => 255 * (i & 1), (i) => i % 256, (i) => (i * i) % 256]) {
    const frame = Uint8Array.from({ length: 3000 }, (_, i) => look(i));
    assertSame(await film([frame], 60, 50), [frame]);
  }
});

test("noise that fills the table of codes, and starts it again", async () => {
  for (let length = 6000; length < 40_000; length += 1717) {
    const frame = Uint8Array.from({ length }, () => 256 * random());
    assertSame(await film([frame], length, 1), [frame]);
  }
});

test("one grey repeated packs to almost nothing", async () => {
  const frame = new Uint8Array(200_000).fill(255);
  const blob = gif([frame], 500, 400, 60);
  assert.ok(blob.size < 3000, `${blob.size} bytes`);
  assertSame(await film([frame], 500, 400), [frame]);
});
