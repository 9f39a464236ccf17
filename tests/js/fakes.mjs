// Stand-ins for what the browser has.

// Math with random numbers that are the same in every run.
export function seeded(seed = 1) {
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  return Object.create(Math, { random: { value: random } });
}

// A canvas that keeps its pixels, and has been asked for them `puts` times.
export function canvas() {
  const made = { width: 0, height: 0, puts: 0, getContext: () => context };
  const context = {
    createImageData: (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) }),
    putImageData: ({ data }) => {
      made.shown = data;
      made.puts += 1;
    },
  };
  return made;
}

export const document = { createElement: canvas };
