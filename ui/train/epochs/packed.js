// Reads what payload.py packed.

const DIGITS_BYTES = (DIGITS.length * PIXELS) / 2; // of ten digits: two pixels a byte
const LEVEL = 1 / 15;

// {numbers, count, running, name}, and for each number {own, fixed}: ten digits, still packed.
// `held` has those that came before, by number, and gets those that come now.
async function unpack(bytes, held) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const deflated = new Blob([bytes.subarray(4 + length)]).stream();
  const inflated = deflated.pipeThrough(new DecompressionStream("deflate"));
  const digits = new Uint8Array(await new Response(inflated).arrayBuffer());
  const part = (index) => digits.subarray(index * DIGITS_BYTES, (index + 1) * DIGITS_BYTES);
  header.sent.forEach((number, i) => held.set(number, { own: part(2 * i), fixed: part(2 * i + 1) }));
  return { ...header, packed: header.numbers.map((number) => held.get(number)) };
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
