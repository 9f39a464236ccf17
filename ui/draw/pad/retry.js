/**
 * How long to wait for an answer before asking again, after `waited` milliseconds in vain: two
 * seconds, doubling up to eight.
 * @param {number} waited
 */
export const retryDelay = (waited) => Math.min(Math.max(2 * waited, 2000), 8000);
