// An endlessly looping animated GIF of grey frames (GIF89a, LZW).

const GREYS = 32;

/**
 * @param {Uint8Array[]} frames darkness 0-255 of width × height pixels, each
 * @param {number} width
 * @param {number} height
 * @param {number} millisecondsPerFrame
 */
export function gif(frames, width, height, millisecondsPerFrame) {
  /** @type {number[]} */
  const bytes = [];
  const text = (/** @type {string} */ string) => bytes.push(...new TextEncoder().encode(string));
  const short = (/** @type {number} */ value) => bytes.push(value & 255, value >> 8);
  text("GIF89a");
  short(width);
  short(height);
  bytes.push(0xf0 | (Math.log2(GREYS) - 1), 0, 0);
  for (let grey = 0; grey < GREYS; grey++) {
    const light = 255 - Math.round((255 * grey) / (GREYS - 1));
    bytes.push(light, light, light);
  }
  bytes.push(0x21, 0xff, 11);
  text("NETSCAPE2.0");
  bytes.push(3, 1, 0, 0, 0);
  for (const frame of frames) {
    bytes.push(0x21, 0xf9, 4, 0);
    short(Math.round(millisecondsPerFrame / 10));
    bytes.push(0, 0, 0x2c, 0, 0, 0, 0);
    short(width);
    short(height);
    bytes.push(0);
    const pixels = frame.map((darkness) => Math.round((darkness * (GREYS - 1)) / 255));
    const packed = lzw(pixels, Math.log2(GREYS));
    bytes.push(Math.log2(GREYS));
    for (let i = 0; i < packed.length; i += 255) {
      const block = packed.slice(i, i + 255);
      bytes.push(block.length, ...block);
    }
    bytes.push(0);
  }
  bytes.push(0x3b);
  return new Blob([new Uint8Array(bytes)], { type: "image/gif" });
}

/**
 * @param {Uint8Array} pixels
 * @param {number} bits of a pixel
 */
function lzw(pixels, bits) {
  const clear = 1 << bits;
  /** @type {number[]} */
  const packed = [];
  /** @type {Map<number, number>} */
  let table = new Map();
  let buffer = 0, filled = 0, width = 0, next = 0;
  const emit = (/** @type {number} */ code) => {
    buffer |= code << filled;
    for (filled += width; filled >= 8; filled -= 8, buffer >>>= 8) packed.push(buffer & 255);
  };
  const restart = () => {
    table = new Map();
    next = clear + 2;
    width = bits + 1;
  };
  restart();
  emit(clear);
  let prefix = pixels[0];
  for (let i = 1; i < pixels.length; i++) {
    const pair = prefix * clear + pixels[i];
    const known = table.get(pair);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    emit(prefix);
    prefix = pixels[i];
    if (next === 4096) {
      emit(clear);
      restart();
      continue;
    }
    table.set(pair, next);
    // A code of the new width is first needed by the decoder, which is one entry behind.
    if (next === 1 << width) width += 1;
    next += 1;
  }
  emit(prefix);
  // With this code the decoder has caught up.
  if (next === 1 << width && width < 12) width += 1;
  emit(clear + 1);
  if (filled > 0) packed.push(buffer & 255);
  return packed;
}
