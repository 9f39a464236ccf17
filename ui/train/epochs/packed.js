// Reads what payload.py packed.

const DIGITS_BYTES = (DIGITS.length * PIXELS) / 2; // of ten digits: two pixels a byte
const LEVEL = 1 / 15;

// {numbers, count, running, name}, and for each number {own, fixed}: ten digits, still packed.
async function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const deflated = new Blob([bytes.subarray(4 + length)]).stream();
  const inflated = deflated.pipeThrough(new DecompressionStream("deflate"));
  const digits = new Uint8Array(await new Response(inflated).arrayBuffer());
  const part = (index) => digits.subarray(index * DIGITS_BYTES, (index + 1) * DIGITS_BYTES);
  const packed = header.numbers.map((_, row) => ({ own: part(2 * row), fixed: part(2 * row + 1) }));
  return { ...header, packed };
}

// Ten digits as ink in [0, 1], one number a pixel.
function inkOf(packed, images = new Float32Array(DIGITS.length * PIXELS)) {
  for (let i = 0; i < packed.length; i++) {
    images[2 * i] = (packed[i] & 15) * LEVEL;
    images[2 * i + 1] = (packed[i] >> 4) * LEVEL;
  }
  return images;
}

const isSame = (one, other) => one.every((byte, i) => byte === other[i]);
