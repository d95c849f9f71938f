'use strict';

// Packages ask for these lists while they are loaded. Tasks have nothing that is in them.
const none = () => [];

module.exports = { constants: require('../constants/crypto.json'), getCiphers: none, getCurves: none, getHashes: none };
