// A picture that is pasted, or dropped anywhere on the Draw page, goes to its upload; a browser would
// leave the page for one that is dropped.

import { component, isTypedInto } from "../shared/browser/component.js";

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
    // The upload itself has taken what is dropped on it; a field takes the text that came with a picture.
    const upload = document.querySelector(".st-key-Upload");
    const isDrop = event instanceof DragEvent;
    if (isDrop && upload && event.composedPath().includes(upload)) return;
    if (!isDrop && isTypedInto(event) && event.clipboardData?.types.includes("text/plain")) return;
    const carried = isDrop ? event.dataTransfer : event.clipboardData;
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
  const left = new AbortController();
  const { signal } = left;
  addEventListener("paste", take, { signal });
  addEventListener("drop", take, { signal });
  addEventListener("dragover", allow, { signal });
  return {
    update() {},
    dispose() {
      left.abort();
      comes.disconnect();
    },
  };
});
