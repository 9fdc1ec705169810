import { fileURLToPath } from 'node:url';
import { closest } from '../did-you-mean.js';
import { TlsmedicError } from '../errors.js';
import { listFolder, readText } from '../io/files.js';

/** The JSON Schemas of this package, generated from its types (scripts/schemas.mjs). The folder lies beside dist/ and src/ alike. */
const FOLDER = fileURLToPath(new URL('../../../schemas', import.meta.url));

/** Names of all documents: `diagnosis@1`, ... */
export function schemaNames(): string[] {
  return listFolder(FOLDER)
    .flatMap((file) => {
      const match = /^([a-z-]+)\.v(\d+)\.json$/.exec(file);
      return match === null ? [] : [`${match[1]}@${match[2]}`];
    })
    .sort();
}

/**
 * The JSON Schema of a document. The name may come with `tlsmedic/` in front; without a version the newest is meant.
 * @throws TlsmedicError `unknown-schema`
 */
export function schemaText(name: string): string {
  const names = schemaNames();
  const asked = name.replace(/^tlsmedic\//, '');
  const found = names.includes(asked) ? asked : names.filter((one) => one.startsWith(`${asked}@`)).at(-1);
  if (found === undefined) {
    const nearest = closest(asked, [...names, ...names.map((one) => one.replace(/@\d+$/, ''))]);
    throw new TlsmedicError('unknown-schema', `no document is called "${asked}"`, {
      kind: 'usage',
      next: [...(nearest === undefined ? [] : [`did you mean: tlsmedic schema ${nearest}`]), 'every name: tlsmedic schema'],
    });
  }
  return readText(`${FOLDER}/${found.replace('@', '.v')}.json`);
}
