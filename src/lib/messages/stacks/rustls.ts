/** rustls and webpki: Debug names before 0.23, Display sentences from 0.23 on; reqwest, hyper, tonic and linkerd wrap them. */
import { alert, code, type Pattern, patternsOf, peer } from '../pattern.js';

/** Debug names of AlertDescription; from 0.24 on a sentence about the peer. */
const ALERTS: ReadonlyArray<readonly [number, string, string]> = [
  [10, 'UnexpectedMessage', 'received an unexpected message'],
  [20, 'BadRecordMac', 'failed to verify a message'],
  [22, 'RecordOverflow', 'rejected an over-length message'],
  [40, 'HandshakeFailure', 'failed to negotiate an acceptable set of security parameters'],
  [42, 'BadCertificate', 'rejected the certificate as corrupt'],
  [43, 'UnsupportedCertificate', 'did not support the certificate'],
  [44, 'CertificateRevoked', 'found the certificate to be revoked'],
  [45, 'CertificateExpired', 'found the certificate to be expired'],
  [46, 'CertificateUnknown', 'rejected the certificate for an unspecified reason'],
  [47, 'IllegalParameter', 'rejected a message because a field was incorrect'],
  [48, 'UnknownCA', 'found the certificate was not issued by a trusted CA'],
  [49, 'AccessDenied', 'denied access'],
  [50, 'DecodeError', 'failed to decode a message'],
  [51, 'DecryptError', 'failed to perform a handshake cryptographic operation'],
  [70, 'ProtocolVersion', 'did not support a suitable TLS version'],
  [71, 'InsufficientSecurity', 'required a higher security level than was offered'],
  [80, 'InternalError', 'encountered an internal error'],
  [86, 'InappropriateFallback', 'detected an attempted version downgrade'],
  [90, 'UserCanceled', 'canceled the handshake'],
  [109, 'MissingExtension', 'required a specific extension that was not provided'],
  [110, 'UnsupportedExtension', 'rejected an unsolicited extension'],
  [112, 'UnrecognisedName', 'did not recognize a name in the `server_name` extension'],
  [113, 'BadCertificateStatusResponse', 'rejected the certificate status response'],
  [115, 'UnknownPSKIdentity', 'did not recognize any offered PSK identity'],
  [116, 'CertificateRequired', 'required a client certificate'],
  [120, 'NoApplicationProtocol', 'did not support any of the offered application protocols'],
];

const alerts: Pattern[] = ALERTS.flatMap(([number, name, sentence]): Pattern[] => [
  {
    stack: 'rustls',
    phrases: [
      `received fatal alert: ${name}`,
      `AlertReceived(${name}`,
      `received fatal alert: the peer ${sentence}`,
      `peer sent an alert: ${name}`,
    ],
    says: alert(number),
  },
]);

const invalid = (name: string) => [
  `invalid peer certificate: ${name}`,
  `InvalidCertificate(${name}`,
  `InvalidCertificateData("invalid peer certificate: ${name}`,
  `WebPKIError(${name}`,
  `webpki error: ${name}`,
  `certificate: ${name}`,
];

