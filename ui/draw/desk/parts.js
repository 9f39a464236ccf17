// Several digits stand on the pad: which of them is read.

import { append, hide } from "../../shared/browser/component.js";

/**
 * @param {HTMLElement} row for the choice
 * @param {boolean} several whether there is anything to choose
 * @param {number} count of the digits
 * @param {number} part that is read, from the left; below 0: all as one
 * @param {(part: number) => void} choose
 */
export function showParts(row, several, count, part, choose) {
  const isOne = part < 0;
  hide(row, !several);
  const look = row.hidden ? "" : `${count} ${part}`;
  if (row.dataset.look === look) return;
  row.dataset.look = look;
  const hasFocus = row.querySelector(":focus") !== null;
  row.replaceChildren();
  if (row.hidden) return;
  if (!isOne) row.append(`${count} digits stand on the pad. Read `);
  const names =
    count === 2
      ? ["the left one", "the right one"]
      : Array.from({ length: count }, (_, place) => `no. ${place + 1}`);
  const choices = isOne ? [] : names.map((name, place) => ({ name, place }));
  const other = isOne ? { name: "read them one by one", place: 0 } : { name: "all as one", place: -1 };
  for (const { name, place } of [...choices, other]) {
    const button = append(row, "button", { type: "button", textContent: name });
    button.ariaPressed = `${place === part}`;
    button.onclick = () => place === part || choose(place);
    if (hasFocus && (isOne || place === part)) button.focus({ preventScroll: true });
  }
}
