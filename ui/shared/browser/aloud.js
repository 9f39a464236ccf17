// What a screen reader is told of what the page shows anew. It hears of changes within an element that
// was there before: so there is one for all pages, and for good.

import { append, component } from "./component.js";

const region = append(document.body, "div", { role: "status" });
region.style.cssText = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)";

export function sayAloud(/** @type {string} */ text) {
  region.textContent = text;
}

export default component(() => {
  let said = "";
  return {
    update(/** @type {import("./component.js").Call<{said: string}>} */ { data }) {
      if (data.said && data.said !== said) sayAloud(data.said);
      said = data.said;
    },
    dispose() {},
  };
});
