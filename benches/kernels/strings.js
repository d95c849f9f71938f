// Building strings piece by piece and scanning them character by character.

function kernel(n) {
  const VOWELS = 'aeiou';
  const CONSONANTS = 'bcdfghklmnprstvz';
  let seed = 5;
  const random = (limit) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 8) % limit;
  };

  function word() {
    let text = '';
    for (let i = 1 + random(4); i > 0; i--) {
      text += CONSONANTS[random(CONSONANTS.length)];
      text += VOWELS[random(VOWELS.length)];
    }
    return text;
  }

  const isLetter = (code) => code >= 97 && code <= 122;

  function rotate(text, by) {
    let out = '';
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      out += isLetter(code) ? String.fromCharCode(((code - 97 + by) % 26) + 97) : text[i];
    }
    return out;
  }

  function hashOf(text) {
    let hash = 0;
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
    return hash;
  }

  function isPalindrome(text) {
    for (let i = 0, j = text.length - 1; i < j; i++, j--) if (text[i] !== text[j]) return false;
    return true;
  }

  function capitalized(text) {
    return text
      .split(' ')
      .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
      .join(' ');
  }

  let hash = 0;
  let palindromes = 0;
  for (let i = 0; i < n; i++) {
    let line = '';
    for (let k = 0; k < 12; k++) line += (k === 0 ? '' : ' ') + word();
    hash = (hash + hashOf(rotate(line, 1 + (i % 25)))) | 0;
    let start = 0;
    for (let end = line.indexOf(' '); end !== -1; end = line.indexOf(' ', start)) {
      if (isPalindrome(line.slice(start, end - 1))) palindromes++;
      start = end + 1;
    }
    hash = (hash + hashOf(capitalized(line).padEnd(100, '.'))) | 0;
  }
  return `${palindromes}:${hash}`;
}

module.exports = { name: 'strings', group: 'data', size: 12000, kernel };
