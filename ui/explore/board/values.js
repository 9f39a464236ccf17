// Values of a style dim: where they stand on the board, and how they are kept and said.

const END = 1 / 14; // of a track, beyond -3 and 3: half of one of the seven pictures on it

// The value at a share of the way from one end to the other, and back.
const valueAt = (share) => (2 * share - 1) * LIMIT;
const shareAt = (value) => (value / LIMIT + 1) / 2;
// The same for a share of a whole track.
const valueOnTrack = (share) => valueAt((share - END) / (1 - 2 * END));
const shareOfTrack = (value) => END + (1 - 2 * END) * shareAt(value);
const rounded = (value) => Math.round(100 * value) / 100 + 0; // without a -0
const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(value).toFixed(2);
