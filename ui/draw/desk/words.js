// What the desk says of a reading: shares that claim no more than is so.

/** @import { Reading } from "../../shared/browser/reader.js" */

/** A share in words that never claim certainty. */
export const percent = (/** @type {number} */ share) =>
  share > 0.995 ? "> 99\u00a0%" : `${Math.round(100 * share)}\u00a0%`;

/** A digit in a sentence. */
export const withArticle = (/** @type {number} */ digit) => `${digit === 8 ? "an" : "a"} ${digit}`;

/** +0.30 or −0.30, with a real minus sign; what rounds to nothing has no sign. */
export function signed(/** @type {number} */ value, decimals = 2) {
  const text = Math.abs(value).toFixed(decimals);
  return `${Number(text) ? (value < 0 ? "−" : "+") : ""}${text}`;
}

/**
 * A sentence on how certain a reading is.
 * @param {Reading} reading
 * @param {boolean} isFamiliar whether the image is like the digits that the model knows
 */
export function verdict({ digit, probs }, isFamiliar) {
  const second = Array.from(probs, (_, each) => each)
    .filter((each) => each !== digit)
    .reduce((best, each) => (probs[each] > probs[best] ? each : best), digit ? 0 : 1);
  const [first, other] = [percent(probs[digit]), percent(probs[second])];
  const [aFirst, aSecond] = [withArticle(digit), withArticle(second)];
  if (!isFamiliar) {
    return `This looks unlike the digits the model knows. If it is one, then perhaps ${aFirst} (${first}).`;
  }
  if (probs[digit] > 0.95) return `The model is sure that this is ${aFirst} (${first}).`;
  if (probs[digit] > 0.75) return `Most likely ${aFirst} (${first}); ${aSecond} comes next with ${other}.`;
  if (probs[digit] > 0.5) return `Perhaps ${aFirst} (${first}), but it might be ${aSecond} (${other}).`;
  return `The model cannot tell: ${aFirst} (${first}) or ${aSecond} (${other})? Try a clearer stroke.`;
}

/**
 * What is said where the visitor knows better.
 * @param {Reading} reading
 * @param {number} told
 */
export function corrected({ digit, probs }, told) {
  if (digit === told) return `You and the model agree: ${withArticle(told)} (${percent(probs[told])}).`;
  return (
    `You say ${withArticle(told)}; the model reads ${withArticle(digit)} (${percent(probs[digit])}). ` +
    "The style is taken by your word."
  );
}

const ofPicture = (/** @type {string} */ given) =>
  `The reading appears here once you have ${given}: which digits are in it, how sure the model is of ` +
  "each, and what the network sees of it. All ten digits follow in that hand.";

/** What is to come, by the way to give a digit: where none is given yet. */
export const WELCOMES = {
  Draw:
    "The reading appears here while you draw: which digit it is, how sure the model is of it, and " +
    "what the network sees of it. All ten digits follow in your hand.",
  Upload: ofPicture("given a picture"),
  Camera: ofPicture("taken a photo"),
};

/** Why there is no reading; empty where nothing is to be said. */
export const PROBLEMS = {
  empty: "There is no ink to read yet: draw a digit.",
  speck: "There is only a speck of ink: draw a digit, larger.",
  solid: "This is one solid patch of ink: draw a digit with a pen stroke.",
  none:
    "No digit was found in this picture. Come closer, with more light and nothing else in sight, " +
    "or draw a box around it.",
  removed: "There is no box left in this picture: draw one around a digit, or let the digits be found again.",
  reading: "The picture is being read …",
  here: "There is no digit in this box: draw it around one, a little larger than the digit.",
};

/**
 * What is said of a number that was read in a picture.
 * @param {Reading[]} readings of its digits, at least two
 * @param {number[]} strange digits that look unlike those the model knows
 * @param {string} said the number, by the visitor's word where there is one
 */
export function numberSaid(readings, strange, said) {
  const read = readings.map(({ digit }) => digit).join("");
  const sure = howSure(readings, strange);
  return said === read ? sure : `You say ${said}; the model reads ${read}. ${sure}`;
}

/** @param {Reading[]} readings @param {number[]} strange */
function howSure(readings, strange) {
  const count = `${COUNTS[readings.length] ?? readings.length}`.replace(/^./, (first) => first.toUpperCase());
  const unlike = COUNTS[strange.length] ?? strange.length;
  if (strange.length > 1) return `${count} digits; ${unlike} look unlike those the model knows.`;
  if (strange.length) return `${count} digits; one, if it is ${withArticle(strange[0])}, looks unlike those the model knows.`;
  const least = readings.reduce((a, b) => (b.probs[b.digit] < a.probs[a.digit] ? b : a));
  const share = least.probs[least.digit];
  const atLeast = share > 0.995 ? "more than 99\u00a0%" : `${Math.floor(100 * share)}\u00a0% at least`;
  if (share > 0.95) return `${count} digits, and the model is sure of each (${atLeast}).`;
  return `${count} digits; the model is least sure of the ${least.digit} (${percent(share)}).`;
}

/** @param {number[]} places of digits in a picture, from 1 on */
export const touchingSaid = (places) =>
  places.length
    ? `Digit ${places.join(" and ")} may be several that touch: draw a box around each.`
    : "";

/** @param {[number, number]} [frame] of an animation that was taken, and of how many */
export const frameSaid = ([taken, frames] = [1, 1]) =>
  taken > 1 ? `The first frame is blank: this is frame ${taken} of ${frames}, with most on it.` : "";

/** @param {number} found digits in a picture @param {number} most that are taken */
export const foundSaid = (found, most) =>
  found > most
    ? `${found} digits were found, and the first ${most} of them taken; what is much lower than most was left out first.`
    : "";

/** @param {number} more style dims than those that are shown */
export function asleepSaid(more) {
  if (!more) return "";
  return `${more} more ${more > 1 ? "dims say next to nothing and stay" : "dim says next to nothing and stays"} near 0 ± 1.`;
}

const COUNTS = ["none", "one", "two", "three", "four", "five", "six"];
