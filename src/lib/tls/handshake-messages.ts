import { oidText, toHex } from '../x509/der-values.js';
import { parseName } from '../x509/read-name.js';
import { ByteReader } from './byte-reader.js';
import type {
  CertificateMessage,
  CertificateRequest,
  ClientHello,
  DistinguishedNameBytes,
  ServerHello,
  TranscriptDetail,
} from './transcript.js';
import { TLS_12, TLS_13 } from './versions.js';

/** Handshake message types (IANA "TLS HandshakeType"). */
export const HANDSHAKE_TYPES = {
  hello_request: 0,
  client_hello: 1,
  server_hello: 2,
  new_session_ticket: 4,
  end_of_early_data: 5,
  encrypted_extensions: 8,
  certificate: 11,
  server_key_exchange: 12,
  certificate_request: 13,
  server_hello_done: 14,
  certificate_verify: 15,
  client_key_exchange: 16,
  finished: 20,
  certificate_status: 22,
  key_update: 24,
} as const;

/** ServerHello.random of a HelloRetryRequest (RFC 8446 §4.1.3). */
const RETRY_RANDOM = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

const EXT = {
  serverName: 0,
  statusRequest: 5,
  supportedGroups: 10,
  signatureAlgorithms: 13,
  alpn: 16,
  sct: 18,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  certificateAuthorities: 47,
  oidFilters: 48,
  postHandshakeAuth: 49,
  keyShare: 51,
} as const;

/** A certificate list longer than this is cut: nothing real comes near, and a hostile peer must not cost us memory. */
const MAX_CERTIFICATES = 2000;
const MAX_NAMES = 5000;

/** Extensions in wire order; a type that comes twice keeps its first body. */
class ExtensionBlock {
  readonly types: number[] = [];
  private readonly bodies: ByteReader[] = [];

  constructor(reader: ByteReader) {
    if (reader.left < 2) return;
    const block = reader.part(reader.uint16());
    while (block.left > 0) {
      this.types.push(block.uint16());
      this.bodies.push(block.part(block.uint16()));
    }
  }

  has(type: number): boolean {
    return this.types.includes(type);
  }

  /** Where its body begins; undefined when it is absent or empty. Read it once: the reader goes on. */
  read(type: number): ByteReader | undefined {
    const body = this.bodies[this.types.indexOf(type)];
    return body && body.left > 0 ? body : undefined;
  }
}

/** What a message says beyond its transcript entry: the decoder's key derivation needs it. */
export interface HelloFacts {
  random: Uint8Array;
  version: number;
  cipherSuite: number;
  helloRetryRequest: boolean;
  encryptThenMac: boolean;
}

/** ClientHello (RFC 8446 §4.1.2), without the handshake header. */
export function readClientHello(body: Uint8Array): { hello: ClientHello; random: Uint8Array } {
  const reader = new ByteReader(body);
  const legacyVersion = reader.uint16();
  const random = reader.take(32);
  const sessionIdLength = reader.uint8();
  reader.skip(sessionIdLength);
  const cipherSuites = reader.list16();
  reader.skip(reader.uint8());
  const extensions = new ExtensionBlock(reader);
  const versions = extensions.read(EXT.supportedVersions);
  const hello: ClientHello = {
    versions: versions ? versions.list8() : [legacyVersion],
    cipherSuites,
    extensions: extensions.types,
    groups: list16(extensions.read(EXT.supportedGroups)),
    keyShares: keyShareGroups(extensions.read(EXT.keyShare)),
    signatureSchemes: list16(extensions.read(EXT.signatureAlgorithms)),
    alpn: protocols(extensions.read(EXT.alpn)),
    sessionIdLength,
    preSharedKey: extensions.has(EXT.preSharedKey),
    earlyData: extensions.has(EXT.earlyData),
    statusRequest: extensions.has(EXT.statusRequest),
    postHandshakeAuth: extensions.has(EXT.postHandshakeAuth),
  };
  const servername = serverName(extensions.read(EXT.serverName));
  if (servername !== undefined) hello.servername = servername;
  return { hello, random };
}

