import { type PrefaceStream, refused } from '../preface/preface-stream.js';

const START_TLS_OID = '1.3.6.1.4.1.1466.20037';

/** The StartTLS extended operation (RFC 4511 §4.14). */
export async function ldap(stream: PrefaceStream): Promise<void> {
  const oid = Buffer.from(START_TLS_OID, 'latin1');
  const request = Buffer.concat([Buffer.from([0x30, oid.length + 7, 0x02, 0x01, 0x01, 0x77, oid.length + 2, 0x80, oid.length]), oid]);
  stream.write(request, 'ExtendedRequest StartTLS');
  const header = await stream.take(2);
  let length = header[1] as number;
  let whole = header;
  if (length & 0x80) {
    const count = length & 0x7f;
    if (count < 1 || count > 2) throw refused('the answer is no LDAP message');
    const more = await stream.take(count);
    whole = Buffer.concat([whole, more]);
    length = more.readUIntBE(0, count);
  }
  if (header[0] !== 0x30) throw refused('the answer is no LDAP message');
  const body = await stream.take(length);
  whole = Buffer.concat([whole, body]);
  // messageID, then ExtendedResponse [APPLICATION 24] whose first element is the ENUMERATED result code.
  const at = 2 + (body[1] ?? 0);
  const long = ((body[at + 1] ?? 0) & 0x80) !== 0 ? (body[at + 1] as number) & 0x7f : 0;
  const code = body[at] === 0x78 && body[at + 2 + long] === 0x0a ? body[at + 4 + long] : undefined;
  stream.heard(code === 0 ? 'ExtendedResponse success' : `ExtendedResponse result code ${code ?? 'unreadable'}`, whole);
  if (code !== 0) throw refused(`StartTLS: the server answered with LDAP result code ${code ?? 'unreadable'}`);
}
