import { createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { messageOf, TlsmedicError } from '../errors.js';
import { readFile } from '../io/files.js';
import { passphraseRefused } from '../x509/key-lock.js';
import type { ClientCredential } from './handshake-request.js';

/** Files of a client certificate. */
export interface CredentialFiles {
  cert?: string;
  /** Left out when the certificate's file holds the key too. */
  key?: string;
  p12?: string;
  passphrase?: string;
}

/**
 * Loads a client certificate with its key, and tries at once whether they can be used.
 * @throws TlsmedicError kind `input` for files that cannot be read or opened; a key that does not belong to the certificate is left to the handshake
 */
export function loadClientCredential({ cert, key, p12, passphrase }: CredentialFiles): ClientCredential | undefined {
  const secret = passphrase === undefined ? {} : { passphrase };
  if (p12 !== undefined) {
    const credential: ClientCredential = { label: p12, pfx: readFile(p12), ...secret };
    try {
      createSecureContext({ pfx: Buffer.from(credential.pfx), ...secret });
    } catch (error) {
      throw pkcs12Error(p12, error, passphrase !== undefined);
    }
    return credential;
  }
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) {
    throw new TlsmedicError('usage', 'a key without its certificate', {
      kind: 'usage',
      next: ['give the certificate too: --cert FILE --key FILE'],
    });
  }
  const certText = pemText(readFile(cert));
  const keyFile = key ?? cert;
  const keyText = key === undefined ? certText : Buffer.from(readFile(key)).toString('latin1');
  try {
    createPrivateKey({ key: keyText, ...secret });
  } catch (error) {
    throw keyError(keyFile, keyText, error, passphrase !== undefined);
  }
  return { label: cert, cert: certText, key: keyText, ...secret };
}

/** PEM as it is; a single DER certificate as PEM. */
function pemText(bytes: Uint8Array): string {
  if (bytes[0] !== 0x30) return Buffer.from(bytes).toString('latin1');
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function keyError(file: string, keyText: string, error: unknown, hadPassphrase: boolean): TlsmedicError {
  if (passphraseRefused(error, keyText)) {
    return new TlsmedicError(
      'bad-passphrase',
      hadPassphrase ? `the passphrase does not open ${file}` : `${file} is encrypted and no passphrase was given`,
      {
        kind: 'input',
        next: ['--passphrase-file FILE, whose first line is the passphrase'],
        cause: error,
      },
    );
  }
  return new TlsmedicError('bad-key', `${file} holds no private key that can be read`, {
    kind: 'input',
    why: messageOf(error),
    next: [`tlsmedic inspect ${file}`],
    cause: error,
  });
}

function pkcs12Error(file: string, error: unknown, hadPassphrase: boolean): TlsmedicError {
  const message = messageOf(error);
  if (/mac verify|wrong password/i.test(message)) {
    return new TlsmedicError('bad-passphrase', hadPassphrase ? `the passphrase does not open ${file}` : `${file} wants a passphrase`, {
      kind: 'input',
      next: ['--passphrase-file FILE, whose first line is the passphrase'],
      cause: error,
    });
  }
  if (/unsupported/i.test(message)) {
    return new TlsmedicError(
      'legacy-pkcs12',
      `${file} is encrypted in a way (RC2 or 3DES of old) that OpenSSL 3 and so node no longer open`,
      {
        kind: 'input',
        next: [`openssl pkcs12 -legacy -in ${file} -out client.pem, then --cert client.pem`, `tlsmedic inspect ${file}`],
        cause: error,
      },
    );
  }
  return new TlsmedicError('bad-pkcs12', `${file} is no PKCS#12 that can be read`, {
    kind: 'input',
    why: message,
    next: [`tlsmedic inspect ${file}`],
    cause: error,
  });
}
