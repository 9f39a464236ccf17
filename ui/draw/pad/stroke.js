/**
 * A line of the pen or the eraser, in whole numbers on the pad's grid, so that it means the same at
 * every size and on every screen.
 * @typedef {object} Stroke
 * @property {number[]} points x0, y0, x1, y1, ...
 * @property {number} width
 * @property {boolean} erases
 */

/**
 * Never changed in place.
 * @typedef {object} Drawing
 * @property {Stroke[]} strokes in drawing order
 * @property {number | null} example the example digit under them
 */

/**
 * What Python takes: see ui/draw/pad/strokes.py.
 * @typedef {object} Limits
 * @property {number} grid length of the pad's side
 * @property {number} margin by which a stroke may leave the pad
 * @property {number} maxStrokes
 * @property {number} maxPoints in all strokes together
 * @property {number[]} pens widths to choose from
 * @property {[least: number, most: number]} widths
 */

/**
 * The place on the grid at a share of the pad's side.
 * @param {number} share
 * @param {Pick<Limits, "grid" | "margin">} limits
 */
export const onGrid = (share, { grid, margin }) =>
  Math.round(Math.min(Math.max(share * grid, -margin), grid + margin));

/**
 * Draws a stroke: a curve through the middles between the pen's points; Python inks the same one.
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke} stroke
 */
export function trace(context, { points, width, erases }) {
  const [x, y] = points;
  const end = points.length - 2;
  context.globalCompositeOperation = erases ? "destination-out" : "source-over";
  context.lineWidth = width;
  context.beginPath();
  // A line without length is not drawn, whatever its caps; a dot is.
  if (!end) context.arc(x, y, 0.5, 0, 2 * Math.PI);
  context.moveTo(x, y);
  for (let i = 2; i < end; i += 2) {
    const last = i + 2 === end;
    const toX = last ? points[end] : (points[i] + points[i + 2]) / 2;
    const toY = last ? points[end + 1] : (points[i + 1] + points[i + 3]) / 2;
    context.quadraticCurveTo(points[i], points[i + 1], toX, toY);
  }
  context.lineTo(points[end], points[end + 1]);
  context.stroke();
}
