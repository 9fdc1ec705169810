/*
 * npm run lock:complete: adds what `npm install` leaves out of package-lock.json when a registry does not serve a package for another platform: every optional
 * dependency of a locked package has to stand in the lock, or `npm ci` refuses it. test/architecture.test.ts checks that none is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
const packages = lock.packages;
let added = 0;
for (const [key, entry] of Object.entries({ ...packages })) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (packages[`node_modules/${name}`] !== undefined || packages[`${key}/node_modules/${name}`] !== undefined) continue;
    const cpu = /(arm64|x64)/.exec(name)?.[1];
    const os = /(android|darwin|linux|win32|freebsd)/.exec(name)?.[1];
    if (cpu === undefined || os === undefined) throw new Error(`${name}: cannot tell which platform it is for`);
    packages[`node_modules/${name}`] = {
      version: String(range).replace(/^[^\d]*/, ''),
      cpu: [cpu],
      ...(entry.dev ? { dev: true } : {}),
      ...(name.includes('musl') ? { libc: ['musl'] } : {}),
      optional: true,
      os: [os],
      ...(entry.engines === undefined ? {} : { engines: entry.engines }),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
if (added > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added === 0 ? 'the lock is complete' : `added ${added}`);
