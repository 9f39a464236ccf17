// What all scripts of the board agree on.

const SIDE = 28; // of an image, in pixels of the model
const PIXELS = SIDE * SIDE;
const LIMIT = 3; // of every style dim
const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

const isBlend = ({ digit, other }) => other !== null && other !== digit;
