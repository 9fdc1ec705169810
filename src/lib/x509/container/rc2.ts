/**
 * RC2 decryption in CBC mode (RFC 2268), for PKCS#12 files of old tools alone: OpenSSL 3 and so node:crypto no longer have the cipher
 * in their default provider, while most .p12 files made before 2022 protect their certificates with 40-bit RC2. Never used to encrypt.
 */

/** RFC 2268 §2: a permutation of 0..255 derived from the digits of pi. */
const PI_TABLE = Uint8Array.from(
  Buffer.from(
    'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
      '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
      '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
      '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
      '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
      'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
      '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
      '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
    'hex',
  ),
);

/** Expands a key to the 64 words of the schedule (RFC 2268 §2). */
function expandKey(key: Uint8Array, effectiveBits: number): Uint16Array {
  const bytes = new Uint8Array(128);
  bytes.set(key.subarray(0, 128));
  const table = (index: number): number => PI_TABLE[index & 0xff] as number;
  const at = (index: number): number => bytes[index] as number;
  for (let i = key.length; i < 128; i++) bytes[i] = table(at(i - 1) + at(i - key.length));
  const effectiveBytes = (effectiveBits + 7) >> 3;
  const mask = 0xff >> (8 * effectiveBytes - effectiveBits);
  bytes[128 - effectiveBytes] = table(at(128 - effectiveBytes) & mask);
  for (let i = 127 - effectiveBytes; i >= 0; i--) bytes[i] = table(at(i + 1) ^ at(i + effectiveBytes));
  return Uint16Array.from({ length: 64 }, (_, i) => at(2 * i) | (at(2 * i + 1) << 8));
}

const ROTATIONS = [1, 2, 3, 5] as const;

/** One 8-byte block backwards through the 18 rounds (RFC 2268 §4). */
function decryptBlock(words: Uint16Array, schedule: Uint16Array): void {
  const word = (index: number): number => words[index & 3] as number;
  let next = 63;
  const mixRound = (): void => {
    for (let i = 3; i >= 0; i--) {
      const rotation = ROTATIONS[i] as number;
      const rotated = ((word(i) >>> rotation) | (word(i) << (16 - rotation))) & 0xffff;
      const mixed = (word(i - 1 + 4) & word(i - 2 + 4)) + (~word(i - 1 + 4) & word(i - 3 + 4));
      words[i] = rotated - (schedule[next] as number) - mixed;
      next--;
    }
  };
  const mashRound = (): void => {
    for (let i = 3; i >= 0; i--) words[i] = word(i) - (schedule[word(i - 1 + 4) & 63] as number);
  };
  for (let round = 0; round < 5; round++) mixRound();
  mashRound();
  for (let round = 0; round < 6; round++) mixRound();
  mashRound();
  for (let round = 0; round < 5; round++) mixRound();
}

/**
 * Decrypts RC2-CBC and takes the PKCS#7 padding off.
 * @param effectiveBits effective key length: 40 or 128 in PKCS#12
 * @returns undefined when the length or the padding is wrong, which mostly means a wrong key
 */
export function decryptRc2Cbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array, effectiveBits: number): Uint8Array | undefined {
  if (data.length === 0 || data.length % 8 !== 0 || iv.length !== 8 || key.length === 0 || key.length > 128) return undefined;
  const schedule = expandKey(key, effectiveBits);
  const plain = new Uint8Array(data.length);
  const words = new Uint16Array(4);
  for (let start = 0; start < data.length; start += 8) {
    for (let i = 0; i < 4; i++) words[i] = (data[start + 2 * i] as number) | ((data[start + 2 * i + 1] as number) << 8);
    decryptBlock(words, schedule);
    for (let i = 0; i < 8; i++) {
      const chained = (start === 0 ? iv[i] : data[start - 8 + i]) as number;
      plain[start + i] = (((words[i >> 1] as number) >>> (8 * (i & 1))) & 0xff) ^ chained;
    }
  }
  const padding = plain[plain.length - 1] as number;
  if (padding < 1 || padding > 8 || plain.subarray(plain.length - padding).some((byte) => byte !== padding)) return undefined;
  return plain.subarray(0, plain.length - padding);
}
