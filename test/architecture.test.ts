import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, type SourceFile, sourceFiles, withoutCommentsAndStrings } from './source-files.js';

const files = sourceFiles('src');
const byPath = new Map(files.map((file) => [file.path, file]));

/** The layer of a file: its folder below src/lib, `commands`, `root` for src/lib/*.ts, `index`. */
function layerOf(path: string): string {
  if (path === 'src/index.ts') return 'index';
  if (path.startsWith('src/commands/')) return 'commands';
  const below = path.slice('src/lib/'.length).split('/');
  return below.length === 1 ? 'root' : (below[0] ?? '');
}

/** Who may import whom (ARCHITECTURE.md). Every layer may import itself and the vocabulary at src/lib/*.ts. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  index: ['operations', 'path', 'x509', 'ca', 'report', 'messages', 'diagnose', 'observe', 'evidence', 'tls'],
  // Data types may be named anywhere; commands read and write the files that their flags name.
  commands: ['cli', 'operations', 'report', 'io'],
  operations: [
    'observe',
    'evidence',
    'diagnose',
    'messages',
    'path',
    'ca',
    'lab',
    'io',
    'x509',
    'tls',
    'lint',
    'inspection',
    'preflight',
    'report',
  ],
  cli: ['report', 'io'],
  report: ['diagnose', 'evidence', 'path', 'x509', 'tls', 'messages', 'lint', 'inspection', 'preflight'],
  inspection: ['diagnose', 'lint', 'path', 'x509', 'tls'],
  preflight: ['diagnose', 'evidence', 'path', 'x509', 'tls'],
  messages: ['diagnose', 'tls', 'x509'],
  diagnose: ['evidence', 'path', 'x509', 'tls'],
  evidence: ['path', 'x509', 'tls'],
  lint: ['path', 'x509', 'tls'],
  path: ['x509'],
  tls: ['x509'],
  x509: [],
  observe: ['io', 'tls', 'x509'],
  ca: ['x509', 'io'],
  lab: ['ca', 'path', 'x509', 'tls', 'io', 'observe'],
  io: ['x509'],
  root: [],
};

/** What was observed is plain data that the pure layers read: importing types alone (all of observe, these files) is free of effects. */
const PLAIN_DATA = new Set([
  'src/lib/observe/observation.ts',
  'src/lib/observe/attempt.ts',
  'src/lib/observe/facts/probe-facts.ts',
  'src/lib/observe/scan/scan-fact.ts',
  'src/lib/tls/transcript.ts',
  'src/lib/lab/serve/events.ts',
  'src/lib/lab/demo-document.ts',
  'src/lib/ca/documents.ts',
]);

const PURE = new Set(['x509', 'path', 'tls', 'evidence', 'diagnose', 'messages', 'report', 'lint', 'inspection', 'root']);

/** Outside packages and the one place that imports each. */
const ONE_IMPORTER: Readonly<Record<string, RegExp>> = {
  chalk: /^src\/lib\/report\/style\.ts$/,
  'cli-table3': /^src\/lib\/report\/table\.ts$/,
  execa: /^src\/lib\/io\/[^/]+\.ts$/,
  '@peculiar/x509': /^src\/lib\/x509\/provider\.ts$/,
  'reflect-metadata': /^src\/lib\/x509\/provider\.ts$/,
  zod: /^src\/lib\/preflight\/config-schema\.ts$/,
  inquirer: /^src\/lib\/cli\/prompt\.ts$/,
  yaml: /^src\/lib\/yaml-parser\.ts$/,
};

/** Loaded where they are used, never on the way to another command. */
const LAZY = ['inquirer', 'execa', '@peculiar/x509', 'reflect-metadata', 'yaml'];

