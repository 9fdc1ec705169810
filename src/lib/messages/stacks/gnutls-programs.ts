/** Programs on GnuTLS: what OpenLDAP, aria2, socat and msmtp make of a certificate's status, and the files that GnuTLS' tools could not use. */
import { code, type Pattern, patternsOf, peer } from '../pattern.js';

export const gnutlsPrograms: readonly Pattern[] = [
  ...patternsOf('gnutls', [
    // OpenLDAP prints the status as the bits that it is made of (gnutls_certificate_status_t).
    ...(
      [
        ['[0-9a-f]*[4-7c-f][0-9a-f]{2}', peer('expired')],
        ['[0-9a-f]*[2367abef][0-9a-f]{2}', peer('not-yet-valid')],
        ['[0-9a-f]*[13579bdf][0-9a-f]{2}', peer('weak-signature')],
        ['[0-9a-f]*[89a-f][0-9a-f]{2}', peer('bad-signature')],
        ['[0-9a-f]*[4-7c-f][0-9a-f]', peer('unknown-issuer')],
        ['[0-9a-f]*[89a-f][0-9a-f]', peer('not-a-ca')],
        ['[0-9a-f]*[2367abef][0-9a-f]', peer('revoked')],
        ['[0-9a-f]*[13579bdf][0-9a-f]{4}', code('path-length', 'name-constraint')],
        ['[0-9a-f]*[4-7c-f][0-9a-f]{4}', peer('purpose')],
      ] as const
    ).map(
      ([bits, says]) => [['peer cert untrusted or revoked'], says, { text: new RegExp(`untrusted or revoked \\(0x${bits}\\)`) }] as const,
    ),
    [['peer cert untrusted or revoked'], peer('verify-failed'), { weight: 'wrapper' }],
    // aria2 quotes what it found, one after another; whatever it is, it calls the authority unknown too.
    [["`not signed by known authorities or invalid'", 'handshake failure: certificate is not signed'], peer('unknown-issuer')],
    [["known authorities or invalid' `expired'"], peer('expired')],
    [["known authorities or invalid' `not yet", "known authorities or invalid' `not active"], peer('not-yet-valid')],
    [["known authorities or invalid' `revoked'", 'handshake failure: revoked'], peer('revoked')],
    [['handshake failure: hostname does not match'], peer('name')],
    [
      ['does not match common name in certificate', 'commonname does not match hostname'],
      peer('name'),
      {
        text: /hostname \((?<wanted>[^)]{1,253})\) does not match common name in certificate \((?<names>[^)]{1,253})\)|commonName does not match hostname "(?<host2>[^"]{1,253})"/,
      },
    ],
    [
      ['cannot set x509 trust file', 'cannot set x509 key file'],
      code('bad-pem', 'file-missing'),
      { side: 'startup', text: /cannot set X509 (?:trust|key) file (?<file>\S{1,300})/ },
    ],
    // Files.
    [
      ['certificate and the given key do not match', 'certificate and key do not match'],
      code('key-mismatch', 'client-key-mismatch'),
      { side: 'startup' },
    ],
    [
      [
        'error loading cert file',
        'error loading key file',
        'error loading ca file',
        'error reading x.509',
        'base64 decoding error',
        'base64 unexpected header error',
        'asn1 parser:',
        'error loading certificate',
        'requested data were not available',
        'no certificate was found.',
        'error setting the x509 trust file',
        'processed 0 ca certificate',
        'error parsing',
        'the provided x.509 certificate list is not sorted',
      ],
      code('bad-pem', 'malformed', 'file-missing', 'bad-passphrase', 'key-mismatch'),
      {
        side: 'startup',
        text: /Error (?:loading|reading|setting|parsing)[^\n]{0,80}(?:[Cc]ert|[Kk]ey|CA|file|X\.509|x509)|Base64|ASN1 parser|requested data were not|^(?![^\n]{0,200}handshake)[^\n]{0,200}No certificate was found|Processed 0 CA|not sorted/,
      },
    ],
    [
      ['no pin given', 'decryption error', 'given password contains', 'the given password', 'pkcs #11 pin', 'error in provided pin'],
      code('bad-passphrase'),
      { side: 'startup', text: /gnutls|GnuTLS|key|PKCS|password|No PIN given/ },
    ],
    [
      ["error reading '"],
      code('file-missing', 'bad-pem', 'bad-passphrase', 'key-mismatch', 'malformed'),
      { side: 'startup', text: /Error reading '[^']{1,300}' or '/, weight: 'wrapper' },
    ],
    [
      ['failed to open cert ', 'no cas were found in'],
      code('file-missing', 'bad-pem'),
      { side: 'startup', text: /Failed to open cert (?<file>[^\n:]{1,300})|No CAs were found in '(?<found>[^'\n]{1,300})'/ },
    ],
    [['error while reading file'], code('file-missing', 'bad-pem'), { side: 'startup' }],
  ]),
];
