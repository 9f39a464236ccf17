// Writes into the address which run is watched. Streamlit's own way makes a step of the browser's
// history of each that was, which Back then has to go.

import { component } from "../shared/browser/component.js";

export default component(() => ({
  update(/** @type {import("../shared/browser/component.js").Call<{run: string}>} */ { data }) {
    const url = new URL(location.href);
    if (data.run) url.searchParams.set("run", data.run);
    else url.searchParams.delete("run");
    if (url.href !== location.href) history.replaceState(history.state, "", url.href);
  },
  dispose() {},
}));