describe('imports', () => {
  it('run one way', () => {
    const wrong: string[] = [];
    for (const file of files) {
      const layer = layerOf(file.path);
      for (const { resolved, typeOnly } of file.imports) {
        if (resolved === undefined) continue;
        const target = layerOf(resolved);
        if (
          target === layer ||
          target === 'root' ||
          (typeOnly && (target === 'observe' || PLAIN_DATA.has(resolved) || layer === 'commands'))
        )
          continue;
        if (!(MAY_IMPORT[layer] ?? []).includes(target)) wrong.push(`${file.path} -> ${resolved}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('lead to files that exist', () => {
    const wrong = files.flatMap((file) =>
      file.imports.flatMap(({ resolved }) => (resolved !== undefined && !byPath.has(resolved) ? [`${file.path} -> ${resolved}`] : [])),
    );
    expect(wrong).toEqual([]);
  });

  it('every folder below src/lib has its place in the map', () => {
    expect([...new Set(files.map((file) => layerOf(file.path)))].filter((layer) => MAY_IMPORT[layer] === undefined)).toEqual([]);
  });

  it('make no cycle (types alone do not count)', () => {
    expect(cycles()).toEqual([]);
  });

  it('of an outside package stand in one place', () => {
    const wrong = files.flatMap((file) =>
      file.imports.flatMap(({ specifier, typeOnly }) => {
        const place = ONE_IMPORTER[packageOf(specifier)];
        return place === undefined || place.test(file.path) || typeOnly ? [] : [`${file.path} imports ${specifier}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('name only packages that package.json names, oclif only at the edge', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    const wrong = files.flatMap((file) =>
      file.imports.flatMap(({ specifier }) => {
        if (specifier.startsWith('.') || specifier.startsWith('node:')) return [];
        const name = packageOf(specifier);
        if (!Object.hasOwn(dependencies, name)) return [`${file.path}: ${name} is no dependency`];
        return name === '@oclif/core' && !['cli', 'commands'].includes(layerOf(file.path)) ? [`${file.path}: oclif`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('of heavy packages are dynamic', () => {
    const wrong = files.flatMap((file) =>
      file.imports.flatMap(({ specifier, dynamic, typeOnly }) =>
        LAZY.includes(packageOf(specifier)) && !dynamic && !typeOnly ? [`${file.path}: ${specifier}`] : [],
      ),
    );
    expect(wrong).toEqual([]);
  });
});

describe('purity', () => {
  const FORBIDDEN_MODULES =
    /^node:(net|tls|fs|fs\/promises|http|https|http2|dgram|dns|dns\/promises|child_process|process|os|worker_threads|cluster|timers|timers\/promises|readline|tty)$/;
  const FORBIDDEN_CODE: readonly (readonly [RegExp, string])[] = [
    [/\bDate\.now\s*\(/, 'reads the clock'],
    [/\bnew Date\s*\(\s*\)/, 'reads the clock'],
    [/\bperformance\.now\b/, 'reads the clock'],
    [/\bMath\.random\b/, 'is random'],
    [/\brandom(Bytes|UUID|Int|FillSync)\b|\bgetRandomValues\b/, 'is random'],
    [/\bprocess\s*[.[]/, 'touches the process'],
    [/\b(setTimeout|setInterval|fetch)\s*\(/, 'has effects'],
    [/\bconsole\./, 'prints'],
  ];
  const pure = files.filter((file) => PURE.has(layerOf(file.path)));

  it('has folders to look at', () => expect(pure.length).toBeGreaterThan(20));

  it('no effects are imported', () => {
    const wrong = pure.flatMap((file) =>
      file.imports.flatMap(({ specifier, typeOnly }) =>
        FORBIDDEN_MODULES.test(specifier) && !typeOnly ? [`${file.path}: ${specifier}`] : [],
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('no clock, no environment, no randomness, no output', () => {
    const wrong = pure.flatMap((file) =>
      FORBIDDEN_CODE.flatMap(([pattern, what]) =>
        pattern.test(file.code) ? [`${file.path} ${what}: ${pattern.exec(file.code)?.[0]}`] : [],
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('only the edge touches the process; operations may read the environment that changes verdicts', () => {
    const wrong = files
      .filter((file) => !['cli', 'commands', 'io'].includes(layerOf(file.path)))
      .filter((file) =>
        new RegExp(
          `\\bprocess\\s*\\.\\s*(argv|exit|exitCode|stdout|stderr|stdin|cwd|on|once${layerOf(file.path) === 'operations' ? '' : '|env'})\\b`,
        ).test(file.code),
      )
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });

  it('nothing below the commands prints or exits', () => {
    const wrong = files
      .filter((file) => /\bconsole\s*\./.test(file.code) || (layerOf(file.path) !== 'cli' && /\bprocess\s*\.\s*exit\s*\(/.test(file.code)))
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });
});

describe('habits', () => {
  it('no any, no ignored types, no empty catch', () => {
    const wrong = files.flatMap((file) => [
      ...(/(?::|\bas|<|\|)\s*any\b/.test(file.code) ? [`${file.path}: any`] : []),
      ...emptyCatches(file).map((text) => `${file.path}: ${text}`),
    ]);
    expect(wrong).toEqual([]);
    expect(files.filter((file) => /@ts-(ignore|expect-error|nocheck)/.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  it('no barrel but the entry', () => {
    const barrels = files
      .filter((file) => file.path !== 'src/index.ts' && /\bexport\s+\*\s+from\b/.test(file.code))
      .map((file) => file.path);
    expect(barrels).toEqual([]);
    expect(
      files
        .filter((file) => /(^|\/)index\.ts$/.test(file.path) && file.path !== 'src/index.ts' && !file.path.startsWith('src/commands/'))
        .map((file) => file.path),
    ).toEqual([]);
  });

  it('nothing is called util, helpers or common', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/.test(file.path)).map((file) => file.path)).toEqual([]);
  });

  it('files have one subject: none is far over 300 lines', () => {
    const long = files.filter((file) => file.text.split('\n').length > 400).map((file) => `${file.path}: ${file.text.split('\n').length}`);
    expect(long).toEqual([]);
  });

  it('nothing tells a reader to switch verification off', () => {
    const pattern =
      /NODE_TLS_REJECT_UNAUTHORIZED\s*=\s*['"`]?0|--insecure|curl[^\n]*\s-k\b|InsecureSkipVerify:\s*true|verify\s*=\s*False|CERT_NONE|--no-check-certificate|StrictHostKeyChecking/;
    const wrong = files
      .filter((file) => layerOf(file.path) !== 'messages' && pattern.test(file.text))
      .map((file) => `${file.path}: ${pattern.exec(file.text)?.[0]}`);
    expect(wrong).toEqual([]);
  });

  it('every command extends the base command and ends through finish', () => {
    const wrong = files
      .filter(
        (file) =>
          layerOf(file.path) === 'commands' && !(/extends\s+TlsmedicCommand\b/.test(file.code) && /this\s*\.\s*finish\b/.test(file.code)),
      )
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });

  it('nothing of a scaffold is left to fill in', () => {
    expect(files.filter((file) => /[«»]/.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  it('a flag never takes a secret', () => {
    const wrong = files
      .filter((file) => layerOf(file.path) === 'commands' || file.path.startsWith('src/lib/cli/'))
      .filter((file) => /['"]?(password|passphrase|secret|token|pin)['"]?\s*:\s*(Flags\.|flags\.|shared)/.test(file.text))
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });
});

describe('the repository', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  const textOf = (path: string) => {
    try {
      return readFileSync(join(ROOT, path), 'utf8');
    } catch {
      // Deleted in the working tree, not yet committed.
      return '';
    }
  };

  it('holds no private key and no path of a machine', () => {
    const wrong = tracked
      .filter((path) => !/^package-lock\.json$|\.(png|svg|gz|der|p12|jks)$/.test(path) && path !== 'test/architecture.test.ts')
      .flatMap((path) => {
        const text = textOf(path);
        const key = /-----BEGIN (?:RSA |EC |ENCRYPTED |OPENSSH )?PRIVATE KEY-----\s*\n?[A-Za-z0-9+/=]{40}/.test(text);
        const place = /["'`\s(](\/root\/(?!\.postgresql)|\/var\/folders\/|\/work\/)/.exec(text)?.[0];
        return [...(key ? [`${path}: a private key`] : []), ...(place === undefined ? [] : [`${path}: ${place}`])];
      });
    expect(wrong).toEqual([]);
  });

  it('has a lock file from which npm ci installs on every platform', () => {
    const { packages } = JSON.parse(textOf('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const missing = Object.entries(packages).flatMap(([key, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => packages[`node_modules/${name}`] === undefined && packages[`${key}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing, 'run "npm run lock:complete"').toEqual([]);
  });

  it('has one version', () => {
    const { version } = JSON.parse(textOf('package.json')) as { version: string };
    expect(textOf('src/lib/version.ts')).toContain(`'${version}'`);
    expect(JSON.parse(textOf('oclif.manifest.json')).version).toBe(version);
  });
});

describe('the reader of sources itself', () => {
  it('blanks comments, strings and regular expressions, not code', () => {
    const text = "const a = 'Date.now()'; // Date.now()\nconst b = `x ${Date.now()} 'y`; /* new Date() */ const c = /process.env/; d();";
    const code = withoutCommentsAndStrings(text);
    expect(code.length).toBe(text.length);
    expect(code.match(/Date\.now/g)).toHaveLength(1);
    expect(code).not.toMatch(/process|new Date/);
    expect(code).toContain('d();');
  });
});

/** `catch {}` without a word; a comment that says why makes it none. */
function emptyCatches(file: SourceFile): string[] {
  return [...file.code.matchAll(/\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}/g)]
    .map((match) => file.text.slice(match.index, match.index + match[0].length))
    .filter((text) => !/\/\/|\/\*/.test(text));
}

function packageOf(specifier: string): string {
  return specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '');
}

/** Strongly connected groups of more than one file, by depth-first search over imports that run at start. */
function cycles(): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    state.set(path, 'open');
    for (const { resolved, typeOnly, dynamic } of byPath.get(path)?.imports ?? []) {
      if (resolved !== undefined && !typeOnly && !dynamic) visit(resolved, [...trail, path]);
    }
    state.set(path, 'done');
  };
  for (const file of files) visit(file.path, []);
  return found;
}
