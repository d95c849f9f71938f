'use strict';

/**
 * How many rows make a band, for a signature of `hashes` numbers and a similarity `threshold`.
 *
 * Two files that are alike by s share a band of r rows with a probability of s^r, and at least one
 * of the bands with 1 - (1 - s^r)^bands. The more rows, the fewer pairs must be looked at; so it is
 * the greatest number that still finds a pair right at the threshold in 999 of 1,000 cases.
 *
 * @param {number} hashes
 * @param {number} threshold
 * @returns {number}
 */
function bandRows(hashes, threshold) {
  for (const rows of [16, 8, 4, 2]) {
    const missed = (1 - threshold ** rows) ** Math.floor(hashes / rows);
    if (missed <= 0.001) return rows;
  }
  return 1;
}

/**
 * Finds exact copies and near-duplicates. Shipped to a task as source text, like `censusBatch`.
 *
 * Near-duplicates are looked for among different contents only: of exact copies the first one
 * stands for all. Candidates share a band of their signatures; those whose signatures agree in at
 * least `threshold` of the places are joined, so a group is what is connected by such pairs.
 *
 * @param {object} files
 * @param {Uint32Array} files.sizes Lengths in bytes
 * @param {Uint8Array} files.languages
 * @param {Uint32Array} files.contents As in the result of `censusBatch`
 * @param {Uint32Array} files.shingles As in the result of `censusBatch`
 * @param {Int32Array} files.signatures As in the result of `censusBatch`
 * @param {object} settings
 * @param {number} settings.hashes The length of a signature
 * @param {number} settings.rows Rows in a band, see `bandRows`
 * @param {number} settings.threshold From 0 to 1
 * @param {number} settings.leastShingles Files with fewer are not compared: too small to tell
 * @param {number} settings.longestBucket How many earlier files of a bucket one is compared with
 * @returns {{copies: number[][], similar: {files: number[], likeness: number[]}[],
 *   tooSmall: number, cut: number}} Groups of file numbers; `likeness` is that with the group's
 *   first file; `tooSmall` counts the contents that were not compared, `cut` the comparisons that
 *   `longestBucket` saved
 */
function findSimilar(files, settings) {
  const { sizes, languages, contents, shingles, signatures } = files;
  const { hashes, rows, threshold, leastShingles, longestBucket } = settings;
  const count = sizes.length;

  // Exact copies. Empty files are all the same, which says nothing.
  const copies = [];
  const byContent = new Map();
  const different = [];
  let tooSmall = 0;
  for (let file = 0; file < count; file++) {
    if (sizes[file] === 0) continue;
    const key = `${sizes[file]}:${contents[file * 2]}:${contents[file * 2 + 1]}`;
    const group = byContent.get(key);
    if (group !== undefined) {
      if (group.length === 1) copies.push(group);
      group.push(file);
      continue;
    }
    byContent.set(key, [file]);
    if (shingles[file] < leastShingles) tooSmall++;
    else different.push(file);
  }

  const parents = new Int32Array(count);
  for (let file = 0; file < count; file++) parents[file] = file;
  const rootOf = (file) => {
    while (parents[file] !== file) {
      parents[file] = parents[parents[file]];
      file = parents[file];
    }
    return file;
  };
  // The lesser number becomes the root, so that the result depends on no order.
  const join = (a, b) => {
    if (a < b) parents[b] = a;
    else parents[a] = b;
  };
  const likeness = (a, b) => {
    let same = 0;
    for (let j = 0; j < hashes; j++) {
      if (signatures[a * hashes + j] === signatures[b * hashes + j]) same++;
    }
    return same / hashes;
  };

  let cut = 0;
  const earlier = new Int32Array(count); // the one before in the same bucket
  for (let row = 0; row + rows <= hashes; row += rows) {
    const buckets = new Map();
    for (const file of different) {
      // Languages are kept apart: that a C file and its C++ twin are alike is no news.
      let key = languages[file] + 1;
      for (let j = row; j < row + rows; j++) {
        key = Math.imul(key ^ signatures[file * hashes + j], 0x5bd1e995);
        key ^= key >>> 15;
      }
      const last = buckets.get(key);
      earlier[file] = last === undefined ? -1 : last;
      buckets.set(key, file);
      let looked = 0;
      for (let other = earlier[file]; other !== -1; other = earlier[other]) {
        if (++looked > longestBucket) {
          cut++;
          break;
        }
        if (languages[other] !== languages[file]) continue;
        const a = rootOf(file);
        const b = rootOf(other);
        if (a !== b && likeness(file, other) >= threshold) join(a, b);
      }
    }
  }

  const byRoot = new Map();
  for (const file of different) {
    const root = rootOf(file);
    if (root === file) continue;
    const group = byRoot.get(root);
    if (group === undefined) byRoot.set(root, [root, file]);
    else group.push(file);
  }
  const similar = [];
  for (const group of byRoot.values()) {
    similar.push({ files: group, likeness: group.map((file) => likeness(group[0], file)) });
  }
  return { copies, similar, tooSmall, cut };
}

module.exports = { bandRows, findSimilar };
