// Where the card stands, in pixels of the window.

/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */
/** @typedef {{width: number, height: number}} Size */

export const AWAY = 14; // of the card from its point
export const MARGIN = 8; // of the card from the window's edges

/**
 * Above the point, where no finger lies; below it where there is no room.
 * @param {Box} point
 * @param {Size} card
 * @param {Size} view what the window shows
 */
export function placed(point, card, view) {
  const middle = (point.left + point.right) / 2;
  const x = Math.min(Math.max(middle - card.width / 2, MARGIN), view.width - card.width - MARGIN);
  const above = point.top - AWAY - card.height;
  const below = Math.min(point.bottom + AWAY, view.height - card.height - MARGIN);
  return { x: Math.round(x), y: Math.round(above >= MARGIN ? above : below) };
}
