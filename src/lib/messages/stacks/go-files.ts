/** Go: certificates, keys and trust bundles that crypto/tls, encoding/pem and the programs on them could not load. */
import { code, type Pattern, patternsOf } from '../pattern.js';

export const goFiles: readonly Pattern[] = [
  ...patternsOf('go', [
    [
      ['private key does not match public key', 'private key type does not match public key'],
      code('key-mismatch', 'client-key-mismatch'),
      { side: 'startup' },
    ],
    [
      [
        'failed to find any pem data',
        'failed to find certificate pem data',
        'failed to find pem block with type',
        'found a certificate rather than a key',
        'failed to parse private key',
        'found unknown private key type',
        'could not add ca to pool',
        'failed to append ca',
        'unable to parse any pem',
        'failed to parse any ca',
        'no valid certificates found',
        'unable to parse bytes as pem',
        'data does not contain any valid rsa or ecdsa',
        'data does not contain any valid',
        'failed to parse ca',
        'failed to parse root certificate',
        'failed to decode pem',
        'failed to append certs',
        'invalid pem',
        'not a valid pem',
        'no pem data',
        'unable to load root certificates',
        'could not parse certificate',
        'no valid pem',
        'failed to append certificate',
        'unable to find pem',
      ],
      code('bad-pem', 'malformed', 'key-mismatch', 'file-missing'),
      { side: 'startup', text: /(?:cert|key|CA\b|pem|root|PEM)/, weight: 'told' },
    ],
    [
      ["invalid character '"],
      code('bad-pem', 'malformed'),
      { text: /^error: invalid character '[^']' looking for beginning of value$/, side: 'startup', weight: 'told' },
    ],
    [['decryption password incorrect'], code('bad-passphrase'), { text: /x509: / }],
    [['server cert or private key is empty', 'cert or private key is empty'], code('file-missing', 'bad-pem'), { side: 'startup' }],
  ]),
];
