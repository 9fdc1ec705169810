import { cipherSuiteName } from '../tls/cipher-suites.js';
import { extensionName } from '../tls/extensions.js';
import { groupName } from '../tls/groups.js';
import { signatureSchemeName } from '../tls/signature-schemes.js';
import type { TranscriptMessage } from '../tls/transcript.js';
import { isGrease, versionName } from '../tls/versions.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { escapeForTerminal } from './escape.js';

/** A transcript message in words, escaped for a terminal. */
export interface MessageText {
  title: string;
  /** Most telling first. */
  details: string[];
  tone: 'plain' | 'good' | 'bad' | 'quiet';
}

/** Words for one message. The RFC's own name is the title. */
export function messageText(message: TranscriptMessage): MessageText {
  switch (message.type) {
    case 'client_hello': {
      const { hello } = message;
      const versions = hello.versions.filter((v) => !isGrease(v)).map((v) => versionName(v).replace('TLS ', ''));
      const details = [
        `TLS ${versions.join(' ')}`,
        hello.servername === undefined ? 'no SNI' : `SNI ${escapeForTerminal(hello.servername)}`,
      ];
      details.push(`${hello.cipherSuites.length} suites`);
      if (hello.alpn.length > 0) details.push(`ALPN ${escapeForTerminal(hello.alpn.join(' '))}`);
      if (hello.preSharedKey) details.push('resumption offered');
      if (hello.earlyData) details.push('early data');
      if (hello.statusRequest) details.push('asks for OCSP');
      if (hello.keyShares.length > 0)
        details.push(
          `shares ${hello.keyShares
            .filter((g) => !isGrease(g))
            .map(groupName)
            .join(' ')}`,
        );
      return { title: 'ClientHello', details, tone: 'plain' };
    }
    case 'hello_retry_request':
      return {
        title: 'HelloRetryRequest',
        details: message.hello.group === undefined ? [] : [`wants ${groupName(message.hello.group)}`],
        tone: 'plain',
      };
    case 'server_hello': {
      const { hello } = message;
      const details = [versionName(hello.version), cipherSuiteName(hello.cipherSuite).replace(/^TLS_/, '')];
      if (hello.group !== undefined) details.push(groupName(hello.group));
      if (hello.preSharedKeyAccepted) details.push('resumed');
      if (hello.alpn !== undefined) details.push(`ALPN ${escapeForTerminal(hello.alpn)}`);
      return { title: 'ServerHello', details, tone: 'plain' };
    }
    case 'encrypted_extensions':
      return {
        title: 'EncryptedExtensions',
        details: message.alpn === undefined ? message.extensions.map(extensionName) : [`ALPN ${escapeForTerminal(message.alpn)}`],
        tone: 'quiet',
      };
    case 'certificate_request': {
      const { certificateAuthorities, signatureSchemes } = message.request;
      const names = certificateAuthorities.map(({ text }) => escapeForTerminal(text));
      const details =
        names.length === 0 ? ['names no CA'] : [`${names.length} CA ${names.length === 1 ? 'name' : 'names'}: ${names.join(' / ')}`];
      details.push(`${signatureSchemes.length} schemes`);
      return { title: 'CertificateRequest', details, tone: 'plain' };
    }
    case 'certificate': {
      const { certificates, ocsp, scts } = message.certificate;
      if (certificates.length === 0) return { title: 'Certificate (none)', details: [], tone: 'plain' };
      const shown = certificates.slice(0, 6).map((der) => subjectOf(der));
      if (certificates.length > shown.length) shown.push(`${certificates.length - shown.length} more`);
      const details = [shown.join(' > ')];
      if (ocsp.length > 0) details.push('OCSP stapled');
      if (scts.length > 0) details.push('SCTs');
      return { title: `Certificate (${certificates.length})`, details, tone: 'plain' };
    }
    case 'certificate_status':
      return { title: 'CertificateStatus', details: [`OCSP response, ${message.response.length} bytes`], tone: 'plain' };
    case 'server_key_exchange':
      return {
        title: 'ServerKeyExchange',
        details: [
          ...(message.group === undefined ? [] : [groupName(message.group)]),
          ...(message.signatureScheme === undefined ? [] : [signatureSchemeName(message.signatureScheme)]),
        ],
        tone: 'plain',
      };
    case 'certificate_verify':
      return {
        title: 'CertificateVerify',
        details: message.signatureScheme ? [signatureSchemeName(message.signatureScheme)] : [],
        tone: 'plain',
      };
    case 'new_session_ticket': {
      const details = [`good for ${lifetime(message.lifetimeSeconds)}`];
      if (message.maxEarlyData !== undefined && message.maxEarlyData > 0) details.push('early data allowed');
      return { title: 'NewSessionTicket', details, tone: 'quiet' };
    }
    case 'key_update':
      return { title: 'KeyUpdate', details: message.requested ? ['asks for ours too'] : [], tone: 'plain' };
    case 'alert': {
      const { level, number, name } = message.alert;
      if (number === 0) return { title: 'close_notify', details: [], tone: 'quiet' };
      return { title: `alert ${number} ${name}`, details: [level], tone: level === 'warning' ? 'plain' : 'bad' };
    }
    case 'application_data':
      return { title: 'application data', details: [`${message.bytes} bytes`], tone: 'good' };
    case 'undecryptable':
      return { title: 'encrypted, no key', details: [`${message.bytes} bytes`], tone: 'quiet' };
    case 'not_tls':
      return { title: 'no TLS', details: [quoted(message.first)], tone: 'bad' };
    case 'malformed':
      return { title: 'malformed', details: [escapeForTerminal(message.message)], tone: 'bad' };
    case 'other':
      return { title: `handshake message ${message.handshakeType}`, details: [], tone: 'plain' };
    case 'preface':
      return { title: escapeForTerminal(message.text), details: [], tone: 'quiet' };
    case 'fin':
      return { title: 'FIN', details: ['closes the connection'], tone: 'quiet' };
    case 'tcp_error':
      return { title: message.code === 'ECONNRESET' ? 'RST' : message.code, details: ['cuts the connection'], tone: 'bad' };
    default:
      return { title: TITLES[message.type], details: [], tone: message.type === 'change_cipher_spec' ? 'quiet' : 'plain' };
  }
}

const TITLES = {
  server_hello_done: 'ServerHelloDone',
  client_key_exchange: 'ClientKeyExchange',
  finished: 'Finished',
  hello_request: 'HelloRequest',
  end_of_early_data: 'EndOfEarlyData',
  change_cipher_spec: 'ChangeCipherSpec',
} as const;

function subjectOf(der: Uint8Array): string {
  const { subject } = parseCertificate(der);
  return escapeForTerminal(subject.commonName ?? (subject.text || 'no subject'));
}

function quoted(bytes: Uint8Array): string {
  return escapeForTerminal(Buffer.from(bytes.subarray(0, 40)).toString('latin1').split(/\r?\n/)[0] ?? '');
}

function lifetime(seconds: number): string {
  if (seconds === 0) return 'an unsaid time';
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
