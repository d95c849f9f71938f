'use strict';

/**
 * The languages the census knows, as plain data: an entry can be passed to a task as an argument.
 *
 * An entry has
 * - `name`
 * - `extensions`, `files` (whole names, lower case), `interpreters` (what may follow `#!`)
 * - `line`: what starts a comment that ends with the line
 * - `block`: pairs that enclose a comment
 * - `strings`: what comments are not looked for in. `[open, close, flags]`; the flags are letters:
 *   `e` a backslash escapes, `m` may span lines, `t` has `${ }` parts, `d` is documentation (counts
 *   as a comment) where a statement could start
 * - `flags`: `n` blocks nest, `r` has regular expression literals, `w` a line comment must follow
 *   white space, `l` comments must start their line, `b` a backslash outside strings escapes,
 *   `c` has character literals beside other uses of the quote, `h` has raw strings r#"..."#
 *
 * @typedef {object} Language
 * @property {string} name
 * @property {string[]} extensions
 * @property {string[]} files
 * @property {string[]} interpreters
 * @property {string[]} line
 * @property {[string, string][]} block
 * @property {[string, string, string][]} strings
 * @property {string} flags
 */

const C_BLOCK = [['/*', '*/']];
const XML_BLOCK = [['<!--', '-->']];
const DOUBLE = ['"', '"', 'e'];
const SINGLE = ["'", "'", 'e'];
const TEMPLATE = ['`', '`', 'emt'];
const QUOTES = [DOUBLE, SINGLE];
// Longer openings come first: `"""` must not be read as an empty string and a quote.
const TRIPLE = [['"""', '"""', 'em']];
const PYTHON_STRINGS = [['"""', '"""', 'emd'], ["'''", "'''", 'emd'], ...QUOTES];
const POD = ['pod', 'head', 'over', 'item', 'begin', 'for', 'encoding'].map((word) => {
  return [`=${word}`, '=cut'];
});

/** @returns {Language} */
function language(name, endings, syntax = {}) {
  return {
    name,
    extensions: endings.split(' ').filter(Boolean),
    files: syntax.files || [],
    interpreters: syntax.interpreters || [],
    line: syntax.line || [],
    block: syntax.block || [],
    strings: syntax.strings || [],
    flags: syntax.flags || '',
  };
}

/** C and those that took its comments and its quotes. */
function likeC(name, endings, syntax = {}) {
  return language(name, endings, { line: ['//'], block: C_BLOCK, strings: QUOTES, ...syntax });
}

/** Scripts with `#`. */
function likeShell(name, endings, syntax = {}) {
  return language(name, endings, { line: ['#'], strings: QUOTES, ...syntax });
}

