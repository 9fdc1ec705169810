import { join } from 'node:path';

/** One root to put into a store. */
export interface RootToTrust {
  /** Path of its PEM file. */
  file: string;
  /** SHA-256 fingerprint, hex. */
  fingerprint: string;
  commonName: string;
}

/** What the machine has; found out by the caller. */
export interface TrustSurroundings {
  home: string;
  hasProgram(name: string): boolean;
  exists(path: string): boolean;
  /** Names in a folder; none when it is not there. */
  list(path: string): readonly string[];
}

/** One store of trusted roots: the programs that read it, and the command lines that change it. */
export interface TrustStorePlan {
  id: 'debian' | 'fedora' | `nss:${string}` | 'java';
  title: string;
  /** Why nothing can be done here; undefined where it can. */
  absent?: string;
  needsRoot: boolean;
  install(roots: readonly RootToTrust[]): string[][];
  uninstall(roots: readonly RootToTrust[]): string[][];
  /** A bundle to look into, or a command for each root that succeeds when the store knows it. */
  check: { bundle: string } | { command(root: RootToTrust): string[] };
}

/** The name a root has in a store: unique by its fingerprint, so that two authorities of one name do not meet. */
export function storeAlias(root: RootToTrust): string {
  return `tlsmedic-${root.fingerprint.slice(0, 12)}`;
}

/** Every store of this machine that can be changed, absent ones with the reason. */
export function trustStorePlans(here: TrustSurroundings): TrustStorePlan[] {
  const plans: TrustStorePlan[] = [];
  if (here.hasProgram('update-ca-trust')) plans.push(fedora());
  else plans.push(debian(here));
  const databases = nssDatabases(here);
  if (databases.length === 0)
    plans.push(nss(`sql:${join(here.home, '.pki/nssdb')}`, 'NSS', 'no NSS database of this user (Chromium, Firefox)'));
  for (const { path, title } of databases) {
    plans.push(
      nss(
        `sql:${path}`,
        title,
        here.hasProgram('certutil') ? undefined : 'certutil is not installed (Debian: libnss3-tools, Fedora: nss-tools)',
      ),
    );
  }
  plans.push(java(here));
  return plans;
}

function debian(here: TrustSurroundings): TrustStorePlan {
  const target = (root: RootToTrust): string => `/usr/local/share/ca-certificates/${storeAlias(root)}.crt`;
  return {
    id: 'debian',
    title: 'system (Debian)',
    ...(here.hasProgram('update-ca-certificates') || here.exists('/usr/sbin/update-ca-certificates')
      ? {}
      : { absent: 'neither update-ca-certificates nor update-ca-trust is installed' }),
    needsRoot: true,
    install: (roots) => [...roots.map((root) => ['install', '-m', '0644', root.file, target(root)]), ['update-ca-certificates']],
    uninstall: (roots) => [
      ['rm', '-f', ...roots.map(target)],
      ['update-ca-certificates', '--fresh'],
    ],
    check: { bundle: '/etc/ssl/certs/ca-certificates.crt' },
  };
}

function fedora(): TrustStorePlan {
  const target = (root: RootToTrust): string => `/etc/pki/ca-trust/source/anchors/${storeAlias(root)}.pem`;
  return {
    id: 'fedora',
    title: 'system (Fedora)',
    needsRoot: true,
    install: (roots) => [...roots.map((root) => ['install', '-m', '0644', root.file, target(root)]), ['update-ca-trust', 'extract']],
    uninstall: (roots) => [
      ['rm', '-f', ...roots.map(target)],
      ['update-ca-trust', 'extract'],
    ],
    check: { bundle: '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem' },
  };
}

/** Databases of this user: Chromium's, and one for each profile of Firefox. */
function nssDatabases(here: TrustSurroundings): { path: string; title: string }[] {
  const candidates = [
    { path: join(here.home, '.pki/nssdb'), title: 'NSS (Chromium)' },
    { path: join(here.home, 'snap/chromium/current/.pki/nssdb'), title: 'NSS (Chromium snap)' },
    ...['.mozilla/firefox', 'snap/firefox/common/.mozilla/firefox'].flatMap((folder) =>
      here.list(join(here.home, folder)).map((profile) => ({ path: join(here.home, folder, profile), title: `NSS (Firefox ${profile})` })),
    ),
  ];
  return candidates.filter(({ path }) => here.exists(join(path, 'cert9.db')));
}

function nss(database: string, title: string, absent: string | undefined): TrustStorePlan {
  return {
    id: `nss:${database}`,
    title,
    ...(absent === undefined ? {} : { absent }),
    needsRoot: false,
    install: (roots) => roots.map((root) => ['certutil', '-d', database, '-A', '-t', 'C,,', '-n', storeAlias(root), '-i', root.file]),
    uninstall: (roots) => roots.map((root) => ['certutil', '-d', database, '-D', '-n', storeAlias(root)]),
    check: { command: (root) => ['certutil', '-d', database, '-L', '-n', storeAlias(root)] },
  };
}

function java(here: TrustSurroundings): TrustStorePlan {
  // "changeit" is the password every Java is shipped with: it guards nothing, the store holds public certificates.
  const store = ['-cacerts', '-storepass', 'changeit'];
  return {
    id: 'java',
    title: 'Java',
    ...(here.hasProgram('keytool') ? {} : { absent: 'keytool is not installed' }),
    needsRoot: true,
    install: (roots) =>
      roots.map((root) => ['keytool', '-importcert', '-noprompt', ...store, '-alias', storeAlias(root), '-file', root.file]),
    uninstall: (roots) => roots.map((root) => ['keytool', '-delete', ...store, '-alias', storeAlias(root)]),
    check: { command: (root) => ['keytool', '-list', ...store, '-alias', storeAlias(root)] },
  };
}
