/** What went over the wire, message by message: made by the decoder from recorded bytes and key log secrets. Plain data. */

export interface DistinguishedNameBytes {
  text: string;
  der: Uint8Array;
}

export interface ClientHello {
  /** Highest version offered: supported_versions when present, else legacy_version. As 0x0304. */
  versions: number[];
  cipherSuites: number[];
  extensions: number[];
  groups: number[];
  keyShares: number[];
  signatureSchemes: number[];
  servername?: string;
  alpn: string[];
  sessionIdLength: number;
  preSharedKey: boolean;
  earlyData: boolean;
  statusRequest: boolean;
  postHandshakeAuth: boolean;
}

export interface ServerHello {
  version: number;
  cipherSuite: number;
  group?: number;
  extensions: number[];
  helloRetryRequest: boolean;
  preSharedKeyAccepted: boolean;
  sessionIdEchoed: boolean;
  alpn?: string;
}

export interface CertificateRequest {
  /** As asked, in order; empty when the server names none (any CA). */
  certificateAuthorities: DistinguishedNameBytes[];
  signatureSchemes: number[];
  /** TLS 1.2 only. */
  certificateTypes: number[];
  extensions: number[];
  oidFilters: { oid: string; values: Uint8Array }[];
}

export interface CertificateMessage {
  /** DER exactly as sent, in wire order. */
  certificates: Uint8Array[];
  /** Stapled OCSP responses by certificate index (TLS 1.3; TLS 1.2 sends CertificateStatus for index 0). */
  ocsp: { index: number; response: Uint8Array }[];
  scts: { index: number; list: Uint8Array }[];
}

export interface AlertDetail {
  level: 'warning' | 'fatal' | 'unknown';
  /** AlertDescription number (RFC 8446 §6). */
  number: number;
  name: string;
}

export type TranscriptDetail =
  | { type: 'client_hello'; hello: ClientHello }
  | { type: 'server_hello' | 'hello_retry_request'; hello: ServerHello }
  | { type: 'encrypted_extensions'; extensions: number[]; alpn?: string; groups: number[] }
  | { type: 'certificate_request'; request: CertificateRequest }
  | { type: 'certificate'; certificate: CertificateMessage }
  | { type: 'certificate_status'; response: Uint8Array }
  | { type: 'server_key_exchange'; group?: number; signatureScheme?: number }
  | { type: 'certificate_verify'; signatureScheme: number }
  | { type: 'new_session_ticket'; lifetimeSeconds: number; maxEarlyData?: number }
  | { type: 'key_update'; requested: boolean }
  | { type: 'alert'; alert: AlertDetail }
  | { type: 'server_hello_done' | 'client_key_exchange' | 'finished' | 'hello_request' | 'end_of_early_data' | 'change_cipher_spec' }
  | { type: 'application_data'; bytes: number }
  /** Encrypted and no secret to open it: never guessed at. */
  | { type: 'undecryptable'; bytes: number }
  /** Bytes that are no TLS record; `first` holds at most 64 of them. */
  | { type: 'not_tls'; first: Uint8Array }
  | { type: 'malformed'; message: string }
  | { type: 'other'; handshakeType: number }
  /** What was said before TLS began: a proxy's or STARTTLS exchange, one line or packet, unescaped. */
  | { type: 'preface'; text: string }
  /** TCP level: FIN, or the error that ended the connection. */
  | { type: 'fin' }
  | { type: 'tcp_error'; code: string };

export type TranscriptMessage = {
  /** Milliseconds since the first byte of TLS (or of the connection's preface) was written. */
  ms: number;
  from: 'client' | 'server';
  /** Whether the record was encrypted on the wire. */
  encrypted: boolean;
  /** Handshake message or record length in bytes. */
  length: number;
} & TranscriptDetail;

export interface Transcript {
  messages: TranscriptMessage[];
  /** Why a part could not be read: no key log, unknown suite, limits reached. */
  gaps: string[];
  bytesSent: number;
  bytesReceived: number;
}
