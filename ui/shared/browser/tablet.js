// Tells the server whether the window is a tablet's: as wide as Streamlit opens its sidebar in, and
// too narrow for a page beside that.

import { component } from "./component.js";

const tablet = matchMedia("(min-width: 769px) and (max-width: 1099px)");
let told = false;

export default component(({ setStateValue }) => {
  const tell = () => {
    if (tablet.matches === told) return;
    told = tablet.matches;
    setStateValue("is_so", told);
  };
  tablet.addEventListener("change", tell);
  return { update: tell, dispose: () => tablet.removeEventListener("change", tell) };
});
