// What a screen reader is told of what the page shows anew. It hears of changes within an element that
// was there before: so there is one for all pages, and for good.

import { append, component } from "./component.js";

const region = append(document.body, "div", { role: "status" });
region.style.cssText = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)";

const APART_MS = 400; // what is replaced sooner, no screen reader hears of
let free = 0; // from when on there is room for another sentence

/** Each sentence in its turn. */
export function sayAloud(/** @type {string} */ text) {
  const now = performance.now();
  const at = Math.max(now, free);
  free = at + APART_MS;
  setTimeout(() => (region.textContent = text), at - now);
}

/**
 * What was said last, by its place: a page that comes again does not say it again.
 * @type {Map<string, string>}
 */
const known = new Map();

export default component(() => ({
  update(/** @type {import("./component.js").Call<{place: string, said: string}>} */ { data }) {
    const { place, said } = data;
    const isFirst = !known.size; // the name of the page that was opened: its title is read anyway
    if (said && said !== known.get(place) && !isFirst) sayAloud(said);
    known.set(place, said);
  },
  dispose() {},
}));
