import { createHash } from 'node:crypto';
import type { Certificate } from './certificate.js';

/** OCSPRequest for one certificate (RFC 6960 §4.1), with SHA-1 in the CertID as RFC 5019 wants it, unsigned and without a nonce. */
export function ocspRequestFor(certificate: Certificate, issuer: Certificate): Uint8Array {
  const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest();
  const serial = Buffer.from(certificate.serial.length % 2 === 0 ? certificate.serial : `0${certificate.serial}`, 'hex');
  const positive = !certificate.serialNegative && (serial[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), serial]) : serial;
  const algorithm = Buffer.from('300906052b0e03021a0500', 'hex');
  const certId = sequence(algorithm, tlv(0x04, sha1(issuer.subject.der)), tlv(0x04, sha1(issuer.publicKey.keyBits)), tlv(0x02, positive));
  return sequence(sequence(sequence(sequence(certId))));
}

function tlv(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}
