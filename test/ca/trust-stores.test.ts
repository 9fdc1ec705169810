import { describe, expect, it } from 'vitest';
import { trustStorePlans } from '../../src/lib/ca/trust-stores.js';

const root = { file: '/ca/root.crt', fingerprint: 'ab12cd34ef5678900000', commonName: 'Test Root' };
const plans = (has: string[], files: string[] = [], folders: Record<string, string[]> = {}) =>
  trustStorePlans({
    home: '/home/me',
    hasProgram: (name) => has.includes(name),
    exists: (path) => files.includes(path),
    list: (path) => folders[path] ?? [],
  });
const plan = (id: string, ...args: Parameters<typeof plans>) => plans(...args).find((one) => one.id.startsWith(id));

describe('stores of trusted roots', () => {
  it('Debian', () => {
    const debian = plan('debian', ['update-ca-certificates']);
    expect(debian?.absent).toBeUndefined();
    expect(debian?.install([root])).toEqual([
      ['install', '-m', '0644', '/ca/root.crt', '/usr/local/share/ca-certificates/tlsmedic-ab12cd34ef56.crt'],
      ['update-ca-certificates'],
    ]);
    expect(debian?.uninstall([root])).toEqual([
      ['rm', '-f', '/usr/local/share/ca-certificates/tlsmedic-ab12cd34ef56.crt'],
      ['update-ca-certificates', '--fresh'],
    ]);
  });

  it('Fedora, where its program is there', () => {
    const here = ['update-ca-trust', 'update-ca-certificates'];
    expect(plan('debian', here)).toBeUndefined();
    expect(plan('fedora', here)?.install([root]).at(-1)).toEqual(['update-ca-trust', 'extract']);
  });

  it('NSS: Chromium and every profile of Firefox', () => {
    const found = plans(['certutil'], ['/home/me/.pki/nssdb/cert9.db', '/home/me/.mozilla/firefox/x.default/cert9.db'], {
      '/home/me/.mozilla/firefox': ['x.default', 'profiles.ini'],
    }).filter((one) => one.id.startsWith('nss'));
    expect(found.map((one) => one.title)).toEqual(['NSS (Chromium)', 'NSS (Firefox x.default)']);
    expect(found[0]?.install([root])).toEqual([
      ['certutil', '-d', 'sql:/home/me/.pki/nssdb', '-A', '-t', 'C,,', '-n', 'tlsmedic-ab12cd34ef56', '-i', '/ca/root.crt'],
    ]);
    expect(found[0]?.needsRoot).toBe(false);
  });

  it('says why a store cannot be changed', () => {
    for (const one of plans([])) expect(one.absent).toMatch(/not installed|nor|no NSS/);
    expect(plan('nss', [], ['/home/me/.pki/nssdb/cert9.db'])?.absent).toMatch(/libnss3-tools/);
  });
});
