// Decoded images as ink on the page's own paper: the image is the opacity of the text's colour.
// ui/ink.py does the same for what the server draws.

const SHARED = 0.1; // what a pixel gives to each neighbour, against the stairs of slanted strokes
const FAINT = 0.08; // shades drawn as bare paper and as full ink
const FULL = 0.5;
const LEVELS = 1023;

const OPACITY = Uint8ClampedArray.from({ length: LEVELS + 1 }, (_, level) => {
  const edge = Math.min(Math.max((level / LEVELS - FAINT) / (FULL - FAINT), 0), 1);
  return 255 * edge * edge * (3 - 2 * edge);
});

// Enlarges images by a whole factor. Blur and bicubic interpolation are linear and the same along
// both axes: one small filter each, for every line of the enlarged image.
class Enlarger {
  constructor(scale) {
    this.scale = scale;
    this.side = SIDE * scale;
    this.taps = 6;
    this.first = new Int32Array(this.side);
    this.weights = new Float32Array(this.side * this.taps);
    for (let i = 0; i < this.side; i++) {
      const center = (i + 0.5) / scale - 0.5;
      const base = Math.floor(center);
      this.first[i] = base - 2;
      for (let tap = -1; tap <= 2; tap++) {
        const weight = bicubic(center - base - tap);
        const at = i * this.taps + tap + 2;
        this.weights[at - 1] += SHARED * weight;
        this.weights[at] += (1 - 2 * SHARED) * weight;
        this.weights[at + 1] += SHARED * weight;
      }
    }
    this.lines = new Float32Array(SIDE * this.side);
  }

  // Writes the opacities (0-255) of the image at `from` as every fourth byte of an RGBA raster
  // that is `stride` pixels wide, from pixel `to` on.
  enlarge(images, from, rgba, to, stride) {
    const { side, taps, first, weights, lines } = this;
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < side; x++) {
        let sum = 0;
        for (let tap = 0, at = first[x]; tap < taps; tap++, at++) {
          if (at >= 0 && at < SIDE) sum += weights[x * taps + tap] * images[from + y * SIDE + at];
        }
        lines[y * side + x] = sum;
      }
    }
    for (let y = 0; y < side; y++) {
      const low = Math.max(0, -first[y]);
      const high = Math.min(taps, SIDE - first[y]);
      const row = 4 * (to + y * stride) + 3;
      for (let x = 0; x < side; x++) {
        let sum = 0;
        for (let tap = low, at = (first[y] + low) * side + x; tap < high; tap++, at += side) {
          sum += weights[y * taps + tap] * lines[at];
        }
        rgba[row + 4 * x] = OPACITY[sum <= 0 ? 0 : sum >= 1 ? LEVELS : (sum * LEVELS + 0.5) | 0];
      }
    }
  }
}

// Keys (1981) with a = -1/2.
function bicubic(distance) {
  const d = Math.abs(distance);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

const enlargers = new Map();

function enlarger(scale) {
  if (!enlargers.has(scale)) enlargers.set(scale, new Enlarger(scale));
  return enlargers.get(scale);
}

// A canvas that shows digits side by side, in columns and rows of cells.
class InkCanvas {
  constructor(canvas, columns, rows = 1) {
    Object.assign(this, { canvas, columns, rows, scale: 0, color: "" });
    this.context = canvas.getContext("2d");
  }

  resize(scale, color) {
    if (scale === this.scale && color.join() === this.color) return;
    Object.assign(this, { scale, color: color.join() });
    this.canvas.width = this.columns * SIDE * scale;
    this.canvas.height = this.rows * SIDE * scale;
    this.raster = this.context.createImageData(this.canvas.width, this.canvas.height);
    const { data } = this.raster;
    for (let i = 0; i < data.length; i += 4) data.set(color, i);
  }

  // Draws images[start...] into the cells, first row first.
  paint(images, { scale, color, start = 0, count = this.columns * this.rows }) {
    this.resize(scale, color);
    const side = SIDE * scale;
    for (let cell = 0; cell < count; cell++) {
      const x = (cell % this.columns) * side;
      const y = Math.floor(cell / this.columns) * side;
      const to = y * this.canvas.width + x;
      const from = (start + cell) * SIDE * SIDE;
      enlarger(scale).enlarge(images, from, this.raster.data, to, this.canvas.width);
    }
    this.context.putImageData(this.raster, 0, 0);
  }
}
