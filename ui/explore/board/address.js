/** @import { BoardData, State } from "./state.js" */

const NOT_OURS = ["model", "run_id", "weights", "hide"];

/**
 * The address of what is seen. Only what differs from the page's first look is named.
 * @param {State} state
 * @param {Pick<BoardData, "firstDigit" | "hidden" | "link" | "modelName" | "run">} data
 */
export function addressOf({ style, digit, other, mix, text, vary }, data) {
  const { firstDigit, hidden, link, modelName, run } = data;
  const url = new URL(location.href);
  /** @type {(name: string, value: string | number | null, absent: string | number | null) => void} */
  const put = (name, value, absent) => {
    if (value === absent) url.searchParams.delete(name);
    else url.searchParams.set(name, `${value}`);
  };
  // Another model's dims too.
  for (const name of [...url.searchParams.keys()]) {
    if (/^z\d+$/.test(name)) url.searchParams.delete(name);
  }
  style.forEach((value, dim) => put(`z${dim + 1}`, value, 0));
  put("digit", digit, firstDigit);
  put("blend", other, null);
  put("mix", other === null ? 0 : mix, 0);
  put("text", text.trim(), "");
  put("vary", vary ? 1 : 0, 0);
  const says = [...url.searchParams.keys()].some((name) => !NOT_OURS.includes(name));
  put("weights", says ? link : "", "");
  put("hide", hidden.join(), ""); // another page's address has lost it
  // What a run is called may be another's name one day. Streamlit takes out a name it does not know.
  put("run_id", run, "");
  if (run) put("model", modelName, "");
  return url;
}
