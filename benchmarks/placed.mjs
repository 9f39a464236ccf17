// Drawings of the Draw page as its networks see them: JSON lists of strokes in, of 784 shades out.
// Fails where one is no digit to the page, as an empty one.

import { readFileSync } from "node:fs";

import { place } from "../ui/draw/desk/place.js";
import { SIDE, rasterize } from "../ui/draw/desk/raster.js";

const drawings = JSON.parse(readFileSync(0, "utf8"));
const images = drawings.map((strokes) => {
  const image = place(rasterize(strokes), SIDE);
  if (typeof image === "string") throw new Error(`a drawing is ${image}`);
  return Array.from(image, (ink) => Math.round(255 * ink));
});
process.stdout.write(JSON.stringify(images));
