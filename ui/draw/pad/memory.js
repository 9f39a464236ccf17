// What is on the pad, kept in the browser's own memory: it outlives a reload, and a server that was
// started again.

const STORE = "draw-pad";

function store(drawing) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(drawing));
  } catch {
    // A browser that stores nothing still draws; Python remembers for the length of the visit.
  }
}

// The drawing that was stored last; null where there is none, or none that Python would take.
function restore() {
  try {
    const { strokes, example } = JSON.parse(sessionStorage.getItem(STORE));
    return strokes.every(isStroke) && isExample(example) ? { strokes, example } : null;
  } catch {
    return null;
  }
}

function isStroke({ points, width, erases }) {
  const isLine = points.length > 0 && points.length % 2 === 0;
  const isOnPad = points.every((number) => isWithin(number, -MARGIN, GRID + MARGIN));
  return isLine && isOnPad && isWithin(width, ...WIDTHS) && typeof erases === "boolean";
}

const isExample = (example) => example === null || isWithin(example, 0, DIGITS.length - 1);
const isWithin = (number, low, high) => Number.isInteger(number) && low <= number && number <= high;
