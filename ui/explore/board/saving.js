// Pictures and films to keep: black ink on white paper, whatever the theme, since a file goes anywhere.

const BLACK = [0, 0, 0];
const FILM_FRAMES = 48;
const FILM_FRAME_MS = 60;
const FILM_SCALE = 4; // larger films take minutes to make and megabytes to keep

// A Blob of `what`: digit, ten, writing or walk; `size` is the enlargement.
function makeFile(what, size, { decoder, state, awake, images }) {
  if (what === "walk") return film(decoder, state.style, awake, Math.min(size, FILM_SCALE));
  const canvas = document.createElement("canvas");
  const look = { scale: size, color: BLACK };
  if (what === "writing") {
    const spelled = spell(decoder, state, awake, images);
    const set = setLines(spelled, Infinity);
    new Scribe().draw(canvas, spelled, set, { ...look, width: set.width });
  } else if (what === "ten") {
    new InkCanvas(canvas, 10).paint(images, look);
  } else {
    new InkCanvas(canvas, 1).paint(images, { ...look, start: isBlend(state) ? 10 : state.digit });
  }
  const paper = document.createElement("canvas");
  Object.assign(paper, { width: canvas.width, height: canvas.height });
  const context = paper.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, paper.width, paper.height);
  context.drawImage(canvas, 0, 0);
  return new Promise((resolve) => paper.toBlob(resolve, "image/png"));
}

// The ten digits along a closed walk through the prior.
function film(decoder, style, dims, scale) {
  const canvas = new InkCanvas(document.createElement("canvas"), 5, 2);
  const frames = loop(style, dims, FILM_FRAMES).map((there) => {
    const images = decoder.decode(DIGITS.map((digit) => [there, digit, digit, 0]));
    canvas.paint(images, { scale, color: BLACK });
    return Uint8Array.from(canvas.pixels, (pixel) => pixel >>> 24);
  });
  return gif(frames, 5 * SIDE * scale, 2 * SIDE * scale, FILM_FRAME_MS);
}
