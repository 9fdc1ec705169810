import { describe, expect, it } from 'vitest';
import { readContainer } from '../../../src/lib/x509/container/read-container.js';
import { parseCertificate } from '../../../src/lib/x509/parse-certificate.js';

/*
 * Made by keytool 17 with Bouncy Castle 1.72: a pair (EC P-256, CN=bks.internal) under the alias "pair", a trusted certificate under "trusted", all
 * under the passphrase "secret1".
 */
const STORES = {
  BKS:
    'AAAAAgAAABTn1WicTWrfBbGC/r7gRIfzEByhvQAABDcBAAd0cnVzdGVkAAABohfSh4QAAAAAAAVYLjUwOQAAAX0wggF5MIIBH6ADAgECAhQ3/kOP4+ZSD2Xg' +
    'TAolZTtYjveW+jAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdUcnVzdGVkMB4XDTI2MTEyNjEyMjY0MFoXDTM2MTEyMzEyMjY0MFowEjEQMA4GA1UEAwwHVHJ1' +
    'c3RlZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLgieU2dsJoB/erKeLg1zM0urzW9MSS8dLPDODQGCVUT+MJX8eirK4dw0gWzgdg7evN36u73EG7GueF8' +
    'jyLdf0yjUzBRMB0GA1UdDgQWBBR9P0Zb0GZdycFYkS500WgB4w4TrDAfBgNVHSMEGDAWgBR9P0Zb0GZdycFYkS500WgB4w4TrDAPBgNVHRMBAf8EBTADAQH/' +
    'MAoGCCqGSM49BAMCA0gAMEUCIQDWa9U09JSRq8F2IA/lZFqu3EyVVS8Mqtn8UM7CUcs+jgIgClBEllYEJBrwZYW19GDwseMckZ8h/wtCmJ3SDBli+CEEAARw' +
    'YWlyAAABohfSgjYAAAABAAVYLjUwOQAAAZ8wggGbMIIBQqADAgECAhQh1K4fHD+G9yBASOcESrX7bjidPzAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxia3Mu' +
    'aW50ZXJuYWwwHhcNMjYxMTI2MTIyNjQwWhcNMzYxMTIzMTIyNjQwWjAXMRUwEwYDVQQDDAxia3MuaW50ZXJuYWwwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC' +
    'AATS1ia0mkiHtDbCgzcnBoNJdlJ4if3OCw+oBePLY+hrEkKoUmqAjNnIWwBnwdB+YdLueb338ZEPIWyrJEauqeTOo2wwajAdBgNVHQ4EFgQU4kHES9m0+v+I' +
    'W95Cu95hePkAaRUwHwYDVR0jBBgwFoAU4kHES9m0+v+IW95Cu95hePkAaRUwDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggxia3MuaW50ZXJuYWwwCgYI' +
    'KoZIzj0EAwIDRwAwRAIgIfoJZSb0/zdw9mJaI9jVYs2WL2v8Y+2OJniZjvsMbpECIG+d02GYdILIuZ6q+88v7m6S3h9Wuw38Ur8rdbSDnlnQAAAAvAAAABR1' +
    'WekIJNN2KrUmGtje/jXF28zXvgAABXQKzOBREnR2Cuuf/DWSBW2ia9E5mcPOUF63Z05JczsxJdGM7YdkbbXOn8h3tdfK4mJmNBqo5FofJDS5Plx9pz+LmjTj' +
    'NG61PoGYuVdd5+Njk2FqsCFjIdMczftQ2VNhzAcFam4bR5wzT6h36K+WWJGUwGE5T+waOnWK52+2fSyXAMif9d5hGLYjkWqkiTDxI8atsWmKYBxysKENW9vD' +
    'yid8AJyu1Rob5M2G4B3HtYPjPTft/JQw',
  UBER:
    'AAAAAQAAABTCHvo9pKf5sVdyykZYnh3U2K/1LQAAB7XFwSHX8rCypaRJusBw15yNZZLKAGk5DtfJlxNUlMGv0tM9yqUOSrw4nd0kedWeCbxSvmMpLk8Z5Hr1' +
    'KGS5uypgGuhYW2vlYaeR0fvK3z97dL4+fQ/kdFsCpA04tmFxFjg6SXJ1VXw3avb/vRY6WzTiv3HH33l6yc7jeodKmDoxmm4/L7Em8hF0bcMN4WdD5L3sqaTl' +
    'hlPDGGDTMHBnqpp7qcJ2BRupCsSSaO7JKF3YHzENsshH5R28CXsRhs6YwDivsoD0DCp6QZ150hQ7gszEkSC6SCzWonF4VmxouzUyGbifmrKDHUc74pIdYZag' +
    'vHhG6wztSD4HeBGrMmuDC6O0Z2WYySJfOGB7LU8SPsTnqFOhqqWJbo5N1ZiMt/LeOptN+SjRtHy1TcGvogaIEPYgXnXVtjxc6Fy2hrK6gfuzbe7ybuBVnmMM' +
    'o0Th1+fx1dx8KeHKLH0vLAS8tCHb5eMKYYkVrkNC7UnpQGMvt6vShPgGkTbK28jtWJJ7WPodpLgkdQ4YIjScVcEESyQlF0UMGrlysN35rxhReJjNZ6iW2l+6' +
    'e99w9ibaK2/Iw3BmMdoCUSUMsGt6VqAoj1F7D0YXrbusZ98mxhQ6tQE/iJPtuqBsXja+zcfX8TTD4T9u1wUPSPDVLa4u2Ed5OHiKI8zLmc0nzVUiD3yA6m0D' +
    'F64LYa7n1kyDQssTScN8rDI4JreI/g5Lm3T7K2z1RHHJAFAWcW8o0DnqXk8Pc2Ak6krGbNgEHg25vZHJ1AS7Tiwe2TIR+gmR8nlDsFm0lYMiPWVKWSigF3uf' +
    '5K67XJgsa4Mu/iwwfAT3JjTZ68fErawRDFMTguJljsEN3uVijgj5FTNUs2M8kGEddSVqyeUvqck3h+M2X+Vo9kE82t9/o43h4Yc6fLIS/Rw3yJ16y5DoMgkv' +
    'O7mY2sFhWRhDGHyEqT+oF4F0PtasuhFDCoXYdhR5hYiF8Q0VZLprbsN2m7uFkhyhgXRWUgOA5e1ST7YGAmLrPj5WOB8bpKhxW7Da1ca1/0oItDXDZXCfX1Rr' +
    'mKkYHvsFbh5DTn50RgvxJgqz1LuZW+DwIDhxgYMhXnTkRtTyFmIaU19HPwMeP7Azs1WuHPhfSsIjZ80cVNZE5k7vG00g+aT6JQk8a5IPCMZIhuvR+SiRuS4v' +
    'OBo01XafbQuJTxkdQgk+aTaSGIZbvvLNJnOPsCmmdbkdpeTOdzvHKPgkc7VXxRk2N1FNDidkRDJpzRqYpajAFcDgEeL1smkcU6wuY2pF46aXgbTKFObPN8jt' +
    'eLhvUrvwS6DxcwCUebzF4l7vy3rp/1ZLXPFAhxRnVfgmwzNqJdRx1riy5sNSbBnQIGhOEEZ/8CgfXNqdn/QI2Av98rBeoQSBigKUNETcHiA5HhYhRBnlE8vr' +
    'R/p6AFSew2n7QjZuRkR6QO5IW4KSHzANnCNixwt6HQhHIXr0Ki/xYQ==',
  BCFKS:
    'MIIGWzCCBZ0wgZUGCSqGSIb3DQEFDTCBhzBlBgkqhkiG9w0BBQwwWARAvZ0OadmduAJKLB5vGbGwzVwTqR7Aq+dmnBMtGH1/LKuyfJjJiqF6bNdEtbvNLlhM' +
    'W84HoNcfSWU0Llaxg8FBAwIDAMgAAgEgMAwGCCqGSIb3DQILBQAwHgYJYIZIAWUDBAEvMBEEDB14XVhE/nsK2OUvSwIBCASCBQEsD/2BIOwsZt3sNOAylV8H' +
    'e825xum5SQCv6xtOl7i1zgbCkZYJ8Uzb0r7BVNbHpQpT3s85uIPueZw5S8Zh2DbD+p4Ov3BFm63UkaWAy8+Asa5eeNF4x5yF1/FpNhbZDkApNz4BYqXsrptT' +
    'T4ZFcMrFVFEPAU7rdWKBgO3aYNoIfGN5WZIR1YPDKrbVXOMlYxzDds5e9f9CIOKY5UIjKYzpGnZOm+hws4Pez2sIJYpKri9g4st5YDIGlP4GADQmIbBAZWwq' +
    'Y3Om0ssqWjE235wIcA5M6Uqn6gkAPyFM/ydZOBnvejGRAVXbMSjJjg+V8y6Vsxsx2L9segvdEYSglle5esc9vftlZEYZAkiNoOxvBk/h7u0sxO8jY2nNTon1' +
    '9zczwHuTk5dcd71ut4Pn/GzDkmQf62qV5y6kKPqRGUoqwQAFwSqLJGRJl2YyA1HekuaJn13CmBuYzDWS6mqixa0ajsFC/PGpehW0DV1CHccDwVgy1CKRfrED' +
    '/1ARDstKx0FjHwSlTmHIgeAlb5h/j/NOm4Ywl5P6z9WaBlnpcfNzBhnBgWHxmv3g9wAHROnkHHkeJfiV/5TR8Bbs0JCgOdo+V7jrCFxluyow3dwfJP9JeW/n' +
    'uhnvd1c8XVCcP5JhGjZIpTMgN6v+gJFKMM7aCrppwSKukJ0tAQHxKrs+EtHtQLLFw3iFA0SeW5Meo6U+c86IlfpuySmVuFyr2Jxq3GjM7ROGd2Dr0LamERM8' +
    'iRR7zKmY73XACFg/LAYK28rwRbAKuSOU/5vlQdr6m+Lt4TIkIbuCsCQPKmR0rYMRQO18aIixdqBsyhHTmhxBtnzvZDtN10XFmuen2LaFVapZiW+gvhlkgqDc' +
    'havJqTymY2/7Ga+rMpd5wcTEsx3hdAKKFhJmamywjzycKxvpvcFdTVc08xvUuSRGHIkeNp4eJd+cSwufEIsLCDhA9EABM9+HnU8AdHj6XOwP6VN0GloW2nQK' +
    'VDAJ8pi7KyE6LMan+xIkTg+cPLp3H6CWPXsXUBv2xMwaLeM2HhFiHfxTKTxjXHe6VDpBtj5YCSzKfDd4WC37Jq+6YCbR96oGO4wjtEuZY+yuS+AwFMjYvZnE' +
    '51ZrQ+FCwmm7ezfrP9nW2cwVextqCVWL8zSPTSSSX1ay6Sb+x9IYJ5gqPfZuwr4VGWkePUy8zTU14pS14E/C+ILBxI6iscHr5oXCiqZu6gPo7GGHAxf3Gz7B' +
    'XANksWsfQEbCbO5GP3LZQ+d5h0ltFDUYu4e+c8vLAyFyNGzotuWUhEYWl5M2lZprTjkt9BfjHNu3hPMDksl4gef5vX9kwQxgzmZboiB6rVYh7PChAJlp8Bjx' +
    'Vi2D6v8CQrEl8gsk4xdNVOnRQem/JFJgQroE2uECKdMhMgRb7EnydJDx2gb0dmPnZtZWAeRWWN8zIH9jclP7zXZHEUKEIxDgXqvjkIT2CIm146IU+myCHRhx' +
    'RB1sn//lSBEGaq6nEzq3Aa9PqxGrDJILzF7JnsbN1GUTpSgtB5nLdtKAcD4IhRDc6HqN1I4dj+ZgCPbN+lkmKgT2Ax6p3YxLiPdlMouu+Kq+KJH/fZid31U3' +
    'ugRxVBApE/w47czRJZHrh6NN0mx/TslvafL0wBdD2nndHYX9ntP7Jk5CcydVwncCfZsrAI2WK6k9G63kk2fdQVxmPX3tszseoGQmf686xEQeaznDl37SS0FT' +
    'am/j7GwwgbcwDAYIKoZIhvcNAgsFADBlBgkqhkiG9w0BBQwwWARA+5u9SMpMqJ+SXG4UYRF2zcKeGBHzpDl08ovDBTOeZUuSe4omxXQ8weTOzUwNRWBxMPpJ' +
    'vJ1NE3X6iQjxLpCZDAIDAMgAAgFAMAwGCCqGSIb3DQILBQAEQN+nlagPjdT8uTygEnRBtLNSUabdBVRiuvHq1mkXEwwvUjtUYC8JKJLVgHl9aU68kRd5fO7E' +
    'YekaOo5+pRkxHLA=',
} as const;
const bytesOf = (name: keyof typeof STORES): Uint8Array => new Uint8Array(Buffer.from(STORES[name], 'base64'));
const read = (bytes: Uint8Array, ...passphrases: string[]) => readContainer(bytes, { passphrases });

