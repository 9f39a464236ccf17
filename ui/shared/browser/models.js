// Decoders by the hash of their weights, shared by the two components of a board: whichever asks
// first makes the promise, the one with the weights keeps it.

function model(hash) {
  const models = (globalThis.styleBoardModels ??= new Map());
  if (!models.has(hash)) {
    const entry = {};
    entry.decoder = new Promise((resolve) => (entry.resolve = resolve));
    models.set(hash, entry);
  }
  return models.get(hash);
}
