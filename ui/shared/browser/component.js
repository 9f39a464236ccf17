const TYPED_INTO =
  "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";

/**
 * What Streamlit calls a component with.
 * @template Data
 * @typedef {object} Call
 * @property {Data} data
 * @property {HTMLElement} parentElement holds the component's HTML
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

/**
 * The function that a component exports. Streamlit calls it again whenever data or theme change,
 * and what it returned once the component goes: what was made outlives the calls in between. What a
 * call returned that another one has overtaken, Streamlit calls too, with the component in place.
 * @template Data
 * @param {(call: Call<Data>) => {update(call: Call<Data>): void, dispose(): void}} make
 */
export function component(make) {
  /** @type {WeakMap<Node, ReturnType<typeof make>>} */
  const places = new WeakMap();
  return (/** @type {Call<Data>} */ call) => {
    const place = call.parentElement;
    const made = places.get(place) ?? make(call);
    places.set(place, made);
    made.update(call);
    return () => {
      if (place.isConnected || !places.delete(place)) return;
      made.dispose();
    };
  };
}

/**
 * The element of a component's HTML that a selector names.
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`no ${kind.name} is ${selector}`);
  return found;
}

/**
 * A new element at the end of another one.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Element} parent
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 */
export function append(parent, tag, properties = {}) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  parent.append(element);
  return element;
}

/** @type {WeakMap<HTMLElement, string>} */
const written = new WeakMap();

/**
 * What was written already is left alone: it would be laid out again, and what a translator has made
 * of it would go.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function write(element, text) {
  if (written.get(element) === text) return;
  written.set(element, text);
  element.textContent = text;
}

/** Likewise hides an element, or shows it. */
export function hide(/** @type {HTMLElement} */ element, /** @type {boolean} */ isHidden) {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}

/**
 * Says which buttons can be pressed. The focus of one that no longer can goes to the first of the
 * others: on the page the next key would do something else.
 * @param {[HTMLButtonElement, boolean][]} buttons the ones that undo each other first
 */
export function enable(buttons) {
  for (const [button, isOn] of buttons) {
    if (isOn) button.disabled = false;
    // Enter that is held would press what undoes what it has just done, and so on.
    button.onkeydown = (event) => {
      if (event.repeat && event.key === "Enter") event.preventDefault();
    };
  }
  for (const [button, isOn] of buttons) {
    if (isOn) continue;
    if (button.matches(":focus")) buttons.find(([, isOn]) => isOn)?.[0].focus();
    button.disabled = true;
  }
}

/**
 * Says in the page whether all that was asked of a component is in sight, and told.
 * @param {HTMLElement} root
 * @param {boolean} settled
 */
export function showSettled(root, settled) {
  if (root.dataset.settled !== String(settled)) root.dataset.settled = String(settled);
}

/** Whether somebody types where an event comes from. */
export function isTypedInto(/** @type {Event} */ event) {
  const [target] = event.composedPath();
  return target instanceof HTMLElement && target.matches(TYPED_INTO);
}

/**
 * Whether a key that was pressed anywhere on the page may be meant for a part of it: the part is
 * there, and nobody types.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} part
 */
export function isFor(event, part) {
  return part.isConnected && !part.hidden && !event.defaultPrevented && !isTypedInto(event);
}

/** Whether motion is to be reduced. */
export const prefersReducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
