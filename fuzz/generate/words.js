'use strict';

// What texts are put together of.

const LITERALS = ['0', '1', '2', '3', '(-1)', '7', '0.5', 'NaN', "''", "'a'", "'xy'", 'true', 'false', 'null'];

const PROPERTIES = ['a', 'b', 'c', 'd'];

const ARITHMETIC = ['+', '+', '-', '*', '/', '%', '**', '|', '&', '^', '<<', '>>', '>>>'];

const COMPARISONS = ['<', '>', '<=', '>=', '==', '!=', '===', '!=='];

const ERRORS = ['Error', 'RangeError', 'TypeError', 'SyntaxError'];

module.exports = { ARITHMETIC, COMPARISONS, ERRORS, LITERALS, PROPERTIES };
