/** NSS key log lines, `LABEL CLIENT_RANDOM_HEX SECRET_HEX`, as node's `keylog` event gives them. */

export interface KeyLogSecret {
  /** `CLIENT_RANDOM` (the TLS 1.2 master secret), `SERVER_HANDSHAKE_TRAFFIC_SECRET`, ... */
  label: string;
  /** Lower-case hex of ClientHello.random. */
  clientRandom: string;
  secret: Buffer;
}

/** One line, or undefined for a comment, an empty line or one that has not this form. */
export function readKeyLogLine(line: string): KeyLogSecret | undefined {
  const match = /^([A-Z0-9_]+) ([0-9a-fA-F]{64}) ((?:[0-9a-fA-F]{2})+)\s*$/.exec(line);
  if (!match) return undefined;
  return { label: match[1] as string, clientRandom: (match[2] as string).toLowerCase(), secret: Buffer.from(match[3] as string, 'hex') };
}

/** Secrets by label and client random. */
export class KeyLog {
  private readonly lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
  }

  /** The latest secret with that label for a ClientHello.random in lower-case hex. Read only when asked for: most never are. */
  find(label: string, clientRandom: string): Buffer | undefined {
    for (let i = this.lines.length - 1; i >= 0; i--) {
      const line = this.lines[i] as string;
      if (!line.startsWith(label) || line[label.length] !== ' ') continue;
      const entry = readKeyLogLine(line);
      if (entry?.clientRandom === clientRandom) return entry.secret;
    }
    return undefined;
  }
}
