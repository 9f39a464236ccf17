// Asks Python for what has changed since it was shown, once nothing more comes.

const followers = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let follower = followers.get(parentElement);
  if (!follower) {
    follower = { listen: ({ detail }) => hear(follower, detail.settled) };
    follower.mark = parentElement.querySelector("i");
    document.addEventListener("draw-pad-answered", follower.listen);
    followers.set(parentElement, follower);
  }
  Object.assign(follower, { shown: data.shown, ask: () => setTriggerValue("stale", true) });
  if (data.shown === follower.settled) clearTimeout(follower.timer);
  showSettled(follower);
  return () => {
    clearTimeout(follower.timer);
    document.removeEventListener("draw-pad-answered", follower.listen);
    followers.delete(parentElement);
  };
}

// Says in the page whether nothing is to be asked for.
function showSettled({ mark, settled, shown }) {
  mark.dataset.settled = String(settled === undefined || settled === shown);
}

function hear(follower, settled) {
  follower.settled = settled;
  showSettled(follower);
  wait(follower, REST_MS);
}

function wait(follower, milliseconds) {
  clearTimeout(follower.timer);
  if (follower.settled === follower.shown) return;
  follower.timer = setTimeout(() => {
    follower.ask();
    // It may have gone unheard.
    wait(follower, Math.max(AGAIN_MS[0], Math.min(2 * milliseconds, AGAIN_MS[1])));
  }, milliseconds);
}
