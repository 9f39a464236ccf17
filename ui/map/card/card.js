// Shows the card while the pointer is on a point of the map, or after a finger has tapped one.

const CHART = ".st-key-map .js-plotly-plot";
const SHOWN = 84; // pixels of the page, as the styles have it

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

  // The pictures, which come once for each model.
  async take(packed) {
    if (!(packed instanceof Uint8Array) || packed === this.packed) return;
    this.packed = packed;
    const pictures = await unpack(packed);
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

  place({ bbox: { x0, x1, y0, y1 } }) {
    const { left, top } = this.chart.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.root;
    const { clientWidth, clientHeight } = document.documentElement;
    const { x, y } = placed(
      { left: left + x0, right: left + x1, top: top + y0, bottom: top + y1 },
      { width: offsetWidth, height: offsetHeight },
      { width: clientWidth, height: clientHeight },
    );
    this.root.style.transform = `translate(${x}px, ${y}px)`;
  }

  paint() {
    if (this.row === null || !this.pictures || this.row >= rowsOf(this.pictures)) return;
    const color = getComputedStyle(this.root).color.match(/\d+/g).slice(0, 3).map(Number);
    const scale = Math.ceil((SHOWN * (window.devicePixelRatio || 1)) / SIDE);
    this.inks.forEach((ink, kind) => {
      ink.paint(pictureOf(this.pictures, this.row, kind, this.image), { scale, color });
    });
  }
}
