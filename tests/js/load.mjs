// The components' scripts, joined as Python joins them, for tests that need no browser.

import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";

const UI = new URL("../../ui/", import.meta.url);

// What some names at the top of the joined scripts stand for; `component` is what they export.
// `given` is what Python puts before them, or the browser has.
export async function load(scripts, names, given = {}) {
  const sources = scripts.map((script) => readFileSync(new URL(script, UI), "utf-8"));
  const joined = sources.join("\n").replace(/^export default/m, "const component =");
  const body = `"use strict"; ${joined}\nreturn { ${names} };`;
  return compileFunction(body, Object.keys(given), { filename: scripts.at(-1) })(
    ...Object.values(given),
  );
}
