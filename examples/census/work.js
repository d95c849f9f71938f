'use strict';

/**
 * What the task function needs to know beside the files. Plain data: it is an argument.
 *
 * `hashes`: the length of a MinHash signature; the standard error of a similarity estimated from it
 * is at most 0.5 / sqrt(hashes), 4 % for 128. `window`: how many tokens make a shingle.
 */
const SETTINGS = { hashes: 128, window: 5 };

/**
 * Counts the lines of a batch of files and computes their MinHash signatures.
 *
 * It is shipped to tasks as source text, so everything it uses is in its body or its arguments, and
 * it works on bytes: a task has no TextDecoder, and needs none, since all that it looks for is ASCII.
 *
 * A line is blank (white space only, wherever it stands), comment (nothing but comment) or code.
 * The shingles are made of the tokens outside comments, so files that differ in layout and
 * comments only are fully alike.
 *
 * @param {object} batch
 * @param {ArrayBuffer} batch.data The files' contents, one after the other
 * @param {Uint32Array} batch.sizes The files' lengths in bytes
 * @param {Uint8Array} batch.languages The files' languages: indexes into `languages`
 * @param {import('./languages.js').Language[]} languages
 * @param {{hashes: number, window: number}} settings
 * @returns {{counts: Uint32Array, contents: Uint32Array, shingles: Uint32Array,
 *   signatures: Int32Array}} Per file: four counts (lines, code, comment, blank), a content hash of
 *   two words, the number of shingles (repetitions mostly left out), and the signature
 */
