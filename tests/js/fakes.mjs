// Stand-ins for what the browser has.

// Random numbers that are the same in every run.
export function seeded(seed = 1) {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
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

// A page that can make canvases.
export const document = { createElement: canvas };

// Timers and a time that pass when they are told to.
export function clock() {
  let [now, number] = [0, 0];
  const timers = new Map();
  globalThis.setTimeout = (action, wait) => timers.set(++number, { action, at: now + wait }) && number;
  globalThis.clearTimeout = (timer) => timers.delete(timer);
  globalThis.performance = { now: () => now };
  return {
    timers,
    get now() {
      return now;
    },
    pass(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end);
        if (!due.length) break;
        const [timer, { action, at }] = due.reduce((one, other) => (other[1].at < one[1].at ? other : one));
        timers.delete(timer);
        now = at;
        action();
      }
      now = end;
    },
  };
}
