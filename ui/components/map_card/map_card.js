// Shows the card while the pointer is on a point of the map, or after a finger has tapped one.

const CHART = ".st-key-map .js-plotly-plot";
const SHOWN = 84; // pixels of the page, as the styles have it
const AWAY = 14; // of the card from its point
const MARGIN = 8; // of the card from the window's edges
const PACKED = PIXELS / 2; // bytes of one image

const cards = new WeakMap();

export default function ({ data, parentElement }) {
  let card = cards.get(parentElement);
  if (!card) {
    card = new Card(parentElement.querySelector(".card"));
    cards.set(parentElement, card);
  }
  card.take(data);
  return () => {
    card.leave();
    cards.delete(parentElement);
  };
}

class Card {
  constructor(root) {
    this.root = root;
    this.inks = [...root.querySelectorAll("canvas")].map((canvas) => new InkCanvas(canvas, 1));
    this.line = root.querySelector("p");
    this.image = new Float32Array(PIXELS);
    this.row = null;
    const hide = () => this.hide();
    this.ofChart = { plotly_hover: (event) => this.show(event), plotly_unhover: hide };
    this.ofPage = {
      // Each time the pointer comes to the chart: the page may have replaced it, and plotly, when
      // it draws one anew, forgets who listens.
      pointerover: ({ target }) => {
        const chart = target.closest?.(CHART);
        if (chart) this.listen(chart);
      },
      // A finger never hovers, and plotly picks what was hovered over last.
      pointerdown: ({ pointerType, target, clientX, clientY }) => {
        if (pointerType === "mouse") return;
        hide();
        if (!target.closest?.(CHART)) return;
        target.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true }));
      },
      scroll: hide,
    };
    for (const [name, heard] of Object.entries(this.ofPage)) {
      document.addEventListener(name, heard, true);
    }
  }

  leave() {
    for (const [name, heard] of Object.entries(this.ofPage)) {
      document.removeEventListener(name, heard, true);
    }
    this.listen(null);
    this.hide();
  }

  listen(chart) {
    for (const [name, heard] of Object.entries(this.ofChart)) {
      this.chart?.removeListener?.(name, heard);
      chart?.on?.(name, heard);
    }
    this.chart = chart;
  }

  // The pictures of ui/pictures.py, which come once for each model.
  async take(packed) {
    if (!(packed instanceof Uint8Array) || packed === this.packed) return;
    this.packed = packed;
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const pictures = new Uint8Array(await new Response(stream).arrayBuffer());
    if (packed !== this.packed) return; // another model's have come meanwhile
    this.pictures = pictures;
    this.paint();
  }

  show({ points: [point] }) {
    const row = point?.customdata;
    if (!Number.isInteger(row)) return this.hide();
    this.row = row;
    this.line.textContent = point.text;
    this.paint();
    if (!this.root.matches(":popover-open")) this.root.showPopover();
    this.place(point);
  }

  hide() {
    this.row = null;
    if (this.root.matches(":popover-open")) this.root.hidePopover();
  }

  // Above the point, where no finger lies; below it where there is no room.
  place({ bbox }) {
    const chart = this.chart.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const { clientWidth, clientHeight } = document.documentElement;
    const middle = chart.left + (bbox.x0 + bbox.x1) / 2;
    const x = Math.min(Math.max(middle - width / 2, MARGIN), clientWidth - width - MARGIN);
    const above = chart.top + bbox.y0 - AWAY - height;
    const below = Math.min(chart.top + bbox.y1 + AWAY, clientHeight - height - MARGIN);
    const y = above >= MARGIN ? above : below;
    this.root.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  paint() {
    const rows = (this.pictures?.length ?? 0) / PACKED / 2;
    if (this.row === null || this.row >= rows) return;
    const color = getComputedStyle(this.root).color.match(/\d+/g).slice(0, 3).map(Number);
    const scale = Math.ceil((SHOWN * (window.devicePixelRatio || 1)) / SIDE);
    this.inks.forEach((ink, kind) => {
      const from = (kind * rows + this.row) * PACKED;
      for (let i = 0; i < PACKED; i++) {
        const pair = this.pictures[from + i];
        this.image[2 * i] = (pair >> 4) / SHADES;
        this.image[2 * i + 1] = (pair & 15) / SHADES;
      }
      ink.paint(this.image, { scale, color });
    });
  }
}