/** ServerHello or HelloRetryRequest (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3), without the handshake header. */
export function readServerHello(body: Uint8Array): { hello: ServerHello; facts: HelloFacts } {
  const reader = new ByteReader(body);
  const legacyVersion = reader.uint16();
  const random = reader.take(32);
  const sessionIdLength = reader.uint8();
  reader.skip(sessionIdLength);
  const cipherSuite = reader.uint16();
  reader.uint8();
  const extensions = new ExtensionBlock(reader);
  const version = extensions.read(EXT.supportedVersions)?.uint16() ?? legacyVersion;
  const helloRetryRequest = RETRY_RANDOM.equals(random);
  const hello: ServerHello = {
    version,
    cipherSuite,
    extensions: extensions.types,
    helloRetryRequest,
    preSharedKeyAccepted: extensions.has(EXT.preSharedKey),
    sessionIdEchoed: sessionIdLength > 0,
  };
  // A key_share entry in a ServerHello, the bare group in a HelloRetryRequest: both begin with the group.
  const group = extensions.read(EXT.keyShare)?.uint16();
  if (group !== undefined) hello.group = group;
  const alpn = protocols(extensions.read(EXT.alpn))[0];
  if (alpn !== undefined) hello.alpn = alpn;
  return { hello, facts: { random, version, cipherSuite, helloRetryRequest, encryptThenMac: extensions.has(22) } };
}

/**
 * Any other handshake message.
 * @param version the negotiated version, which decides the layout (0x0303 below, 0x0304 above)
 * @param suiteKeyExchange `ECDHE`, `DHE`, ...: what a ServerKeyExchange holds
 */
export function readHandshakeBody(type: number, body: Uint8Array, version: number, suiteKeyExchange: string): TranscriptDetail {
  const reader = new ByteReader(body);
  const tls13 = version >= TLS_13;
  switch (type) {
    case HANDSHAKE_TYPES.hello_request:
      return { type: 'hello_request' };
    case HANDSHAKE_TYPES.server_hello_done:
      return { type: 'server_hello_done' };
    case HANDSHAKE_TYPES.client_key_exchange:
      return { type: 'client_key_exchange' };
    case HANDSHAKE_TYPES.finished:
      return { type: 'finished' };
    case HANDSHAKE_TYPES.end_of_early_data:
      return { type: 'end_of_early_data' };
    case HANDSHAKE_TYPES.key_update:
      return { type: 'key_update', requested: reader.uint8() === 1 };
    case HANDSHAKE_TYPES.new_session_ticket:
      return readNewSessionTicket(reader, tls13);
    case HANDSHAKE_TYPES.encrypted_extensions: {
      const extensions = new ExtensionBlock(reader);
      const alpn = protocols(extensions.read(EXT.alpn))[0];
      return {
        type: 'encrypted_extensions',
        extensions: extensions.types,
        groups: list16(extensions.read(EXT.supportedGroups)),
        ...(alpn === undefined ? {} : { alpn }),
      };
    }
    case HANDSHAKE_TYPES.certificate_request:
      return { type: 'certificate_request', request: tls13 ? readCertificateRequest13(reader) : readCertificateRequest12(reader, version) };
    case HANDSHAKE_TYPES.certificate:
      return { type: 'certificate', certificate: readCertificate(reader, tls13) };
    case HANDSHAKE_TYPES.certificate_status:
      reader.uint8();
      return { type: 'certificate_status', response: reader.vector24() };
    case HANDSHAKE_TYPES.certificate_verify:
      // Before TLS 1.2 the signature came without its algorithm.
      return { type: 'certificate_verify', signatureScheme: version >= TLS_12 ? reader.uint16() : 0 };
    case HANDSHAKE_TYPES.server_key_exchange:
      return readServerKeyExchange(reader, version, suiteKeyExchange);
    default:
      return { type: 'other', handshakeType: type };
  }
}

function readNewSessionTicket(reader: ByteReader, tls13: boolean): TranscriptDetail {
  const lifetimeSeconds = reader.uint32();
  if (!tls13) return { type: 'new_session_ticket', lifetimeSeconds };
  reader.skip(4);
  reader.skip(reader.uint8());
  reader.skip(reader.uint16());
  const maxEarlyData = new ExtensionBlock(reader).read(EXT.earlyData)?.uint32();
  return { type: 'new_session_ticket', lifetimeSeconds, ...(maxEarlyData === undefined ? {} : { maxEarlyData }) };
}

/** RFC 8446 §4.3.2 */
function readCertificateRequest13(reader: ByteReader): CertificateRequest {
  reader.skip(reader.uint8());
  const extensions = new ExtensionBlock(reader);
  const filters = extensions.read(EXT.oidFilters);
  const oidFilters: CertificateRequest['oidFilters'] = [];
  if (filters) {
    const list = filters.part(filters.uint16());
    while (list.left > 0 && oidFilters.length < MAX_NAMES) {
      const oid = list.vector8();
      oidFilters.push({ oid: filterOid(oid), values: list.vector16() });
    }
  }
  return {
    certificateAuthorities: names(extensions.read(EXT.certificateAuthorities)),
    signatureSchemes: list16(extensions.read(EXT.signatureAlgorithms)),
    certificateTypes: [],
    extensions: extensions.types,
    oidFilters,
  };
}

