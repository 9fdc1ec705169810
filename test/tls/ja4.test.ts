import { describe, expect, it } from 'vitest';
import { ja4 } from '../../src/lib/tls/ja4.js';
import type { ClientHello } from '../../src/lib/tls/transcript.js';

const hex = (text: string): number[] => text.split(',').map((one) => Number.parseInt(one, 16));

/** The example of the published technical details (Chrome). */
const CHROME: ClientHello = {
  versions: [0x0304, 0x0303],
  cipherSuites: hex('1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035'),
  extensions: hex('001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015'),
  signatureSchemes: hex('0403,0804,0401,0503,0805,0501,0806,0601'),
  groups: [],
  keyShares: [],
  alpn: ['h2', 'http/1.1'],
  sessionIdLength: 32,
  preSharedKey: false,
  earlyData: false,
  statusRequest: true,
  postHandshakeAuth: false,
};

describe('JA4', () => {
  it('of the published example is the published one', () => {
    expect(ja4(CHROME)).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  it('does not change with the order of extensions, nor with GREASE', () => {
    const shuffled = {
      ...CHROME,
      extensions: [0x3a3a, ...CHROME.extensions.toReversed(), 0xdada],
      cipherSuites: [0x5a5a, ...CHROME.cipherSuites],
      versions: [0x7a7a, ...CHROME.versions],
    };
    expect(ja4(shuffled)).toBe(ja4(CHROME));
  });

  it('changes with the order of signature schemes', () => {
    expect(ja4({ ...CHROME, signatureSchemes: CHROME.signatureSchemes.toReversed() })).not.toBe(ja4(CHROME));
  });

  it('says i without SNI, 00 without ALPN, hex for an odd protocol', () => {
    const bare = { ...CHROME, extensions: CHROME.extensions.filter((type) => type !== 0 && type !== 0x10), alpn: [] };
    expect(ja4(bare)).toMatch(/^t13i151400_/);
    expect(ja4({ ...CHROME, alpn: ['\u00ab\u00cd'] })).toMatch(/^t13d1516ad_/);
  });

  it('of an empty hello is all zeros', () => {
    expect(ja4({ ...CHROME, versions: [], cipherSuites: [], extensions: [], signatureSchemes: [], alpn: [] })).toBe(
      't00i000000_000000000000_000000000000',
    );
  });
});
