import type { PrefaceStream } from '../preface/preface-stream.js';
import { numericReply } from '../preface/reply-lines.js';

/** RFC 4217 §4. */
export async function ftp(stream: PrefaceStream): Promise<void> {
  await numericReply(stream, /^220$/, 'greeting');
  stream.write('AUTH TLS\r\n', 'AUTH TLS');
  await numericReply(stream, /^234$/, 'AUTH TLS');
}
