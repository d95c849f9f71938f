// `npm run lint`: formatters and linters, warnings as errors.
import { MODELS, run, say, setUp } from './setup.mjs';

setUp();
say('cargo fmt --check');
run('cargo', ['fmt', '--check']);
run('cargo', ['fmt', '--check', ...MODELS.slice(0, 2)]);
say('cargo clippy');
run('cargo', ['clippy', '--release', '--all-targets', '--quiet', '--', '-D', 'warnings']);
run('cargo', ['clippy', '--all-targets', '--quiet', ...MODELS, '--', '-D', 'warnings']);
say('biome');
run('npx', ['--no-install', 'biome', 'ci', '--error-on-warnings', '.']);
