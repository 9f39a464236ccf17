// Stand-ins for what the browser has.

// Random numbers that are the same in every run.
export function seeded(seed = 1) {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

// A canvas that keeps its pixels.
export function canvas() {
  const made = { width: 0, height: 0, getContext: () => context };
  const context = {
    drawImage() {},
    fillRect() {},
    createImageData: (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) }),
    putImageData: ({ data }) => {
      made.shown = data;
    },
  };
  return made;
}
