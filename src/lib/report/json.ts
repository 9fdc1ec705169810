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
  return JSON.stringify(document, replacer, form === 'indented' ? 2 : undefined).replace(UNSAFE, escapeUnits);
}
