import type { LabVersion } from '../world.js';

/**
 * How each TLS stack tells a client that its certificate is not accepted: measured on the originals, kept as data.
 * Alert numbers: RFC 8446 §6.2.
 */

/** What a server can hold against a client's certificate. */
export type ClientFault =
  | 'none'
  | 'expired'
  | 'not-yet-valid'
  | 'unknown-ca'
  | 'wrong-purpose'
  | 'revoked'
  | 'list-expired'
  | 'broken'
  | 'unwanted';

export type Refusal =
  | { kind: 'alert'; description: number }
  | { kind: 'hang-up'; how: 'fin' | 'reset' }
  /** The handshake succeeds and the refusal is an HTTP answer. */
  | { kind: 'http'; status: number; body: string }
  /** The handshake succeeds, the server greets, and the refusal is the answer to a login. */
  | { kind: 'login'; text: string };

export interface RefusalStyle {
  /** Value of the HTTP Server header. */
  product?: string;
  refuse(fault: ClientFault, version: LabVersion): Refusal;
}

const ALERT = {
  handshakeFailure: 40,
  badCertificate: 42,
  unsupportedCertificate: 43,
  certificateRevoked: 44,
  certificateExpired: 45,
  certificateUnknown: 46,
  unknownCa: 48,
  accessDenied: 49,
  decodeError: 50,
  decryptError: 51,
  certificateRequired: 116,
} as const;

const alert = (description: number): Refusal => ({ kind: 'alert', description });

/** The precise alerts: OpenSSL and all that is built on it (s_server, HAProxy, Apache, stunnel, Python, Redis, Mosquitto). */
const OPENSSL: Record<ClientFault, number> = {
  none: ALERT.certificateRequired,
  expired: ALERT.certificateExpired,
  'not-yet-valid': ALERT.badCertificate,
  'unknown-ca': ALERT.unknownCa,
  'wrong-purpose': ALERT.unsupportedCertificate,
  revoked: ALERT.certificateRevoked,
  // X509_V_ERR_CRL_HAS_EXPIRED has the alert of an expired certificate.
  'list-expired': ALERT.certificateExpired,
  broken: ALERT.decryptError,
  unwanted: ALERT.accessDenied,
};

const NGINX_NONE = page('400 No required SSL certificate was sent', 'No required SSL certificate was sent');
const NGINX_ERROR = page('400 The SSL certificate error', 'The SSL certificate error');

function page(title: string, heading: string): string {
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>${heading}</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
}

export const REFUSAL_STYLES = {
  openssl: {
    refuse: (fault, version) => alert(fault === 'none' && version === 'TLSv1.2' ? ALERT.handshakeFailure : OPENSSL[fault]),
  },
  /** One alert for everything, in both versions. */
  go: { refuse: () => alert(ALERT.badCertificate) },
  /** Since 1.21, what it knows has alerts of its own; what a program's own check says no to stays bad_certificate. */
  'go-1.21': {
    refuse: (fault, version) => {
      if (fault === 'none') return alert(version === 'TLSv1.2' ? ALERT.handshakeFailure : ALERT.certificateRequired);
      if (fault === 'unknown-ca') return alert(ALERT.unknownCa);
      return alert(fault === 'expired' || fault === 'not-yet-valid' ? ALERT.certificateExpired : ALERT.badCertificate);
    },
  },
  /** Lets everybody in and refuses at login (auth_ssl_require_client_cert). */
  dovecot: { refuse: () => ({ kind: 'login', text: "[ALERT] Client didn't present valid SSL certificate" }) },
  nginx: {
    product: 'nginx',
    refuse: (fault) => ({ kind: 'http', status: 400, body: fault === 'none' ? NGINX_NONE : NGINX_ERROR }),
  },
  gnutls: {
    refuse: (fault, version) => {
      if (fault !== 'none') return alert(ALERT.accessDenied);
      return alert(version === 'TLSv1.2' ? ALERT.decodeError : ALERT.certificateRequired);
    },
  },
  jsse: {
    refuse: (fault, version) => {
      if (fault !== 'none') return alert(ALERT.certificateUnknown);
      return alert(version === 'TLSv1.2' ? ALERT.handshakeFailure : ALERT.certificateRequired);
    },
  },
  nss: {
    refuse: (fault, version) => {
      if (fault === 'none') return alert(version === 'TLSv1.2' ? ALERT.badCertificate : ALERT.certificateRequired);
      if (fault === 'wrong-purpose') return alert(ALERT.certificateUnknown);
      return alert(OPENSSL[fault]);
    },
  },
  /** Built on mbedTLS or wolfSSL: closes without a word. */
  mute: { refuse: () => ({ kind: 'hang-up', how: 'fin' }) },
  /** A middle box: RST. */
  reset: { refuse: () => ({ kind: 'hang-up', how: 'reset' }) },
  /** Authorization above TLS: a proper 403. */
  forbidding: {
    product: 'envoy',
    refuse: () => ({ kind: 'http', status: 403, body: 'RBAC: access denied' }),
  },
} as const satisfies Record<string, RefusalStyle>;

export type RefusalStyleName = keyof typeof REFUSAL_STYLES;
