// `npm run build`: the addon and what it needs.
import { setUp } from './setup.mjs';

setUp();