/** @type {Language[]} */
const LANGUAGES = [
  likeC('JavaScript', 'js mjs cjs jsx', {
    strings: [...QUOTES, TEMPLATE],
    flags: 'r',
    interpreters: ['node', 'deno', 'bun'],
  }),
  likeC('TypeScript', 'ts mts cts tsx', {
    strings: [...QUOTES, TEMPLATE],
    flags: 'r',
    interpreters: ['ts-node', 'tsx'],
  }),
  language('JSON', 'json webmanifest', { strings: [DOUBLE] }),
  likeC('JSON with comments', 'jsonc json5 code-workspace'),
  language('CSS', 'css', { block: C_BLOCK, strings: QUOTES }),
  likeC('Sass', 'scss sass'),
  likeC('Less', 'less'),
  likeC('Stylus', 'styl'),
  language('HTML', 'html htm xhtml', { block: XML_BLOCK }),
  language('Vue', 'vue', { block: XML_BLOCK }),
  language('Svelte', 'svelte', { block: XML_BLOCK }),
  language('XML', 'xml xsd xsl xslt plist csproj vcxproj', { block: XML_BLOCK }),
  language('SVG', 'svg', { block: XML_BLOCK }),
  // Code in a text may show what a comment looks like.
  language('Markdown', 'md markdown mdx mkd', {
    block: XML_BLOCK,
    strings: [
      ['```', '```', 'm'],
      ['`', '`', ''],
    ],
  }),
  language('reStructuredText', 'rst'),
  likeShell('YAML', 'yml yaml', { flags: 'w' }),
  likeShell('TOML', 'toml', {
    strings: [...TRIPLE, ["'''", "'''", 'm'], DOUBLE, ["'", "'", '']],
    files: ['cargo.lock', 'poetry.lock', 'pipfile'],
  }),
  language('INI', 'ini cfg conf editorconfig properties', {
    line: ['#', ';'],
    flags: 'l',
    files: ['.editorconfig', '.npmrc', '.gitconfig', '.gitmodules'],
  }),
  likeC('C', 'c'),
  likeC('C/C++ header', 'h hh hpp hxx inc'),
  likeC('C++', 'cc cpp cxx c++ ipp'),
  likeC('Objective-C', 'm mm'),
  likeC('C#', 'cs'),
  likeC('Java', 'java', { strings: [...TRIPLE, ...QUOTES] }),
  likeC('Kotlin', 'kt kts', { strings: [...TRIPLE, ...QUOTES], flags: 'n' }),
  likeC('Scala', 'scala sc', { strings: [...TRIPLE, DOUBLE], flags: 'nc' }),
  likeC('Groovy', 'groovy gradle', { strings: [...TRIPLE, ...QUOTES] }),
  likeC('Swift', 'swift', { strings: [...TRIPLE, DOUBLE], flags: 'n' }),
  likeC('Dart', 'dart', { strings: [...TRIPLE, ...QUOTES], flags: 'n' }),
  likeC('Go', 'go', { strings: [...QUOTES, ['`', '`', 'm']] }),
  likeC('Rust', 'rs', { strings: [['"', '"', 'em']], flags: 'nch' }),
  likeC('Zig', 'zig', { block: [] }),
  likeC('Protocol Buffers', 'proto'),
  likeC('Solidity', 'sol'),
  likeC('PHP', 'php phtml', { line: ['//', '#'], interpreters: ['php'] }),
  likeC('Torque', 'tq', { strings: QUOTES }),
  likeC('GLSL', 'glsl vert frag comp wgsl hlsl'),
  likeShell('GraphQL', 'graphql gql', { strings: [...TRIPLE, DOUBLE] }),
  likeShell('Python', 'py pyi pyw', {
    strings: PYTHON_STRINGS,
    interpreters: ['python', 'python2', 'python3'],
    files: ['sconstruct', 'wscript'],
  }),
  likeShell('GYP/GN', 'gyp gypi gn gni bzl bazel star', { strings: PYTHON_STRINGS }),
  likeShell('Ruby', 'rb rake gemspec', {
    block: [['=begin', '=end']],
    flags: 'w',
    interpreters: ['ruby'],
    files: ['rakefile', 'gemfile', 'vagrantfile', 'podfile'],
  }),
  likeShell('Perl', 'pl pm t', { block: POD, flags: 'wb', interpreters: ['perl'] }),
  likeShell('Shell', 'sh bash zsh ksh fish', {
    flags: 'wb',
    interpreters: ['sh', 'bash', 'zsh', 'ksh', 'dash', 'fish'],
    files: ['.bashrc', '.profile', '.zshrc'],
  }),
  likeShell('PowerShell', 'ps1 psm1 psd1', { block: [['<#', '#>']] }),
  language('Batch', 'bat cmd', { line: ['rem ', 'REM ', '@rem ', '@REM ', '::'], flags: 'l' }),
  likeShell('Makefile', 'mk mak', {
    strings: [],
    flags: 'b',
    interpreters: ['make'],
    files: ['makefile', 'gnumakefile', 'makefile.am', 'makefile.in'],
  }),
  likeShell('CMake', 'cmake', {
    block: [['#[[', ']]']],
    strings: [['"', '"', 'em']],
    files: ['cmakelists.txt'],
  }),
  likeShell('Dockerfile', 'dockerfile', { strings: [], flags: 'l', files: ['dockerfile'] }),
  likeC('HCL', 'hcl tf tfvars', { line: ['#', '//'], strings: [DOUBLE] }),
  likeShell('Nix', 'nix', { block: C_BLOCK, strings: [["''", "''", 'm'], DOUBLE] }),
  language('Lua', 'lua', {
    line: ['--'],
    block: [['--[[', ']]']],
    strings: [['[[', ']]', 'm'], ...QUOTES],
    interpreters: ['lua', 'luajit'],
  }),
  language('SQL', 'sql', {
    line: ['--'],
    block: C_BLOCK,
    strings: [
      ["'", "'", 'm'],
      ['"', '"', ''],
    ],
  }),
  language('Haskell', 'hs', { line: ['--'], block: [['{-', '-}']], strings: [DOUBLE], flags: 'nc' }),
  language('Elm', 'elm', { line: ['--'], block: [['{-', '-}']], strings: [DOUBLE], flags: 'n' }),
  language('OCaml', 'ml mli', { block: [['(*', '*)']], strings: [['"', '"', 'em']], flags: 'nc' }),
  language('Lisp', 'lisp lsp el scm ss rkt clj cljs cljc edn', {
    line: [';'],
    block: [['#|', '|#']],
    strings: [['"', '"', 'em']],
    flags: 'nb',
  }),
  language('Erlang', 'erl hrl', { line: ['%'], strings: QUOTES }),
  likeShell('Elixir', 'ex exs', { strings: [['"""', '"""', 'emd'], DOUBLE] }),
  likeShell('R', 'r', { interpreters: ['rscript'] }),
  likeShell('Julia', 'jl', {
    block: [['#=', '=#']],
    strings: [['"""', '"""', 'emd'], DOUBLE],
    flags: 'n',
    interpreters: ['julia'],
  }),
  language('TeX', 'tex sty cls', { line: ['%'], flags: 'b' }),
  language('Assembly', 's asm', { line: ['//', ';', '#'], block: C_BLOCK, strings: [DOUBLE] }),
  language('WebAssembly text', 'wat wast', {
    line: [';;'],
    block: [['(;', ';)']],
    strings: [DOUBLE],
    flags: 'n',
  }),
];

