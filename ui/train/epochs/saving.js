// The board and the film of its epochs as files: black ink on white paper, whatever the theme.
// rows: {number, digits}, where digits are ten packed images.

const BLACK = [0, 0, 0];
const BOARD_SCALE = 2;
const FILM_SCALE = 4;
const FILM_ROWS = 2;
const FILM_FRAME_MS = 170;
const CAPTION = 36; // pixels high, under the film's digits
const FACE = "20px system-ui, sans-serif";

// A PNG Blob: a row for each epoch, its number at the left.
function boardPicture(rows) {
  const side = SIDE * BOARD_SCALE;
  const gutter = 1.5 * side;
  const { canvas, context } = paper(gutter + 10 * side, rows.length * side);
  const ink = new InkCanvas(document.createElement("canvas"), 10);
  Object.assign(context, { textAlign: "right", textBaseline: "middle" });
  rows.forEach(({ number, digits }, row) => {
    ink.paint(inkOf(digits), { scale: BOARD_SCALE, color: BLACK });
    context.drawImage(ink.canvas, gutter, row * side);
    context.fillText(number, gutter - 16, (row + 0.5) * side);
  });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

// A GIF Blob: a frame for each epoch; the last one stays for `rest` frames.
function film(rows, rest) {
  const ink = new InkCanvas(document.createElement("canvas"), 10 / FILM_ROWS, FILM_ROWS);
  const width = (10 / FILM_ROWS) * SIDE * FILM_SCALE;
  const top = FILM_ROWS * SIDE * FILM_SCALE;
  const height = top + CAPTION;
  const { canvas, context } = paper(width, height, { willReadFrequently: true });
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  const last = rows.at(-1).number;
  const frames = rows.map(({ number, digits }) => {
    ink.paint(inkOf(digits), { scale: FILM_SCALE, color: BLACK });
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.drawImage(ink.canvas, 0, 0);
    context.fillStyle = "black";
    context.fillText(sayEpoch(number, last), width / 2, top + CAPTION / 2);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return Uint8Array.from({ length: width * height }, (_, pixel) => 255 - data[4 * pixel]);
  });
  for (let more = 1; more < rest; more++) frames.push(frames[rows.length - 1]);
  return gif(frames, width, height, FILM_FRAME_MS);
}

function paper(width, height, options) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", options);
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "black";
  context.font = FACE;
  return { canvas, context };
}

const sayEpoch = (number, last) => `epoch ${number} of ${last}`;