/** RFC 5246 §7.4.4; TLS 1.0 and 1.1 have no signature algorithms in it. */
function readCertificateRequest12(reader: ByteReader, version: number): CertificateRequest {
  const certificateTypes = [...reader.vector8()];
  const signatureSchemes = version >= TLS_12 ? reader.list16() : [];
  return { certificateAuthorities: names(reader), signatureSchemes, certificateTypes, extensions: [], oidFilters: [] };
}

/** RFC 8446 §4.4.2, RFC 5246 §7.4.2 */
function readCertificate(reader: ByteReader, tls13: boolean): CertificateMessage {
  const message: CertificateMessage = { certificates: [], ocsp: [], scts: [] };
  if (tls13) reader.skip(reader.uint8());
  const list = reader.part(reader.uint24());
  while (list.left > 0 && message.certificates.length < MAX_CERTIFICATES) {
    const index = message.certificates.push(list.vector24()) - 1;
    if (!tls13) continue;
    const extensions = new ExtensionBlock(list);
    const status = extensions.read(EXT.statusRequest);
    if (status) {
      status.uint8();
      message.ocsp.push({ index, response: status.vector24() });
    }
    const scts = extensions.read(EXT.sct);
    if (scts) message.scts.push({ index, list: scts.take(scts.left) });
  }
  return message;
}

/** RFC 8422 §5.4 and RFC 5246 §7.4.3: enough to name the group and the signature scheme. */
function readServerKeyExchange(reader: ByteReader, version: number, keyExchange: string): TranscriptDetail {
  const detail: Extract<TranscriptDetail, { type: 'server_key_exchange' }> = { type: 'server_key_exchange' };
  if (keyExchange.includes('PSK')) reader.skip(reader.uint16());
  if (keyExchange.startsWith('ECDH')) {
    if (reader.uint8() !== 3) return detail;
    detail.group = reader.uint16();
    reader.skip(reader.uint8());
  } else if (keyExchange.startsWith('DH')) {
    for (let i = 0; i < 3; i++) reader.skip(reader.uint16());
  } else return detail;
  if (version >= TLS_12 && !keyExchange.includes('anon') && !keyExchange.includes('PSK')) detail.signatureScheme = reader.uint16();
  return detail;
}

function list16(reader: ByteReader | undefined): number[] {
  return reader?.list16() ?? [];
}

function keyShareGroups(reader: ByteReader | undefined): number[] {
  const groups: number[] = [];
  if (!reader) return groups;
  const list = reader.part(reader.uint16());
  while (list.left > 0) {
    groups.push(list.uint16());
    list.skip(list.uint16());
  }
  return groups;
}

function protocols(reader: ByteReader | undefined): string[] {
  const result: string[] = [];
  if (!reader) return result;
  const list = reader.part(reader.uint16());
  while (list.left > 0) result.push(Buffer.from(list.vector8()).toString('latin1'));
  return result;
}

function serverName(reader: ByteReader | undefined): string | undefined {
  if (!reader) return undefined;
  const list = reader.part(reader.uint16());
  while (list.left > 0) {
    const kind = list.uint8();
    const name = list.vector16();
    if (kind === 0) return Buffer.from(name).toString('latin1');
  }
  return undefined;
}

function names(reader: ByteReader | undefined): DistinguishedNameBytes[] {
  const result: DistinguishedNameBytes[] = [];
  if (!reader) return result;
  const list = reader.part(reader.uint16());
  while (list.left > 0 && result.length < MAX_NAMES) {
    const der = list.vector16();
    result.push({ text: nameText(der), der });
  }
  return result;
}

/** Servers name the same authorities to everybody: what was read lately is kept. */
const NAME_TEXTS = new Map<string, string>();
const MAX_NAME_TEXTS = 256;

function nameText(der: Uint8Array): string {
  const key = Buffer.from(der.buffer, der.byteOffset, der.length).toString('latin1');
  const known = NAME_TEXTS.get(key);
  if (known !== undefined) return known;
  const text = parseName(der).text || `#${toHex(der)}`;
  if (NAME_TEXTS.size >= MAX_NAME_TEXTS) NAME_TEXTS.clear();
  NAME_TEXTS.set(key, text);
  return text;
}

/** An OID filter holds the DER of the OBJECT IDENTIFIER (RFC 8446 §4.2.5). */
function filterOid(der: Uint8Array): string {
  const start = der[0] === 6 && der[1] === der.length - 2 ? 2 : 0;
  return oidText(der, start, der.length) ?? `#${toHex(der)}`;
}
