// Reads what ui/map/data.py packed: the digits of all rows, and then what the model makes of each.

const PACKED = PIXELS / 2; // bytes of one image

async function unpack(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const rowsOf = (pictures) => pictures.length / PACKED / 2;

// The digit of a row (kind 0), or its redrawing (1), as ink in [0, 1].
function pictureOf(pictures, row, kind, image = new Float32Array(PIXELS)) {
  const from = (kind * rowsOf(pictures) + row) * PACKED;
  for (let i = 0; i < PACKED; i++) {
    const pair = pictures[from + i];
    image[2 * i] = (pair >> 4) / SHADES;
    image[2 * i + 1] = (pair & 15) / SHADES;
  }
  return image;
}
