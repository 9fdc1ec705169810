import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The golden tests run the built program: it is built when a source is newer (half a second; nothing when not). */
export default function setup(): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url)), '--if-needed'],
    { encoding: 'utf8' },
  );
  if (status !== 0) console.error(`the program could not be built; tests that run it will fail\n${stderr}`);
}
