import { type PrefaceStream, refused } from '../preface/preface-stream.js';

/** RFC 9051 §6.2.1. */
export async function imap(stream: PrefaceStream): Promise<void> {
  const greeting = await stream.line();
  if (!/^\* (OK|PREAUTH)/i.test(greeting)) throw refused(`greeting: the server said "${greeting}"`);
  stream.write('a1 STARTTLS\r\n', 'a1 STARTTLS');
  for (;;) {
    const line = await stream.line();
    if (/^a1 OK/i.test(line)) return;
    if (!line.startsWith('* ')) throw refused(`STARTTLS: the server said "${line}"`);
  }
}
