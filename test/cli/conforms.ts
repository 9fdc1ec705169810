import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../schemas', import.meta.url));

/** Closes every object that names its members: a document must not hold a member that the type does not know. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const inner = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return 'properties' in inner && !('additionalProperties' in inner) && !('allOf' in inner)
    ? { ...inner, additionalProperties: false }
    : inner;
}

const validators = new Map<string, ReturnType<Ajv['compile']>>();

function validatorOf(id: string) {
  const known = validators.get(id);
  if (known !== undefined) return known;
  const file = `${id.replace('tlsmedic/', '').replace('@', '.v')}.json`;
  expect(readdirSync(FOLDER), `no schema for ${id}: run "npm run schemas"`).toContain(file);
  const schema = closed(JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))) as object;
  const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);
  validators.set(id, validate);
  return validate;
}

/** Holds a document to the published schema that it names. */
export function expectConforms(document: { schema: string }): void {
  const validate = validatorOf(document.schema);
  if (validate(document)) return;
  const problems = (validate.errors ?? []).map(
    (error) => `${error.instancePath || 'document'} ${error.message} ${JSON.stringify(error.params)}`,
  );
  throw new Error(`no ${document.schema}:\n${problems.join('\n')}`);
}
