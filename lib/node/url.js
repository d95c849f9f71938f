'use strict';

const { URL, URLSearchParams } = require('whatwg-url');
const { markOpaque } = require('hertzscript:surroundings');
const legacy = require('url/');

markOpaque(URL.prototype);
markOpaque(URLSearchParams.prototype);

function fileURLToPath(value) {
  const url = typeof value === 'string' ? new URL(value) : value;
  if (url.protocol !== 'file:') {
    const error = new TypeError('The URL must be of scheme file');
    error.code = 'ERR_INVALID_URL_SCHEME';
    throw error;
  }
  return decodeURIComponent(url.pathname);
}

function pathToFileURL(path) {
  const full = require('node:path').resolve(path);
  const escaped = full.replace(/[%\\\n\r\t?#]/g, (character) => encodeURIComponent(character));
  return new URL(`file://${escaped}`);
}

const domainToASCII = (domain) => {
  try {
    return new URL(`ws://${domain}`).hostname;
  } catch {
    return '';
  }
};

const domainToUnicode = (domain) => require('node:punycode').toUnicode(domainToASCII(domain));

/** A URL as what `http.request` takes. */
function urlToHttpOptions(url) {
  const { hostname, password, pathname, port, search, username } = url;
  const options = {
    __proto__: null,
    ...url,
    protocol: url.protocol,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname || ''}${search || ''}`,
    href: url.href,
  };
  if (port !== '') options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

module.exports = {
  ...legacy,
  URL,
  URLSearchParams,
  fileURLToPath,
  pathToFileURL,
  domainToASCII,
  domainToUnicode,
  urlToHttpOptions,
};
