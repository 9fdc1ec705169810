/*
 * npm run schemas: schemas/NAME.vN.json for every document that a command prints, generated from the TypeScript types: each exported interface or type with a
 * member `schema: 'tlsmedic/NAME@N'`. `--check` fails when the committed files are not what the types say.
 *
 * Objects stay open (further members may be added within a version); the tests close them, so that no golden holds a member that the type does not know.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFormatter, createParser, createProgram, EnumType, SchemaGenerator } from 'ts-json-schema-generator';
import { tsImport } from 'tsx/esm/api';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(ROOT, 'schemas');
const check = process.argv.includes('--check');

/** Documents by name: which type in which file describes them. */
function documents() {
  const found = new Map();
  for (const name of readdirSync(join(ROOT, 'src'), { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const path = join(ROOT, 'src', name);
    const text = readFileSync(path, 'utf8');
    for (const match of text.matchAll(/^\s+schema: '(tlsmedic\/([a-z-]+)@(\d+))';/gm)) {
      const [, id, document, version] = match;
      // A union of events has its member in a base: then the type is called as the document is.
      const union = new RegExp(`^export type (${document.replace(/(?:^|-)([a-z])/g, (_, letter) => letter.toUpperCase())}) =`, 'm').exec(
        text,
      );
      const declaration = union ?? [...text.slice(0, match.index).matchAll(/^export (?:interface|type) (\w+)/gm)].at(-1);
      if (declaration === undefined) continue;
      const present = found.get(id);
      if (present !== undefined) throw new Error(`${id} is described twice: ${present.type} and ${declaration[1]}`);
      found.set(id, { id, file: `${document}.v${version}.json`, type: declaration[1], path });
    }
  }
  return [...found.values()].sort((a, b) => a.id.localeCompare(b.id));
}

const config = {
  path: join(ROOT, 'src/lib/**/*.ts'),
  tsconfig: join(ROOT, 'tsconfig.json'),
  skipTypeCheck: true,
  topRef: false,
  expose: 'none',
  jsDoc: 'basic',
  sortProps: true,
};
const program = createProgram(config);
const checker = program.getTypeChecker();

/** The generator reads syntax; a type such as `(typeof CAUSE_CLASSES)[CauseClass]['codes'][number]` needs the compiler: it says which strings it stands for. */
const literalUnions = {
  supportsNode: (node) => node.objectType !== undefined && node.indexType !== undefined && literalsOf(node) !== undefined,
  createType: (node) => new EnumType(`literals-${node.pos}-${node.getSourceFile().fileName}`, literalsOf(node)),
};

function literalsOf(node) {
  const type = checker.getTypeAtLocation(node);
  const members = type.isUnion() ? type.types : [type];
  return members.every((member) => member.isStringLiteral()) ? members.map((member) => member.value) : undefined;
}

const parser = createParser(program, config, (chain) => chain.addNodeParser(literalUnions));
const generator = new SchemaGenerator(program, parser, createFormatter(config), config);

function schemaOf({ id, type }) {
  const { $schema, ...schema } = generator.createSchema(type);
  return { $schema, $id: `urn:tlsmedic:schema:${id.slice('tlsmedic/'.length).replace('@', ':')}`, title: id, ...renamed(opened(schema)) };
}

/** Definitions of types without a name are called after places in the sources; numbers do not change when a line moves. */
function renamed(schema) {
  const names = Object.keys(schema.definitions ?? {}).filter((name) => !/^[A-Z]\w*$/.test(name));
  return JSON.parse(
    names.reduce(
      (text, name, index) =>
        text
          .replaceAll(JSON.stringify(name), `"part-${index + 1}"`)
          .replaceAll(`"#/definitions/${encodeURIComponent(name)}"`, `"#/definitions/part-${index + 1}"`),
      JSON.stringify(schema),
    ),
  );
}

/** As JSON has it: byte arrays as base64 objects, and open objects. */
function opened(node) {
  if (Array.isArray(node)) return node.map(opened);
  if (typeof node !== 'object' || node === null) return node;
  if (isBytes(node)) return { type: 'object', description: 'bytes', properties: { base64: { type: 'string' } }, required: ['base64'] };
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) => (key === 'additionalProperties' && value === false ? [] : [[key, opened(value)]])),
  );
}

function isBytes(node) {
  return (
    node.properties?.BYTES_PER_ELEMENT !== undefined ||
    (node.properties?.byteLength !== undefined && node.properties?.byteOffset !== undefined)
  );
}

const stale = [];
const wanted = new Map();
for (const document of documents()) {
  try {
    wanted.set(document.file, `${JSON.stringify(schemaOf(document), null, 2)}\n`);
  } catch (error) {
    console.error(`${document.id} (${document.type}): ${error.message}`);
    process.exitCode = 1;
  }
}
// The file that people write for `preflight` is described by the schema that validates it.
const { configJsonSchema } = await tsImport('../src/lib/preflight/config-schema.ts', import.meta.url);
wanted.set('preflight-config.v1.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
mkdirSync(FOLDER, { recursive: true });
for (const [file, text] of wanted) {
  let present;
  try {
    present = readFileSync(join(FOLDER, file), 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (present === text) continue;
  stale.push(file);
  if (!check) writeFileSync(join(FOLDER, file), text);
}
for (const file of readdirSync(FOLDER)) {
  if (wanted.has(file)) continue;
  stale.push(file);
  if (!check) rmSync(join(FOLDER, file));
}
if (check && stale.length > 0) {
  console.error(`schemas/ is not what the types say: ${stale.join(', ')}. Run "npm run schemas", read the difference, commit it`);
  process.exitCode = 1;
} else console.log(`${wanted.size} schemas${stale.length > 0 ? `, changed: ${stale.join(', ')}` : ', all current'}`);
