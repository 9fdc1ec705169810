import { SSL_30, TLS_12, TLS_13 } from './versions.js';

/** A ClientHello made by hand, to offer what this machine's OpenSSL cannot. Only to be answered by a ServerHello or an alert, never finished. */
export interface HelloOffer {
  /** The one version offered. */
  version: number;
  cipherSuites: readonly number[];
  /** supported_groups; empty leaves the extension out. */
  groups: readonly number[];
  /** signature_algorithms; empty leaves it out. */
  signatureSchemes: readonly number[];
  servername?: string | undefined;
  /** TLS 1.3: send an X25519 share. Without any share a server answers with a HelloRetryRequest that names the group it wants. */
  keyShare: boolean;
  /** 64 random bytes: the hello's random, and the session id or key share. */
  random: Uint8Array;
}

/** The whole record (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2, RFC 6101 §5.6.1.2). */
export function clientHelloRecord(offer: HelloOffer): Buffer {
  const legacyVersion = Math.min(offer.version, TLS_12);
  const tls13 = offer.version >= TLS_13;
  const body = Buffer.concat([
    uint16(legacyVersion),
    offer.random.subarray(0, 32),
    // TLS 1.3 servers echo a session id so that middleboxes take it for a resumption.
    vector(1, tls13 ? offer.random.subarray(32, 64) : new Uint8Array(0)),
    vector(2, list16(offer.cipherSuites)),
    vector(1, Buffer.of(0)),
    // SSL 3.0 knows no extensions; some of its servers stumble over them.
    offer.version === SSL_30 ? Buffer.alloc(0) : vector(2, Buffer.concat(extensionsOf(offer))),
  ]);
  const message = Buffer.concat([Buffer.of(1), vector(3, body)]);
  return Buffer.concat([Buffer.of(22), uint16(Math.min(offer.version, 0x0301)), vector(2, message)]);
}

function extensionsOf(offer: HelloOffer): Buffer[] {
  const extensions: Buffer[] = [];
  if (offer.servername)
    extensions.push(extension(0, vector(2, Buffer.concat([Buffer.of(0), vector(2, Buffer.from(offer.servername, 'latin1'))]))));
  if (offer.groups.length > 0) {
    extensions.push(extension(10, vector(2, list16(offer.groups))));
    if (offer.version < TLS_13) extensions.push(extension(11, vector(1, Buffer.of(0))));
  }
  if (offer.signatureSchemes.length > 0 && offer.version >= TLS_12)
    extensions.push(extension(13, vector(2, list16(offer.signatureSchemes))));
  if (offer.version < TLS_13) extensions.push(extension(0xff01, Buffer.of(0)));
  else {
    const share = offer.keyShare ? Buffer.concat([uint16(29), vector(2, offer.random.subarray(32, 64))]) : Buffer.alloc(0);
    extensions.push(
      extension(43, vector(1, uint16(offer.version))),
      extension(45, vector(1, Buffer.of(1))),
      extension(51, vector(2, share)),
    );
  }
  return extensions;
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 255);
}

function list16(values: readonly number[]): Buffer {
  return Buffer.concat(values.map(uint16));
}

function vector(lengthBytes: 1 | 2 | 3, content: Uint8Array): Buffer {
  const head = Buffer.alloc(lengthBytes);
  head.writeUIntBE(content.length, 0, lengthBytes);
  return Buffer.concat([head, content]);
}

function extension(type: number, content: Uint8Array): Buffer {
  return Buffer.concat([uint16(type), vector(2, content)]);
}
