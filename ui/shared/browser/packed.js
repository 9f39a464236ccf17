// Images as the server packs them: zlib of half a byte for each pixel.

const SHADES = 15; // of ink, above bare paper

/**
 * What zlib has deflated.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Pixels as ink in [0, 1], two for each byte, the lower half first.
 * @param {Uint8Array} packed
 */
export function unpackInk(packed, images = new Float32Array(2 * packed.length)) {
  for (let i = 0; i < packed.length; i++) {
    images[2 * i] = (packed[i] & 15) / SHADES;
    images[2 * i + 1] = (packed[i] >> 4) / SHADES;
  }
  return images;
}