const byExtension = new Map();
const byFile = new Map();
const byInterpreter = new Map();
for (const [index, entry] of LANGUAGES.entries()) {
  for (const extension of entry.extensions) byExtension.set(extension, index);
  for (const file of entry.files) byFile.set(file, index);
  for (const interpreter of entry.interpreters) byInterpreter.set(interpreter, index);
}

/** What `languageOfName` answers when only the file's first line can tell. */
const ASK_FIRST_LINE = -2;
/** What both answer when the file is in no known language. */
const UNKNOWN = -1;

/**
 * The language that a file's name tells.
 *
 * @param {string} name The name without folders
 * @returns {number} An index into LANGUAGES, UNKNOWN or ASK_FIRST_LINE
 */
function languageOfName(name) {
  const lower = name.toLowerCase();
  const whole = byFile.get(lower);
  if (whole !== undefined) return whole;
  const dot = lower.lastIndexOf('.');
  if (dot > 0) {
    const index = byExtension.get(lower.slice(dot + 1));
    if (index !== undefined) return index;
  }
  // Dockerfile.alpine, Makefile.win
  if (lower.startsWith('dockerfile.')) return byFile.get('dockerfile');
  if (lower.startsWith('makefile.')) return byFile.get('makefile');
  return dot < 0 ? ASK_FIRST_LINE : UNKNOWN;
}

/**
 * The language that a `#!` line tells.
 *
 * @param {string} firstLine
 * @returns {number} An index into LANGUAGES or UNKNOWN
 */
function languageOfFirstLine(firstLine) {
  const match = /^#!\s*(\S+)(?:\s+(?:-\S+\s+)*(\S+))?/.exec(firstLine);
  if (!match) return UNKNOWN;
  const program = match[1].split('/').pop();
  const name = (program === 'env' ? match[2] || '' : program).toLowerCase();
  // python3.11 is python3
  const index = byInterpreter.get(name) ?? byInterpreter.get(name.replace(/\.\d+$/, ''));
  return index === undefined ? UNKNOWN : index;
}

module.exports = { LANGUAGES, UNKNOWN, ASK_FIRST_LINE, languageOfName, languageOfFirstLine };
