import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface SourceFile {
  /** Path below the repository, with forward slashes. */
  path: string;
  text: string;
  /** The text without comments and string contents left blank, line by line: for rules on code. */
  code: string;
  imports: Import[];
}

export interface Import {
  specifier: string;
  /** Path below the repository for relative imports. */
  resolved?: string;
  typeOnly: boolean;
  dynamic: boolean;
}

/** Every TypeScript file below `folder`. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = relative(ROOT, join(ROOT, folder, name))
        .split(sep)
        .join('/');
      const text = readFileSync(join(ROOT, path), 'utf8');
      const code = withoutCommentsAndStrings(text);
      return { path, text, code, imports: importsOf(path, text, code) };
    })
    .sort((a, b) => a.path.localeCompare(b.path));
}

/** Blanks out comments, strings, templates' fixed parts and regular expressions, so that words in them are no code. Keeps offsets. */
export function withoutCommentsAndStrings(text: string): string {
  const out = [...text];
  const blank = (from: number, to: number) => {
    for (let at = from; at < to; at += 1) if (out[at] !== '\n') out[at] = ' ';
  };
  const units = text.split('');
  out.length = 0;
  out.push(...units);
  // Depths of braces at which a template's `${` was opened.
  const templates: number[] = [];
  let depth = 0;
  let last = '';
  let at = 0;
  const template = (from: number): number => {
    let i = from;
    while (i < text.length && text[i] !== '`' && !(text[i] === '$' && text[i + 1] === '{')) i += text[i] === '\\' ? 2 : 1;
    blank(from, Math.min(i, text.length));
    if (text[i] === '$') {
      templates.push(depth);
      depth += 1;
      return i + 2;
    }
    return i + 1;
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    const two = text.slice(at, at + 2);
    if (two === '//') {
      const end = text.indexOf('\n', at);
      blank(at, end === -1 ? text.length : end);
      at = end === -1 ? text.length : end;
    } else if (two === '/*') {
      const end = text.indexOf('*/', at + 2);
      const stop = end === -1 ? text.length : end + 2;
      blank(at, stop);
      at = stop;
    } else if (character === "'" || character === '"') {
      let end = at + 1;
      while (end < text.length && text[end] !== character && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
      blank(at + 1, end);
      at = end + 1;
      last = character;
    } else if (character === '`') {
      at = template(at + 1);
      last = '`';
    } else if (character === '/' && !/[\w)\]}'"`]/.test(last)) {
      let end = at + 1;
      let inClass = false;
      while (end < text.length && text[end] !== '\n' && (inClass || text[end] !== '/')) {
        if (text[end] === '[') inClass = true;
        if (text[end] === ']') inClass = false;
        end += text[end] === '\\' ? 2 : 1;
      }
      blank(at + 1, end);
      at = end + 1;
      last = '/';
    } else {
      if (character === '{') depth += 1;
      if (character === '}') {
        depth -= 1;
        if (templates.at(-1) === depth) {
          templates.pop();
          at = template(at + 1);
          last = '`';
          continue;
        }
      }
      if (!/\s/.test(character)) last = character;
      at += 1;
    }
  }
  return out.join('');
}

function importsOf(path: string, text: string, code: string): Import[] {
  const found: Import[] = [];
  // Strings are blank in `code`: it finds the place, `text` holds the words.
  const pattern = /\b(import|export)\b([^;'"`()]*?)\bfrom\s*['"]|\bimport\s*['"]|\bimport\s*\(\s*['"]/g;
  for (const match of code.matchAll(pattern)) {
    const start = match.index + match[0].length;
    const specifier = text.slice(start, text.indexOf(text[start - 1] ?? "'", start));
    const clause = match[2] ?? '';
    const typeOnly =
      /^\s*type\b/.test(clause) ||
      (/\{/.test(clause) &&
        namesOf(clause).length > 0 &&
        namesOf(clause).every((name) => name.startsWith('type ')) &&
        !/^\s*\w+\s*,/.test(clause));
    found.push({
      specifier,
      typeOnly,
      dynamic: match[0].includes('('),
      ...(specifier.startsWith('.')
        ? { resolved: posix.normalize(posix.join(posix.dirname(path), specifier)).replace(/\.js$/, '.ts') }
        : {}),
    });
  }
  return found;
}

function namesOf(clause: string): string[] {
  return (/\{([^}]*)\}/.exec(clause)?.[1] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
