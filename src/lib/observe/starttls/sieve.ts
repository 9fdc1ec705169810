import { type PrefaceStream, refused } from '../preface/preface-stream.js';

/** ManageSieve (RFC 5804 §2.2). */
export async function sieve(stream: PrefaceStream): Promise<void> {
  const offered = await response(stream, 'greeting');
  if (!offered.some((line) => /^"STARTTLS"/i.test(line))) throw refused('the server does not offer STARTTLS');
  stream.write('STARTTLS\r\n', 'STARTTLS');
  await response(stream, 'STARTTLS');
}

/** Lines up to the OK, NO or BYE that ends a response. */
async function response(stream: PrefaceStream, what: string): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = await stream.line();
    if (/^OK\b/i.test(line)) return lines;
    if (/^(NO|BYE)\b/i.test(line) || (lines.length === 0 && !line.startsWith('"'))) throw refused(`${what}: the server said "${line}"`);
    lines.push(line);
  }
}
