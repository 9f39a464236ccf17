// Takes the decoder's weights once and hands them to every board on the page.

import { find } from "./component.js";
import { Decoder } from "./decoder.js";
import { model } from "./models.js";

/** @param {import("./component.js").Call<unknown>} call */
export default function ({ data, parentElement }) {
  if (!(data instanceof Uint8Array)) return;
  const { kernel = "" } = find(parentElement, "[data-kernel]", HTMLElement).dataset;
  const decoder = new Decoder(data, kernel);
  model(decoder.header.model).resolve(decoder);
}
