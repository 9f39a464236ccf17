// A stroke of the pen or the eraser: {points: [x0, y0, x1, y1, ...], width, erases}, in whole numbers
// on the pad's grid.

// The place on the grid at a share of the pad's side; a stroke may leave the pad by a margin.
const onGrid = (share) => Math.round(Math.min(Math.max(share * GRID, -MARGIN), GRID + MARGIN));

// Draws it: a curve through the middles between the pen's points; Python inks the same one.
function trace(context, { points, width, erases }) {
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
