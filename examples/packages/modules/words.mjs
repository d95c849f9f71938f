const WORD = /[a-z]{2,}/gi;

/** How long a word is, in letters. */
export const measure = (word) => word.length;

/** The words of a text, longest first. */
export function words(text) {
  return [...new Set(text.match(WORD))].sort((a, b) => measure(b) - measure(a) || (a < b ? -1 : 1));
}
