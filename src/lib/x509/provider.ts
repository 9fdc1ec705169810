/**
 * The only module that knows @peculiar/x509. It is slow to load (some 200 ms) and to use, and belongs where things are written once for other
 * people's programs; what is read, and what is written by the thousand, has readers and writers of our own.
 */
export type X509Provider = typeof import('@peculiar/x509');

let loaded: Promise<X509Provider> | undefined;

/** The library, loaded at the first call. It needs a Reflect polyfill before it and a Web Crypto to work with. */
export function loadX509Provider(): Promise<X509Provider> {
  loaded ??= (async () => {
    await import('reflect-metadata');
    const x509 = await import('@peculiar/x509');
    const { webcrypto } = await import('node:crypto');
    x509.cryptoProvider.set(webcrypto as never);
    return x509;
  })();
  return loaded;
}
