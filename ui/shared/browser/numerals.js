// Decimal digits as people write them: not every keyboard has 0 to 9.

/**
 * A text with the decimal digits of every script as 0 to 9.
 * @param {string} text
 */
export function plainDigits(text) {
  return text.replace(/\p{Nd}/gu, (digit) => {
    // In every script they follow one another from its zero on, and so do scripts that adjoin.
    const code = digit.codePointAt(0) ?? 0;
    let before = 0;
    while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before++;
    return `${before % 10}`;
  });
}

/**
 * The digit that a key is; null where it is none. The upper row counts as it is printed everywhere:
 * French and Czech keyboards have its digits with Shift.
 * @param {Pick<KeyboardEvent, "key" | "code" | "shiftKey">} event
 */
export function digitOf({ key, code, shiftKey }) {
  const typed = plainDigits(key);
  const digit = /^[0-9]$/.test(typed) ? typed : !shiftKey && /^Digit(\d)$/.exec(code)?.[1];
  return digit ? Number(digit) : null;
}
