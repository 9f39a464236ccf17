// Images of 28 by 28 pixels, each pixel to be seen, as opacity of the colour around them.

import { SIDE } from "../../shared/browser/constants.js";
import { context2d, textColor } from "../../shared/browser/ink.js";

export class Pixels {
  /** @param {Element} parent @param {string} css */
  constructor(parent, css = "") {
    this.canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
    this.canvas.className = `pixels ${css}`;
    this.canvas.setAttribute("role", "img");
    parent.append(this.canvas);
    this.context = context2d(this.canvas);
    this.raster = this.context.createImageData(SIDE, SIDE);
  }

  /**
   * @param {ArrayLike<number>} image 784 pixels in [0, 1]
   * @param {string} alt what it shows
   */
  paint(image, alt) {
    const [red, green, blue] = textColor(this.canvas);
    const { data } = this.raster;
    for (let i = 0; i < image.length; i++) {
      data[4 * i] = red;
      data[4 * i + 1] = green;
      data[4 * i + 2] = blue;
      data[4 * i + 3] = 255 * image[i];
    }
    this.context.putImageData(this.raster, 0, 0);
    this.canvas.setAttribute("aria-label", alt);
  }
}
