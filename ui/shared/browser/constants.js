export const SIDE = 28; // of an image, in pixels of the model
export const PIXELS = SIDE * SIDE;
export const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
