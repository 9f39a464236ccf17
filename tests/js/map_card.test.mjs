import assert from "node:assert/strict";
import { test } from "node:test";

import mount from "../../ui/map/card/card.js";
import { pictureOf, rowsOf } from "../../ui/map/card/pictures.js";
import { AWAY, MARGIN, placed } from "../../ui/map/card/placing.js";
import { inflate } from "../../ui/shared/browser/packed.js";
import { assertClose, bytes, floats, golden } from "./golden.mjs";

const { shades, packed, digits, redrawn } = golden("pictures");

test("every row's digit and its redrawing arrive, to half a shade", async () => {
  const pictures = await inflate(bytes(packed));
  assert.equal(rowsOf(pictures), 3);
  [digits, redrawn].map(floats).forEach((images, kind) => {
    for (let row = 0; row < 3; row++) {
      const image = images.subarray(784 * row, 784 * (row + 1));
      assertClose(pictureOf(pictures, row, kind), image, 0.5 / shades + 1e-6);
    }
  });
});

const CARD = { width: 200, height: 130 };
const VIEWS = [{ width: 1280, height: 640 }, { width: 390, height: 640 }];
const pointAt = (x, y) => ({ left: x - 3, right: x + 3, top: y - 3, bottom: y + 3 });

test("the card stays in the window and off its own point, wherever that is", () => {
  for (const view of VIEWS) {
    for (let left = 0; left <= view.width; left += 10) {
      for (let top = 0; top <= view.height; top += 10) {
        const point = pointAt(left, top);
        const { x, y } = placed(point, CARD, view);
        assert.ok(MARGIN <= x && x + CARD.width + MARGIN <= view.width);
        assert.ok(MARGIN <= y && y + CARD.height + MARGIN <= view.height);
        assert.ok(y + CARD.height < point.top || point.bottom < y);
      }
    }
  }
});

test("it stands above the middle of its point, and below where there is no room", () => {
  const [view] = VIEWS;
  assert.deepEqual(placed(pointAt(600, 400), CARD, view), { x: 500, y: 397 - AWAY - 130 });
  assert.deepEqual(placed(pointAt(600, 100), CARD, view), { x: 500, y: 103 + AWAY });
});

test("no card stays of a chart that was drawn anew under the pointer, which says nothing of its leaving", () => {
  class Element {
    closest = () => null;
  }
  const document = Object.assign(new EventTarget(), { documentElement: {} });
  Object.assign(globalThis, { document, Element, HTMLElement: Element });
  const chart = Object.assign(new Element(), {
    on: (name, handler) => (chart[name] = handler),
    closest: () => chart,
    getBoundingClientRect: () => ({ left: 0, top: 0, right: 400, bottom: 300 }),
  });
  let isOpen = false;
  const card = Object.assign(new Element(), {
    style: {},
    querySelectorAll: () => [],
    querySelector: () => new Element(),
    matches: () => isOpen,
    showPopover: () => (isOpen = true),
    hidePopover: () => (isOpen = false),
  });
  mount({ parentElement: { querySelector: () => card } });
  const over = (target, clientX = 3) => {
    const place = { pointerType: "mouse", clientX, clientY: 3 };
    const event = Object.assign(new Event("pointerover"), place);
    document.dispatchEvent(Object.defineProperty(event, "target", { value: target }));
  };
  over(chart);
  chart.plotly_hover({ points: [{ customdata: 1, text: "1", bbox: { x0: 0, x1: 6, y0: 0, y1: 6 } }] });
  over(chart);
  over(new Element()); // plotly's cover, while the mouse is pressed
  assert.ok(isOpen);
  over(new Element(), 401);
  assert.ok(!isOpen);
});