describe('BKS', () => {
  it('shows its certificates without a passphrase, and that the key is shut', async () => {
    const { formats, items, locked, remarks } = await read(bytesOf('BKS'));
    expect(formats).toEqual(['BKS']);
    expect(locked).toBe('passphrase-needed');
    const certificates = items.flatMap((item) =>
      item.kind === 'certificate' ? [[item.alias, item.trusted, parseCertificate(item.der).subject.text]] : [],
    );
    expect(certificates).toEqual([
      ['trusted', true, 'CN=Trusted'],
      ['pair', undefined, 'CN=bks.internal'],
    ]);
    expect(items.find(({ kind }) => kind === 'private-key')).toMatchObject({
      alias: 'pair',
      key: { encrypted: true, lock: 'passphrase-needed' },
    });
    expect(remarks.map(({ text }) => text).join()).toContain('its integrity was not checked');
  });
  it('opens its key, which fits its certificate, and checks its integrity', async () => {
    const { items, locked, remarks } = await read(bytesOf('BKS'), 'secret1');
    expect(locked).toBeUndefined();
    const key = items.find((item) => item.kind === 'private-key');
    const pair = items.find((item) => item.kind === 'certificate' && item.alias === 'pair');
    if (key?.kind !== 'private-key' || pair?.kind !== 'certificate') throw new Error('no pair');
    expect(Buffer.from(key.key.spki ?? [])).toEqual(Buffer.from(parseCertificate(pair.der).publicKey.spki));
    expect(remarks.map(({ text }) => text)).toContain('integrity checked: unchanged since it was written');
  });
  it('tells a wrong passphrase, and a byte that was changed', async () => {
    expect(await read(bytesOf('BKS'), 'secret2')).toMatchObject({ locked: 'wrong-passphrase' });
    const changed = bytesOf('BKS');
    changed[300] = (changed[300] ?? 0) ^ 1;
    const { remarks } = await read(changed, 'secret1');
    expect(remarks.map(({ text }) => text).join()).toContain('or the file was changed');
  });
  it('takes any damage', async () => {
    const whole = bytesOf('BKS');
    for (let length = 0; length < whole.length; length += 7) await read(whole.subarray(0, length), 'secret1');
    for (let at = 0; at < whole.length; at += 3) {
      const hurt = whole.slice();
      hurt[at] = 0xff;
      await read(hurt, 'secret1');
    }
    const cut = await read(whole.subarray(0, 700));
    expect(cut.items.at(-1)).toMatchObject({ kind: 'damaged', problem: expect.stringContaining('cut off at byte') });
  });
});

it.each([
  ['UBER', 'a UBER key store of Bouncy Castle', 'keytool -importkeystore -srckeystore FILE -srcstoretype UBER'],
  ['BCFKS', 'a BCFKS key store (Bouncy Castle FIPS)', 'keytool -importkeystore -srckeystore FILE -srcstoretype BCFKS'],
] as const)('%s is named, with the way out of it', async (name, what, next) => {
  expect((await read(bytesOf(name), 'secret1')).instead).toMatchObject({
    what: expect.stringContaining(what),
    next: expect.stringContaining(next),
  });
});