function censusBatch(batch, languages, settings) {
  const CODE = 0;
  const LINE_COMMENT = 1;
  const BLOCK_COMMENT = 2;
  const STRING = 3;
  const REGEX = 4;
  const NEWLINE = 10;
  const HASH = 35;
  const QUOTE = 39;
  const SLASH = 47;
  const BACKSLASH = 92;

  const imul = Math.imul;
  const bytes = new Uint8Array(batch.data);
  const fileCount = batch.sizes.length;
  const hashes = settings.hashes;
  const window = settings.window;
  const counts = new Uint32Array(fileCount * 4);
  const contents = new Uint32Array(fileCount * 2);
  const shingles = new Uint32Array(fileCount);
  const signatures = new Int32Array(fileCount * hashes).fill(0x7fffffff);

  const toBytes = (text) => Array.from(text, (character) => character.charCodeAt(0));

  const isWord = new Uint8Array(256);
  for (let c = 0; c < 256; c++) {
    const letter = (c | 32) >= 97 && (c | 32) <= 122;
    isWord[c] = letter || (c >= 48 && c <= 57) || c === 95 || c >= 128 ? 1 : 0;
  }

  // Tables rather than comparisons: what runs for every character is soon compiled for good.
  const changesBraces = new Int8Array(256);
  changesBraces[123] = 1;
  changesBraces[125] = -1;
  const changesBrackets = new Int8Array(256);
  for (const c of toBytes('([{')) changesBrackets[c] = 1;
  for (const c of toBytes(')]}')) changesBrackets[c] = -1;

  const hashOfWord = (word) => {
    let h = -2128831035;
    for (const c of toBytes(word)) h = imul(h ^ c, 16777619);
    return h;
  };
  // A slash after one of these starts a regular expression, not a division.
  const beforeRegex = new Uint8Array(256);
  for (const c of toBytes('(,=:[!&|?{};+-*%~^<>')) beforeRegex[c] = 1;
  const wordsBeforeRegex = new Set(
    'return typeof case in of delete void throw new instanceof else do yield await'.split(' ').map(hashOfWord),
  );

  const compile = (language) => {
    const has = (flag) => language.flags.includes(flag);
    const syntax = {
      // Which bytes can start anything but code: most cannot, and one look tells.
      first: new Uint8Array(256),
      line: language.line.map(toBytes),
      block: language.block.map(([open, close]) => ({
        open: toBytes(open),
        close: toBytes(close),
        // `=begin` and its like are comments at the start of a line only.
        startsLine: /^=[a-z]/.test(open) || has('l'),
      })),
      strings: language.strings.map(([open, close, flags]) => ({
        open: toBytes(open),
        close: toBytes(close),
        escape: flags.includes('e'),
        multi: flags.includes('m'),
        template: flags.includes('t'),
        documentation: flags.includes('d'),
      })),
      nest: has('n'),
      regex: has('r'),
      afterSpace: has('w'),
      startsLine: has('l'),
      backslash: has('b'),
      characters: has('c'),
      raw: has('h'),
      template: null,
    };
    syntax.template = syntax.strings.find((string) => string.template) || null;
    for (const text of syntax.line) syntax.first[text[0]] = 1;
    for (const { open } of syntax.block) syntax.first[open[0]] = 1;
    for (const { open } of syntax.strings) syntax.first[open[0]] = 1;
    if (syntax.characters) syntax.first[QUOTE] = 1;
    if (syntax.backslash) syntax.first[BACKSLASH] = 1;
    return syntax;
  };
  const compiled = languages.map(() => null);

  // MinHash. Each of the functions x -> (x ^ xors[j]) * multipliers[j] permutes the 32-bit numbers
  // (the multipliers are odd); a signature has the least image of a file's shingles under each.
  const xors = new Int32Array(hashes);
  const multipliers = new Int32Array(hashes);
  let seed = 0x9e3779b9 | 0;
  const random = () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return seed;
  };
  for (let j = 0; j < hashes; j++) {
    xors[j] = random();
    multipliers[j] = random() | 1;
  }
  const mix = (x) => {
    x = imul(x ^ (x >>> 16), 0x85ebca6b);
    x = imul(x ^ (x >>> 13), 0xc2b2ae35);
    return x ^ (x >>> 16);
  };
  const BASE = 0x01000193;
  let oldest = 1;
  for (let k = 0; k < window; k++) oldest = imul(oldest, BASE);

  const recent = new Int32Array(window);
  // Shingles met lately: source repeats itself, and a repetition cannot change a minimum.
  const met = new Int32Array(4096);
  let rolling = 0;
  let tokens = 0;
  let distinct = 0;
  let signature = signatures; // that of the file at hand

  // The innermost loop: nearly all of the time is spent here.
  const lower = (least, shingle) => {
    const length = least.length;
    for (let j = 0; j < length; j++) {
      const image = imul(shingle ^ xors[j], multipliers[j]);
      if (image < least[j]) least[j] = image;
    }
  };

  const addToken = (token) => {
    const hash = mix(token);
    const slot = tokens % window;
    // A rolling hash over the last `window` tokens: the new one comes in, the oldest one goes.
    rolling = (imul(rolling, BASE) + hash - imul(recent[slot], oldest)) | 0;
    recent[slot] = hash;
    tokens++;
    if (tokens < window) return;
    const shingle = mix(rolling) || 1;
    if (met[shingle & 4095] === shingle) return;
    met[shingle & 4095] = shingle;
    distinct++;
    lower(signature, shingle);
  };

  const matches = (at, end, text) => {
    if (at + text.length > end) return false;
    for (let k = 0; k < text.length; k++) {
      if (bytes[at + k] !== text[k]) return false;
    }
    return true;
  };

  // The length of a character literal at `at`, or 0 when the quote is something else, such as the
  // lifetime of Rust or the prime of Haskell.
  const characterLength = (at, end) => {
    if (at + 2 >= end) return 0;
    const next = bytes[at + 1];
    if (next !== BACKSLASH && next < 128) return bytes[at + 2] === QUOTE ? 3 : 0;
    const limit = Math.min(end, at + 14);
    for (let k = at + (next === BACKSLASH ? 3 : 2); k < limit && bytes[k] !== NEWLINE; k++) {
      if (bytes[k] === QUOTE) return k + 1 - at;
    }
    return 0;
  };

  // For the quote of r"...", br#"..."#: the number of its `#`; otherwise -1.
  const rawHashes = (at, start) => {
    let k = at - 1;
    while (k >= start && bytes[k] === HASH) k--;
    if (k < start || bytes[k] !== 114) return -1;
    const before = k > start ? bytes[k - 1] : 0;
    const prefix = before === 98 || before === 99;
    return isWord[before] === 1 && !prefix ? -1 : at - 1 - k;
  };

  const scan = (file, start, end, syntax) => {
    const { first, line, block, strings } = syntax;
    let lines = 0;
    let code = 0;
    let comment = 0;
    let hasCode = false;
    let hasComment = false;
    let mode = CODE;
    let enclosing = null; // the block comment or string that we are in
    let nesting = 0;
    let documentation = false; // the string that we are in is a comment by meaning
    let escapedNewline = false;
    let inClass = false; // in [...] of a regular expression
    let brackets = 0;
    let previous = 0; // the last byte of code, or a letter for a word
    let previousWord = 0;
    let braces = 0;
    const parts = []; // for each `${` that we are in: the braces that are open outside it
    let i = start;
    // A byte order mark is neither code nor comment.
    if (end - start >= 3 && bytes[i] === 0xef && bytes[i + 1] === 0xbb && bytes[i + 2] === 0xbf) {
      i += 3;
    }

    while (i < end) {
      const c = bytes[i];

      if (c === NEWLINE) {
        lines++;
        if (hasCode) code++;
        else if (hasComment) comment++;
        hasCode = false;
        hasComment = false;
        if (mode === LINE_COMMENT || mode === REGEX) mode = CODE;
        else if (mode === STRING && !enclosing.multi && !escapedNewline) mode = CODE;
        escapedNewline = false;
        i++;
        continue;
      }
      if (c <= 32) {
        i++;
        continue;
      }

      if (mode === LINE_COMMENT) {
        hasComment = true;
        i++;
        continue;
      }

      if (mode === BLOCK_COMMENT) {
        hasComment = true;
        if (c === enclosing.close[0] && matches(i, end, enclosing.close)) {
          i += enclosing.close.length;
          nesting -= 1;
          if (nesting === 0) mode = CODE;
        } else if (syntax.nest && c === enclosing.open[0] && matches(i, end, enclosing.open)) {
          i += enclosing.open.length;
          nesting++;
        } else {
          i++;
        }
        continue;
      }

      if (mode === CODE && first[c] === 1) {
        const startsLine = !hasCode && !hasComment;
        let found = null;
        for (let k = 0; k < block.length && found === null; k++) {
          if ((startsLine || !block[k].startsLine) && matches(i, end, block[k].open)) {
            found = block[k];
          }
        }
        if (found !== null) {
          hasComment = true;
          mode = BLOCK_COMMENT;
          enclosing = found;
          nesting = 1;
          i += found.open.length;
          continue;
        }
        if (
          syntax.startsLine
            ? startsLine
            : !syntax.afterSpace || i === start || bytes[i - 1] <= 32 || bytes[i - 1] === 59
        ) {
          let comments = false;
          for (let k = 0; k < line.length && !comments; k++) comments = matches(i, end, line[k]);
          if (comments) {
            hasComment = true;
            mode = LINE_COMMENT;
            i++;
            continue;
          }
        }
        for (let k = 0; k < strings.length && found === null; k++) {
          if (matches(i, end, strings[k].open)) found = strings[k];
        }
        if (found !== null) {
          // Documentation stands where a statement could start: not in brackets, and not on a line
          // that a backslash continues.
          documentation = found.documentation && startsLine && brackets === 0 && previous !== BACKSLASH;
          if (documentation) hasComment = true;
          else hasCode = true;
          i += found.open.length;
          if (syntax.raw) {
            const count = rawHashes(i - 1, start);
            if (count >= 0) {
              const close = [...found.close];
              for (let k = 0; k < count; k++) close.push(HASH);
              found = { ...found, close, escape: false };
            }
          }
          mode = STRING;
          enclosing = found;
          continue;
        }
        if (syntax.characters && c === QUOTE) {
          const length = characterLength(i, end);
          if (length > 0) {
            hasCode = true;
            for (let k = 1; k < length - 1; k++) addToken(bytes[i + k]);
            i += length;
            continue;
          }
        }
        if (syntax.backslash && c === BACKSLASH && i + 1 < end && bytes[i + 1] > 32) {
          hasCode = true;
          addToken(bytes[i + 1]);
          i += 2;
          continue;
        }
        if (c === SLASH && syntax.regex) {
          // `</` closes a tag of JSX.
          const closesTag = previous === 60 && bytes[i - 1] === 60;
          const starts =
            previous === 97 ? wordsBeforeRegex.has(previousWord) : previous === 0 || beforeRegex[previous] === 1;
          if (starts && !closesTag) {
            hasCode = true;
            mode = REGEX;
            inClass = false;
            i++;
            continue;
          }
        }
      } else if (mode === STRING) {
        if (c === BACKSLASH && enclosing.escape) {
          const next = i + 1 < end ? bytes[i + 1] : NEWLINE;
          if (next === NEWLINE || next === 13) {
            escapedNewline = true;
            i++;
          } else {
            if (!documentation) addToken(next);
            i += 2;
          }
          if (documentation) hasComment = true;
          else hasCode = true;
          continue;
        }
        if (c === enclosing.close[0] && matches(i, end, enclosing.close)) {
          if (documentation) hasComment = true;
          else hasCode = true;
          i += enclosing.close.length;
          mode = CODE;
          previous = 34;
          continue;
        }
        if (enclosing.template && c === 36 && i + 1 < end && bytes[i + 1] === 123) {
          hasCode = true;
          parts.push(braces);
          mode = CODE;
          previous = 123;
          i += 2;
          continue;
        }
        if (documentation) {
          hasComment = true;
          i++;
          continue;
        }
      } else if (mode === REGEX) {
        hasCode = true;
        if (c === BACKSLASH && i + 1 < end && bytes[i + 1] > 32) {
          addToken(bytes[i + 1]);
          i += 2;
          continue;
        }
        if (c === 91) inClass = true;
        else if (c === 93) inClass = false;
        else if (c === SLASH && !inClass) {
          mode = CODE;
          previous = 34;
          i++;
          continue;
        }
      }

      // Ordinary text: a word or one other character is a token.
      hasCode = true;
      if (isWord[c] === 1) {
        let hash = -2128831035;
        let at = i;
        while (at < end && isWord[bytes[at]] === 1) {
          hash = imul(hash ^ bytes[at], 16777619);
          at++;
        }
        addToken(hash);
        if (mode === CODE) {
          previous = 97;
          previousWord = hash;
        }
        i = at;
        continue;
      }
      addToken(c);
      i++;
      if (mode === CODE) {
        previous = c;
        braces += changesBraces[c];
        // Too many that close come from what was misread; documentation is told by zero.
        brackets = Math.max(0, brackets + changesBrackets[c]);
        if (c === 125 && parts.length > 0 && braces < parts[parts.length - 1]) {
          braces = parts.pop();
          mode = STRING;
          enclosing = syntax.template;
          documentation = false;
        }
      }
    }

    // A last line that has no newline.
    if (end > start && bytes[end - 1] !== NEWLINE) {
      lines++;
      if (hasCode) code++;
      else if (hasComment) comment++;
    }
    counts[file * 4] = lines;
    counts[file * 4 + 1] = code;
    counts[file * 4 + 2] = comment;
    counts[file * 4 + 3] = lines - code - comment;
  };

  let start = 0;
  for (let file = 0; file < fileCount; file++) {
    const end = start + batch.sizes[file];
    const index = batch.languages[file];
    if (compiled[index] === null) compiled[index] = compile(languages[index]);

    rolling = 0;
    tokens = 0;
    distinct = 0;
    signature = signatures.subarray(file * hashes, (file + 1) * hashes);
    recent.fill(0);
    met.fill(0);
    scan(file, start, end, compiled[index]);
    shingles[file] = distinct;

    let low = -2128831035;
    let high = 0x2545f491;
    for (let i = start; i < end; i++) {
      low = imul(low ^ bytes[i], 16777619);
      high = imul(high ^ bytes[i] ^ (high >>> 15), 0x5bd1e995);
    }
    contents[file * 2] = low;
    contents[file * 2 + 1] = high;
    start = end;
  }
  return { counts, contents, shingles, signatures };
}

module.exports = { SETTINGS, censusBatch };
