// What all scripts of the board agree on.

const SIDE = 28; // of an image, in pixels of the model
const PIXELS = SIDE * SIDE;
const LIMIT = 3; // of every style dim
