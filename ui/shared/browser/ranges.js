/**
 * A finger that touches a slider sets it, and may then scroll the page: the value that was there
 * comes back, and the slider's handlers hear of it.
 * @param {HTMLInputElement} range
 */
export function keepWhileScrolling(range) {
  let before = "";
  range.addEventListener("pointerdown", () => (before = range.value));
  range.addEventListener("pointercancel", () => {
    if (range.value === before) return;
    range.value = before;
    range.dispatchEvent(new Event("input"));
  });
}
