import type { PrefaceStream } from '../preface/preface-stream.js';
import { numericReply } from '../preface/reply-lines.js';

/** RFC 4642. */
export async function nntp(stream: PrefaceStream): Promise<void> {
  await numericReply(stream, /^20[01]$/, 'greeting');
  stream.write('STARTTLS\r\n', 'STARTTLS');
  await numericReply(stream, /^382$/, 'STARTTLS');
}
