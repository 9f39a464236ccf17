/**
 * Calls back once the screen has more or fewer pixels for the same place: a window that moves to
 * another screen keeps its size.
 * @param {() => void} callback
 * @returns {() => void} what ends it
 */
export function onDensity(callback) {
  /** @type {MediaQueryList} */
  let density;
  const watch = () => {
    density = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    density.addEventListener("change", changed);
  };
  const stop = () => density.removeEventListener("change", changed);
  const changed = () => {
    stop();
    watch();
    callback();
  };
  watch();
  return stop;
}
