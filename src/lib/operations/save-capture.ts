import { writeFileAtomic } from '../io/files.js';
import type { HandshakeRun } from '../observe/handshake.js';
import { pcapng } from '../tls/pcapng.js';

/** Writes the TLS secrets of all handshakes (NSS key log format, mode 0600). Gives a line for people. */
export function saveKeyLog(path: string, runs: readonly HandshakeRun[], force: boolean): string {
  const lines = runs.flatMap((run) => run.recording.keyLog);
  writeFileAtomic(path, lines.length === 0 ? '' : `${lines.join('\n')}\n`, { force });
  return `${path}: ${lines.length} secrets of ${runs.length} handshakes; whoever has them can read these connections`;
}

/** Writes the connections as a capture file with their secrets inside (pcapng, mode 0600). Gives a line for people. */
export function saveCapture(path: string, runs: readonly HandshakeRun[], application: string, force: boolean): string {
  const captured = runs.filter((run) => run.recording.events.length > 0);
  const bytes = pcapng(
    captured.map(({ record, recording }) => ({
      recording,
      startedAt: Date.parse(record.at),
      address: record.sent.address,
      port: record.sent.port,
    })),
    application,
  );
  writeFileAtomic(path, bytes, { force });
  return `${path}: ${captured.length} connections, secrets inside; wireshark ${path}`;
}
