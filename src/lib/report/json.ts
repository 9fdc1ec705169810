/** C1 controls, DEL, hidden and direction-changing characters, which JSON may hold as they are and a terminal should not get. */
const UNSAFE =
  /[\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|\udb40[\udc00-\udfff]/g;

function escapeUnits(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i += 1) out += `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return out;
}

function replacer(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  // A Buffer has a toJSON of its own, which came first: the holder still has the bytes.
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Uint8Array)
    return { base64: Buffer.from(original.buffer, original.byteOffset, original.length).toString('base64') };
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  return value;
}

/**
 * The JSON text of a document: indented for one document, on one line for streams (NDJSON). Byte arrays become `{"base64": "…"}`, big integers decimal
 * strings. Characters that could act on a terminal are written as `\u` escapes, so that `--json` on a screen is safe as well.
 */
export function toJson(document: object, form: 'indented' | 'line' = 'indented'): string {
  return jsonText(document, form === 'indented' ? 2 : 0);
}

function jsonText(value: unknown, indent: number): string {
  return JSON.stringify(value, replacer, indent).replace(UNSAFE, escapeUnits);
}

/**
 * The same text as `toJson`, in pieces, for documents that are larger than a string may be (512 MiB) or than memory should hold: the lists given
 * take the place of the document's lists of these names, and only one of their items exists at a time.
 */
export function* jsonPieces(document: object, lists: Readonly<Record<string, Iterable<unknown>>>): Generator<string> {
  let separator = '{\n  ';
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined) continue;
    yield `${separator}${JSON.stringify(key)}: `;
    separator = ',\n  ';
    const list = lists[key];
    if (list === undefined) {
      yield moved(jsonText(value, 2), 2);
      continue;
    }
    let opening = '[\n    ';
    for (const item of list) {
      yield `${opening}${moved(jsonText(item, 2), 4)}`;
      opening = ',\n    ';
    }
    yield opening === '[\n    ' ? '[]' : '\n  ]';
  }
  yield separator === '{\n  ' ? '{}' : '\n}';
}

/** Lines after the first moved to the right; a line break never stands inside a JSON string. */
function moved(json: string, by: number): string {
  return json.replaceAll('\n', `\n${' '.repeat(by)}`);
}
