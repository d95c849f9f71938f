// `npm run lint`: formatters and linters, warnings as errors.
import { run, say, setUp } from './setup.mjs';

setUp();
say('cargo fmt --check');
run('cargo', ['fmt', '--check']);
say('cargo clippy');
run('cargo', ['clippy', '--release', '--all-targets', '--quiet', '--', '-D', 'warnings']);
say('biome');
run('npx', ['--no-install', 'biome', 'ci', '--error-on-warnings', '.']);
