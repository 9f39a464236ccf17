// A picture that is pasted on the Draw page goes to its upload, which by itself takes what is chosen
// or dropped.

import { component } from "../shared/browser/component.js";

export default component(({ setTriggerValue }) => {
  /** @type {FileList | null} */
  let pasted = null;
  const give = () => {
    const input = document.querySelector(".st-key-Upload input[type=file]");
    if (!pasted || !(input instanceof HTMLInputElement)) return;
    input.files = pasted;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    pasted = null;
    comes.disconnect();
  };
  const comes = new MutationObserver(give);
  const onpaste = (/** @type {ClipboardEvent} */ event) => {
    const picture = Array.from(event.clipboardData?.files ?? []).find(({ type }) => type.startsWith("image/"));
    if (!picture) return;
    const transfer = new DataTransfer();
    transfer.items.add(picture);
    pasted = transfer.files;
    give();
    if (!pasted) return;
    // Another way to give a digit is chosen: the upload comes once Python has heard.
    comes.observe(document.body, { childList: true, subtree: true });
    setTriggerValue("picture", true);
  };
  addEventListener("paste", onpaste);
  return {
    update() {},
    dispose() {
      removeEventListener("paste", onpaste);
      comes.disconnect();
    },
  };
});
