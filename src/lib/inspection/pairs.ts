/** Keys and certificates that are meant for each other by where they lie, and whether they are. */
import type { FoundCertificate, FoundKey, Inventory } from './inventory.js';
import { keyIdentity } from './key-identity.js';

/** A key and the certificates beside it. */
export interface Pair {
  key: FoundKey;
  beside: FoundCertificate[];
  /** Why they are taken for a pair: one clause. */
  because: string;
  /** The certificates that it really belongs to, wherever they lie. */
  fits: FoundCertificate[];
  verdict: 'fits' | 'mismatch';
}

/** What a file name says about what is in it is taken off: `web-key.pem` and `web.pem` are then both `web`. */
function stemOf(label: string): { folder: string; stem: string } {
  const at = Math.max(label.lastIndexOf('/'), label.lastIndexOf('\\'));
  const name = label.slice(at + 1).toLowerCase();
  const bare = name.replace(/(?:\.(?:pem|crt|cer|cert|key|der|txt|p8))+$/, '');
  const stem = bare
    .replace(/(?:^|[-_.])(?:key|cert|certificate|crt|chain|fullchain|private|privkey|bundle|tls|pub)(?=$|[-_.])/g, '')
    .replace(/^[-_.]+|[-_.]+$/g, '');
  return { folder: label.slice(0, at + 1), stem };
}

/** The container that a thing lies in, within its input: a Secret, an alias, the file itself. */
function containerOf(found: { where: { input: number; path: readonly string[] } }): string {
  const [first = ''] = found.where.path;
  return `${found.where.input} ${/^#\d+$/.test(first) || found.where.path.length < 2 ? '' : first}`;
}

function besideKey(key: FoundKey, inventory: Inventory): { beside: FoundCertificate[]; because: string } | undefined {
  const { certificates, keys, inputs } = inventory;
  const container = containerOf(key);
  const same = certificates.filter((found) => containerOf(found) === container);
  if (same.length > 0) return { beside: same, because: 'they lie in one container' };
  const input = inputs[key.where.input];
  if (input === undefined) return undefined;
  const own = stemOf(input.label);
  const twins = certificates.filter((found) => {
    const other = inputs[found.where.input];
    if (other === undefined || found.where.input === key.where.input) return false;
    const { folder, stem } = stemOf(other.label);
    return folder === own.folder && stem === own.stem;
  });
  if (twins.length > 0) return { beside: twins, because: 'their files are named as a pair' };
  const distinct = certificates.filter((found) => found.duplicateOf === undefined);
  const leaves = distinct.filter((found) => found.role === 'leaf');
  const named = inputs.every(({ found }) => !found);
  if (named && keys.length === 1 && (leaves.length === 1 || distinct.length === 1))
    return { beside: certificates, because: 'they were given together' };
  return undefined;
}

/** Every key that has certificates beside it and a public half to compare. */
export function findPairs(inventory: Inventory): Pair[] {
  const byKey = new Map<string, FoundCertificate[]>();
  for (const found of inventory.certificates) {
    const identity = keyIdentity(found.certificate.publicKey);
    if (identity === '') continue;
    const list = byKey.get(identity);
    if (list === undefined) byKey.set(identity, [found]);
    else list.push(found);
  }
  const pairs: Pair[] = [];
  for (const key of inventory.keys) {
    if (key.publicKey === undefined) continue;
    const candidates = besideKey(key, inventory);
    if (candidates === undefined) continue;
    const fits = byKey.get(keyIdentity(key.publicKey)) ?? [];
    const verdict = candidates.beside.some((found) => fits.includes(found)) ? 'fits' : 'mismatch';
    pairs.push({ key, ...candidates, fits, verdict });
  }
  return pairs;
}
