import { escapeForTerminal } from './escape.js';

/** Text for HTML: markup characters become entities, control and direction-changing characters visible escapes. */
export function escapeHtml(text: string): string {
  return escapeForTerminal(text, 'newline').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** An element; attribute values are escaped, contents are HTML already. */
export function tag(name: string, attributes: Record<string, string | number | undefined>, ...contents: string[]): string {
  const written = Object.entries(attributes)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([key, value]) => ` ${key}="${escapeHtml(String(value))}"`)
    .join('');
  return `<${name}${written}>${contents.join('')}</${name}>`;
}
