import { type PrefaceStream, refused } from '../preface/preface-stream.js';
import { numericReply } from '../preface/reply-lines.js';

/** RFC 3207. */
export async function smtp(stream: PrefaceStream): Promise<void> {
  await mail(stream, 'EHLO');
}

/** As SMTP, with its own greeting (RFC 2033). */
export async function lmtp(stream: PrefaceStream): Promise<void> {
  await mail(stream, 'LHLO');
}

async function mail(stream: PrefaceStream, hello: 'EHLO' | 'LHLO'): Promise<void> {
  await numericReply(stream, /^220$/, 'greeting');
  stream.write(`${hello} tlsmedic.invalid\r\n`, `${hello} tlsmedic.invalid`);
  const features = await numericReply(stream, /^250$/, hello);
  if (!features.some((line) => /^250[ -]STARTTLS\s*$/i.test(line))) throw refused(`the server does not offer STARTTLS after ${hello}`);
  stream.write('STARTTLS\r\n', 'STARTTLS');
  await numericReply(stream, /^220$/, 'STARTTLS');
}
