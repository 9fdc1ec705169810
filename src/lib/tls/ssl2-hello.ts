/** The hellos of SSL 2.0, which RFC 6176 forbids: enough to find out who still speaks it (DROWN). */

/** Every cipher kind of SSL 2.0, three bytes each. */
const CIPHER_KINDS = [0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700c0];

/** Bytes of an answer that have to be there to tell it by: length (2), type (1), session hit (1), certificate type (1), version (2). */
export const SSL2_HEADER = 7;

/** A CLIENT-HELLO with all cipher kinds and a challenge of 16 bytes. */
export function ssl2ClientHello(challenge: Uint8Array): Uint8Array {
  const kinds = Buffer.concat(CIPHER_KINDS.map((kind) => Buffer.from([kind >> 16, (kind >> 8) & 255, kind & 255])));
  const head = Buffer.from([1, 0, 2, 0, kinds.length, 0, 0, 0, challenge.length]);
  const message = Buffer.concat([head, kinds, challenge]);
  return Buffer.concat([Buffer.from([0x80 | (message.length >> 8), message.length & 255]), message]);
}

/** Whether an answer begins with a SERVER-HELLO of version 2, in a record with the two-byte header. */
export function isSsl2ServerHello(first: Uint8Array): boolean {
  return first.length >= SSL2_HEADER && ((first[0] as number) & 0x80) !== 0 && first[2] === 4 && first[5] === 0 && first[6] === 2;
}
