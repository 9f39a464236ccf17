import { announce } from "./answers.js";

/** @param {import("../../shared/browser/component.js").Call<import("./answers.js").Answer>} call */
export default function ({ data }) {
  announce(data);
}
