// The kernel: the inner loops of the networks in WebAssembly, four numbers an instruction.

/**
 * @typedef {object} Kernel what affine.wasm exports; all but sizes are byte addresses
 * @property {(x: number, w: number, b: number, y: number, inputs: number, units: number) => void} affine
 * @property {(x: number, w: number, y: number, inputs: number, outputs: number) => void} add
 */

/** @type {Promise<WebAssembly.Module | null> | undefined} */
let fetched;

/** The kernel's code, fetched once; null where it cannot be had. */
export function kernelCode() {
  fetched ??= compiled();
  return fetched;
}

async function compiled() {
  try {
    const answer = await fetch(new URL("affine.wasm", import.meta.url));
    return await WebAssembly.compile(await answer.arrayBuffer());
  } catch {
    return null;
  }
}

/**
 * Numbers in one memory, where the kernel can reach them; each array begins at a multiple of four.
 * @param {number[]} counts of numbers in each array
 * @param {WebAssembly.Module | null} code null: all is computed by JavaScript alone
 * @returns {{ arrays: Float32Array[], kernel: Kernel | null }} no kernel in a browser without its
 *   instructions
 */
export function allocate(counts, code) {
  const bytes = counts.map((count) => (4 * count + 15) & ~15);
  const size = bytes.reduce((sum, each) => sum + each, 0);
  const memory = code && new WebAssembly.Memory({ initial: Math.ceil(size / 65536) });
  const buffer = memory?.buffer ?? new ArrayBuffer(size);
  let at = 0;
  const arrays = counts.map((count, index) => {
    const array = new Float32Array(buffer, at, count);
    at += bytes[index];
    return array;
  });
  return { arrays, kernel: code && memory && started(code, memory) };
}

/**
 * @param {WebAssembly.Module} code
 * @param {WebAssembly.Memory} memory
 */
function started(code, memory) {
  try {
    const { affine, add } = new WebAssembly.Instance(code, { board: { memory } }).exports;
    const isKernel = typeof affine === "function" && typeof add === "function";
    return isKernel ? /** @type {Kernel} */ ({ affine, add }) : null;
  } catch {
    return null;
  }
}
