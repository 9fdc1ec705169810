import { type PrefaceStream, refused } from '../preface/preface-stream.js';

/** RFC 2595 §4. */
export async function pop3(stream: PrefaceStream): Promise<void> {
  const greeting = await stream.line();
  if (!greeting.startsWith('+OK')) throw refused(`greeting: the server said "${greeting}"`);
  stream.write('STLS\r\n', 'STLS');
  const answer = await stream.line();
  if (!answer.startsWith('+OK')) throw refused(`STLS: the server said "${answer}"`);
}
