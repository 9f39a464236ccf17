// What one style dim does to the digit in sight: seven small digits in a strip, the dim from -3 to 3.

const XRAY = [-3, -2, -1, 0, 1, 2, 3];

class Xray {
  constructor() {
    this.ink = new InkCanvas(document.createElement("canvas"), XRAY.length);
    this.images = new Float32Array(XRAY.length * PIXELS);
  }

  // Shows the strip in an <img>; nothing where that is folded away.
  show(picture, dim, decoder, { style, digit, other, mix }, color) {
    const width = picture.clientWidth * devicePixelRatio;
    if (!width) return;
    const rows = XRAY.map((value) => {
      const moved = style.slice();
      moved[dim] = value;
      return [moved, digit, other ?? digit, other === null ? 0 : mix];
    });
    decoder.decode(rows, this.images);
    const scale = Math.min(Math.max(Math.ceil(width / XRAY.length / SIDE), 2), 4);
    this.ink.paint(this.images, { scale, color });
    this.ink.canvas.toBlob((blob) => {
      URL.revokeObjectURL(picture.src);
      picture.src = URL.createObjectURL(blob);
    });
  }
}
