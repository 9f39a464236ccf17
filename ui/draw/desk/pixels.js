// Images of 28 by 28 pixels, each pixel to be seen, as opacity of the colour around them.

import { SIDE } from "../../shared/browser/constants.js";
import { bare, context2d } from "../../shared/browser/ink.js";

/** @import { Color } from "../../shared/browser/ink.js" */

export class Pixels {
  /** @param {Element} parent @param {string} alt what it shows */
  constructor(parent, alt) {
    const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
    canvas.className = "pixels";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", alt);
    parent.append(canvas);
    this.context = context2d(canvas);
    this.raster = this.context.createImageData(SIDE, SIDE);
    this.pixels = new Uint32Array(this.raster.data.buffer);
  }

  /**
   * @param {ArrayLike<number>} image 784 pixels in [-1, 1]
   * @param {Color} color
   * @param {Color} negative the colour of pixels below 0
   */
  paint(image, color, negative = color) {
    const [above, below] = [bare(color), bare(negative)];
    for (let i = 0; i < image.length; i++) {
      this.pixels[i] = (image[i] < 0 ? below : above) | (Math.round(255 * Math.abs(image[i])) << 24);
    }
    this.context.putImageData(this.raster, 0, 0);
  }
}
