import { type PrefaceStream, refused } from './preface-stream.js';

/** A reply of the SMTP family (RFC 5321 §4.2, RFC 959 §4.2): three digits, a dash on every line but the last. Gives the lines. */
export async function numericReply(stream: PrefaceStream, accepted: RegExp, what: string): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = await stream.line();
    lines.push(line);
    const code = /^(\d{3})([ -]|$)/.exec(line);
    if (!code && lines.length === 1) throw refused(`${what}: the server said "${line}"`);
    if (code && code[2] !== '-') {
      if (!accepted.test(code[1] as string)) throw refused(`${what}: the server said "${line}"`);
      return lines;
    }
  }
}
