// A picture that is pasted, or dropped anywhere on the Draw page, goes to its upload; a browser would
// leave the page for one that is dropped.

import { component } from "../shared/browser/component.js";

export default component(({ setTriggerValue }) => {
  /** @type {FileList | null} */
  let brought = null;
  const give = () => {
    const input = document.querySelector(".st-key-Upload input[type=file]");
    if (!brought || !(input instanceof HTMLInputElement)) return;
    input.files = brought;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    brought = null;
    comes.disconnect();
  };
  const comes = new MutationObserver(give);
  const take = (/** @type {ClipboardEvent | DragEvent} */ event) => {
    if (event.defaultPrevented) return; // the upload has it
    const carried = event instanceof DragEvent ? event.dataTransfer : event.clipboardData;
    const file = Array.from(carried?.files ?? []).find(({ type }) => type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    const alone = new DataTransfer();
    alone.items.add(file);
    brought = alone.files;
    give();
    if (!brought) return;
    // Another way to give a digit is chosen: the upload comes once Python has heard.
    comes.observe(document.body, { childList: true, subtree: true });
    setTriggerValue("picture", true);
  };
  const allow = (/** @type {DragEvent} */ event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  };
  addEventListener("paste", take);
  addEventListener("drop", take);
  addEventListener("dragover", allow);
  return {
    update() {},
    dispose() {
      removeEventListener("paste", take);
      removeEventListener("drop", take);
      removeEventListener("dragover", allow);
      comes.disconnect();
    },
  };
});
