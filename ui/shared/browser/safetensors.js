// Reads safetensors files: the length of a JSON header (uint64, little-endian), the header, then the
// tensors. See https://github.com/huggingface/safetensors#format.

/** @typedef {{ shape: number[], values: Float32Array }} Tensor */

/**
 * Tensors by name, float16 and float32 alike as Float32Array.
 * Throws where the buffer is no such file, or holds numbers of another kind.
 * @param {ArrayBuffer} buffer
 * @returns {Map<string, Tensor>}
 */
export function tensors(buffer) {
  const size = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, size)));
  const found = new Map();
  for (const [name, each] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets: [begin, end] } = each;
    found.set(name, { shape, values: floats(buffer.slice(8 + size + begin, 8 + size + end), dtype) });
  }
  return found;
}

/** @param {ArrayBuffer} bytes @param {string} dtype @returns {Float32Array} */
function floats(bytes, dtype) {
  if (dtype === "F32") return new Float32Array(bytes);
  if (dtype !== "F16") throw new Error(`tensors of ${dtype} cannot be read`);
  const halves = new Uint16Array(bytes);
  const values = new Float32Array(halves.length);
  for (let i = 0; i < values.length; i++) values[i] = HALVES[halves[i]];
  return values;
}

// Every float16 there is: sign, five bits of exponent, ten of mantissa (IEEE 754).
const HALVES = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + mantissa) : 2 ** -24 * mantissa);
});
