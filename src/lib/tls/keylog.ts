/** Secrets by label and client random, from NSS key log lines, `LABEL CLIENT_RANDOM_HEX SECRET_HEX`, as node's `keylog` event gives them. */
export class KeyLog {
  private readonly lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
  }

  /**
   * The latest secret with that label (`CLIENT_RANDOM` for the TLS 1.2 master secret, `SERVER_HANDSHAKE_TRAFFIC_SECRET`, ...) for a
   * ClientHello.random in lower-case hex. Read only when asked for: most never are.
   */
  find(label: string, clientRandom: string): Buffer | undefined {
    const start = `${label} ${clientRandom} `;
    for (let i = this.lines.length - 1; i >= 0; i--) {
      const line = this.lines[i] as string;
      if (line.startsWith(start)) return Buffer.from(line.slice(start.length).trimEnd(), 'hex');
    }
    return undefined;
  }
}