export const rustls: readonly Pattern[] = [
  ...alerts,
  ...patternsOf('rustls', [
    [
      [
        ...invalid('Expired'),
        ...invalid('CertExpired'),
        'invalid peer certificate: certificate expired',
        'certificate expired: verification time',
      ],
      peer('expired'),
      { text: /Expired|expired/ },
    ],
    [
      [
        ...invalid('NotValidYet'),
        ...invalid('CertNotValidYet'),
        'invalid peer certificate: certificate not valid yet',
        'certificate not valid yet: verification time',
      ],
      peer('not-yet-valid'),
    ],
    [[...invalid('UnknownIssuer')], peer('unknown-issuer')],
    [[...invalid('CaUsedAsEndEntity')], peer('self-signed')],
    [
      [...invalid('NotValidForName'), ...invalid('CertNotValidForName'), 'certificate not valid for name'],
      peer('name'),
      {
        text: /not valid for name "(?<wanted>[^"]{1,253})"; certificate is (?:only valid for (?<names>[^\n]{1,500})|not valid for any names)|NotValidForName|not valid for name/,
      },
    ],
    [[...invalid('Revoked'), ...invalid('CertRevoked')], peer('revoked')],
    [
      [
        ...invalid('UnknownRevocationStatus'),
        ...invalid('ExpiredRevocationList'),
        ...invalid('CrlExpired'),
        'certificate revocation list expired',
        'invalid certificate revocation list',
      ],
      peer('revocation-unknown'),
    ],
    [
      [...invalid('InvalidPurpose'), ...invalid('RequiredEkuNotFound'), 'certificate does not allow extended key usage for'],
      peer('purpose'),
    ],
    [[...invalid('BadSignature'), ...invalid('InvalidSignatureForPublicKey')], peer('bad-signature')],
    [
      [
        ...invalid('UnsupportedSignatureAlgorithm'),
        ...invalid('SignatureAlgorithmMismatch'),
        ...invalid('UnsupportedCrlSignatureAlgorithm'),
      ],
      peer('weak-signature'),
    ],
    [
      [
        ...invalid('EndEntityUsedAsCa'),
        ...invalid('Other(OtherError(EndEntityUsedAsCa'),
        ...invalid('IssuerNotCertSigner'),
        'endentityusedasca',
      ],
      peer('not-a-ca'),
    ],
    [[...invalid('PathLenConstraintViolated'), 'pathlenconstraintviolated'], peer('path-length')],
    [[...invalid('NameConstraintViolation'), 'nameconstraintviolation'], peer('name-constraint')],
    [
      [
        ...invalid('BadEncoding'),
        ...invalid('BadDer'),
        ...invalid('UnhandledCriticalExtension'),
        ...invalid('UnsupportedCertVersion'),
        ...invalid('UnsupportedCriticalExtension'),
        ...invalid('ExtensionValueInvalid'),
        ...invalid('TrailingData'),
        ...invalid('MalformedExtensions'),
        'unsupportedcertversion',
        'unsupportedcriticalextension',
      ],
      peer('malformed'),
    ],
    [
      [...invalid('ApplicationVerificationFailure'), 'invalid peer certificate: other', 'invalid peer certificate contents'],
      peer('verify-failed'),
      { weight: 'vague' },
    ],
    [['invalid peer certificate'], peer('verify-failed'), { weight: 'wrapper' }],
    [['peer sent no certificates', 'nocertificatespresented', 'peer sent no certificate'], peer('no-certificate'), { side: 'server' }],
    [
      ['peer is incompatible', 'peerincompatible'],
      code('version-mismatch', 'cipher-mismatch', 'handshake-failure'),
      {
        text: /(?:incompatible|Incompatible)[^\n]{0,12}(?:.*(?:Tls1[23]|Version|version|Tls12NotOffered|ServerDoesNotSupportTls12Or13|ServerTlsVersionIsDisabledByOurConfig|TLS ?1))/,
      },
    ],
    [
      ['peer is incompatible', 'peerincompatible'],
      code('cipher-mismatch', 'version-mismatch', 'handshake-failure'),
      {
        text: /(?:incompatible|Incompatible)[^\n]{0,80}(?:NoCipherSuitesInCommon|NoKxGroupsInCommon|NoSignatureSchemesInCommon|NoCertificateRequestSignatureSchemesInCommon|NoEcPointFormatsInCommon|KeyShareExtensionRequired|NamedGroupsExtensionRequired|SignatureAlgorithmsExtensionRequired|no ciphersuites|no kx group|no sigschemes)/,
      },
    ],
    [['peer is incompatible', 'peerincompatible'], code('handshake-failure', 'version-mismatch', 'cipher-mismatch'), { weight: 'vague' }],
    [['peer misbehaved', 'peermisbehaved'], code('handshake-failure', 'version-mismatch', 'not-tls'), { weight: 'vague' }],
    [["peer doesn't support any known protocol", 'server and client do not share an application protocol'], code('alpn-mismatch')],
    [
      [
        'received corrupt message of type invalidcontenttype',
        'corrupt message of type invalidcontenttype',
        'corruptmessagepayload',
        'invalidmessage(invalidcontenttype',
        'received corrupt message',
      ],
      code('not-tls', 'plaintext-http', 'starttls-needed', 'version-mismatch', 'handshake-failure'),
    ],
    [
      ['no server certificate chain resolved', 'nosuitablecertificate', 'no suitable certificate found', 'no server name indication'],
      code('sni-rejected', 'file-missing'),
      { side: 'server' },
    ],
    [
      ["cannot decrypt peer's message", 'cannot decrypt message'],
      code('handshake-failure', 'unknown-authority', 'reset'),
      { weight: 'vague' },
    ],
    [
      ['keys may not be consistent', 'keymismatch'],
      code('key-mismatch', 'client-key-mismatch'),
      { side: 'startup', text: /keys may not be consistent|KeyMismatch/ },
    ],
    [
      [
        'failed to parse private key',
        'no valid private keys',
        'no private key found',
        'no private keys found',
        'invalid private key',
        'failed to load private key',
        'no private key in',
        'no certificates found',
        'could not parse pem',
        'invalid pem',
        'failed to parse pem',
        'could not find private key',
        'private key is invalid',
        'nosectionfound',
        'missing section end marker',
        'incomplete data in pem',
      ],
      code('bad-pem', 'file-missing', 'malformed', 'bad-passphrase'),
      { side: 'startup', text: /key|cert|PEM|pem/i, weight: 'told' },
    ],
    [
      [
        'tls handshake eof',
        'peer closed connection without sending tls close_notify',
        'unexpected eof during handshake',
        'connection closed via error',
        'tls close notify',
      ],
      code('reset', 'handshake-failure'),
      { text: /eof|peer closed|closed via error/i, weight: 'transport' },
    ],
    [
      ['no native root ca certificates found', 'no ca certificates were loaded', 'no root certificates'],
      code('untrusted-root', 'unknown-authority', 'file-missing'),
      { side: 'startup' },
    ],
  ]),
];
