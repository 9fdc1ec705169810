import { spawnSync } from 'node:child_process';

/** Whether a program is there: tests that need one it has not are skipped, and vitest says so. */
export function hasProgram(name: string, args: readonly string[]): boolean {
  return spawnSync(name, args, { stdio: 'ignore' }).error === undefined;
}

/** Runs a program in a folder; throws with its own words when it fails. */
export function runIn(folder: string, name: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(name, args, { cwd: folder, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr}`);
}

export const HAS_OPENSSL = hasProgram('openssl', ['version']);
export const HAS_KEYTOOL = hasProgram('keytool', ['-help']);
/** RC2 and other old ciphers come from OpenSSL's legacy provider. */
export const HAS_LEGACY =
  HAS_OPENSSL && spawnSync('openssl', ['list', '-provider', 'legacy', '-providers'], { stdio: 'ignore' }).status === 0;
