// Finds the Chromium that the browser tests drive, or gets it where that needs no one's leave.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const places = [
  process.env.SPATIALGAN_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

export const findChromium = () => places.find((place) => place && existsSync(place));

const run = (command, args) => spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;

/** Path of a Chromium, installed with apt-get as root on Debian when there is none; undefined, with a hint printed, elsewhere. */
export function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('No Chromium here; installing the Debian package for the browser tests.');
    process.env.DEBIAN_FRONTEND = 'noninteractive';
    if (run('apt-get', ['-qq', 'update']) && run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', 'chromium'])) {
      return findChromium();
    }
  }
  console.log(
    'The browser tests need Chromium or Chrome and are skipped without it. Install it (Debian: apt-get install chromium; ' +
      'macOS: Google Chrome), or point SPATIALGAN_CHROMIUM at its binary, and run npm test again.',
  );
  return undefined;
}
