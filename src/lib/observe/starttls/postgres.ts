import { type PrefaceStream, refused } from '../preface/preface-stream.js';

/** SSLRequest of the PostgreSQL protocol: length 8, code 80877103; one byte answers. */
export async function postgres(stream: PrefaceStream): Promise<void> {
  stream.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]), 'SSLRequest');
  const answer = await stream.take(1);
  const letter = answer.toString('latin1');
  stream.heard(letter === 'S' ? 'S (yes, TLS)' : letter === 'N' ? 'N (no TLS here)' : letter, answer);
  if (letter === 'S') return;
  if (letter === 'N') throw refused('the server says N: it does not offer TLS (ssl = off)');
  throw refused(letter === 'E' ? 'the server answers SSLRequest with an error' : 'the answer to SSLRequest is not from PostgreSQL');
}
