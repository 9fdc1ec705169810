import { isIPv4, isIPv6 } from 'node:net';

/** Octets of an IP address in text form: 4 or 16, or none when the text is no address. */
export function ipToBytes(text: string): Uint8Array {
  if (isIPv4(text)) return Uint8Array.from(text.split('.').map(Number));
  if (!isIPv6(text)) return new Uint8Array(0);
  // A dotted tail (::ffff:10.0.0.1) becomes two groups first.
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  let groups = text;
  if (tail !== null) {
    const [a, b, c, d] = (tail[2] as string).split('.').map(Number) as [number, number, number, number];
    groups = `${tail[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  }
  const [head = '', rest] = groups.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = rest === undefined || rest === '' ? [] : rest.split(':');
  const out = new Uint8Array(16);
  for (const [i, group] of before.entries()) writeGroup(out, i, group);
  for (const [i, group] of after.entries()) writeGroup(out, 8 - after.length + i, group);
  return out;
}

function writeGroup(out: Uint8Array, index: number, group: string): void {
  const value = Number.parseInt(group, 16);
  out[index * 2] = value >> 8;
  out[index * 2 + 1] = value & 0xff;
}

/** Address and mask of `10.0.0.0/8`, as a name constraint encodes them; undefined when the text is no range. */
export function ipRangeToBytes(text: string): Uint8Array | undefined {
  const parsed = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  const address = ipToBytes(parsed?.[1] ?? '');
  if (address.length === 0) return undefined;
  const bits = parsed?.[2] === undefined ? address.length * 8 : Number(parsed[2]);
  if (bits > address.length * 8) return undefined;
  const mask = new Uint8Array(address.length);
  for (let i = 0; i < bits; i++) mask[i >> 3] = (mask[i >> 3] as number) | (0x80 >> (i & 7));
  return Buffer.concat([address.map((octet, i) => octet & (mask[i] as number)), mask]);
}
